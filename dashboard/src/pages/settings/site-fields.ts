import type { SiteChanges } from './use-site.ts';

/** A setting as the form shows it. Referrers and measurement ids have parts of their own. */
export interface SiteField {
  name:
    | 'name'
    | 'currency'
    | 'retention_days'
    | 'lateness_hours'
    | 'invalid_events_a_day'
    | 'allowed_origins';
  label: string;
  kind: 'text' | 'number' | 'list';
  /** Beside the input. */
  unit?: string;
  hint: string;
  limits?: { min: number; max: number };
}

export const SITE_FIELDS: readonly SiteField[] = [
  { name: 'name', label: 'Name', kind: 'text', hint: 'For people. Up to 200 characters.' },
  {
    ...{ name: 'currency', label: 'Currency', kind: 'text' },
    hint: 'A code of three letters, such as EUR. It is the currency of money that does not say its own, and the one that the pages show.',
  },
  {
    ...{ name: 'retention_days', label: 'Keep numbers', kind: 'number', unit: 'days' },
    limits: { min: 3, max: 36_500 },
    hint: 'How long the numbers of a day are kept after that day: 3 to 36,500. A change holds for what comes or changes from now on; what is stored keeps its expiry.',
  },
  {
    ...{ name: 'lateness_hours', label: 'Events may be late by', kind: 'number', unit: 'hours' },
    limits: { min: 1, max: 720 },
    hint: 'A later event becomes a dead letter, unless it is marked as history (backfill). 1 to 720, and not longer than numbers are kept.',
  },
  {
    ...{ name: 'invalid_events_a_day', label: 'Keep invalid events', kind: 'number', unit: 'a day' },
    limits: { min: 0, max: 100_000 },
    hint: 'How many events of a day (UTC) that can’t be read are kept, to be corrected and replayed. Further ones are only counted. 0 to 100,000.',
  },
  {
    ...{ name: 'allowed_origins', label: 'Web pages that may send', kind: 'list' },
    hint: 'One origin a line, such as https://shop.example or https://*.shop.example; up to 50. Empty: all pages. It keeps other pages from sending with your key. It is no lock: a program can claim any origin.',
  },
];

/** The lines of a text, without blanks and empty ones. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What stands in the input. */
export const textOf = (value: string | number | readonly string[] | undefined): string =>
  typeof value === 'object' ? value.join('\n') : String(value ?? '');

/** What is sent for the text of an input. A number that is none is sent as it is, so that the API says what is wrong. */
function sentFor(kind: SiteField['kind'], text: string): unknown {
  if (kind === 'list') return linesOf(text);
  if (kind === 'text' || text.trim() === '' || Number.isNaN(Number(text))) return text;
  return Number(text);
}

/** The settings that differ from what they were. */
export const changesOf = (before: Record<string, string>, after: Record<string, string>): SiteChanges =>
  Object.fromEntries(
    SITE_FIELDS.filter(({ name }) => before[name] !== after[name]).map(({ name, kind }) => [
      name,
      sentFor(kind, after[name] ?? ''),
    ]),
  );
