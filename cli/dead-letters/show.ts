import type * as z from 'zod';
import type { countsAnswer, letterAnswer, lettersAnswer } from '../../shared/dead-letters/letter-schemas.ts';
import { tableLines } from '../report.ts';

/** Dead letters for people. */

/** What became of the letters that a command replayed or discarded. */
export interface Decision {
  done: number;
  /** Letters that had been replayed or discarded before. */
  already: { letter: string; status: string }[];
  refused: { letter: string; code: string; message: string }[];
}

export type ShownLetter = z.infer<typeof letterAnswer>;

export function countLines(counts: z.infer<typeof countsAnswer>['counts']): string[] {
  if (counts.length === 0) return ['There are no such dead letters.'];
  return tableLines([
    ['day', 'reason', 'site', 'status', 'letters', 'dropped'],
    ...counts.map(({ day, reason, site = '-', status, letters, dropped }) => [
      ...[day, reason, site, status, String(letters), String(dropped)],
    ]),
  ]);
}

export function letterLines(letters: z.infer<typeof lettersAnswer>['letters']): string[] {
  if (letters.length === 0) return ['There are no such dead letters.'];
  return tableLines([
    ['letter', 'at', 'status', 'reason', 'site', 'event'],
    ...letters.map(({ letter, at, status, reason, site = '-', name = '-' }) => [
      letter,
      at,
      status,
      reason,
      site,
      name,
    ]),
  ]);
}

export function shownLines(letter: ShownLetter): string[] {
  const { record, actions } = letter;
  const rows: [string, string | undefined][] = [
    ['status', letter.status],
    ['reason', `${letter.reason}: ${letter.detail}`],
    ['site', letter.site],
    ['event', letter.name],
    ['written', letter.at],
    ['received', letter.received],
    ['record', `partition ${record.partition}, offset ${record.offset} of ${record.topic}`],
    ['key', record.key],
    ['replay of', letter.replays],
    ['refused again', letter.became],
  ];
  return [
    letter.letter,
    ...rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(14)} ${value}`])),
    ...actions.map(
      ({ action, at, by, note }) => `  ${action.padEnd(14)} ${at} by ${by}${note ? `: ${note}` : ''}`,
    ),
    ...nowLines(letter),
    ...(letter.erased ? [] : ['', letter.text ?? `base64: ${letter.base64 ?? ''}`]),
  ];
}

/** What would become of a letter now. A letter that is replayed or discarded stays so. */
function nowLines({ erased, status, refused_now: now }: ShownLetter): string[] {
  const line = (text: string) => [`  ${'now'.padEnd(14)} ${text}`];
  if (erased) return line('the person was erased, so the letter is neither shown nor replayed');
  if (status !== 'open') return [];
  return line(now ? `refused as ${now.code}: ${now.message}` : 'would be counted');
}

/** Letters that are listed one by one. */
const LISTED = 20;

export function decisionLines(verb: 'replay' | 'discard', { done, already, refused }: Decision): string[] {
  const more = refused.length - LISTED;
  return [
    `${verb === 'replay' ? 'Replayed' : 'Discarded'}: ${done}. Already decided: ${already.length}. Refused: ${refused.length}.`,
    ...already.slice(0, LISTED).map(({ letter, status }) => `  ${letter}  is ${status} already`),
    ...refused.slice(0, LISTED).map(({ letter, code, message }) => `  ${letter}  ${code}  ${message}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
