import type { LetterQuality } from '../event/decode.ts';
import type { FootfallEvent } from '../event/event.ts';
import { type Finding, WAYS_IN, type WayIn } from '../event/ways-in.ts';
import { getOrMake } from '../platform/counters.ts';
import { localDay } from '../platform/time.ts';
import type { Site } from '../sites/site.ts';
import type { Kept, QualityDelta } from './chunk-delta.ts';
import type { DeltaBuilder } from './delta-builder.ts';

/**
 * How well a site's events could be read, by the day of their receipt. An event that is counted adds to one of the first
 * two, a bot's to `bots`. What can't be counted is `kept` as a dead letter, or only `refused` beyond the daily limit.
 */
export const QUALITIES = ['as_it_came', 'put_right', 'kept', 'refused', 'bots'] as const;
export type Quality = (typeof QUALITIES)[number];

/** Records of programs that do not say how the event came in. */
export const OTHER_WAY = 'other';

/** How many samples of a finding a shard keeps. */
const SAMPLES = 3;
/** How many findings a shard counts separately for each day; further ones are added up as `(other)`. */
export const MAX_FINDINGS_A_DAY = 500;
/** The counter of a finding. */
export const FOUND = 'n';

/** The bytes of such letters for each event that a site may have: public keys can't fill the topic with large ones. */
const BYTES_A_LETTER = 10_000;

/** Whether a site's day has room for another letter, as `kept` says. */
export const hasRoom = (site: Site, kept: Kept, bytes: number): boolean =>
  kept.events < site.invalid_events_a_day && kept.bytes + bytes <= site.invalid_events_a_day * BYTES_A_LETTER;

/** `t|kept|segment`, the same string object each time. */
const totalFields = new Map<Quality, Map<string, string>>(
  QUALITIES.map((quality) => [
    quality,
    new Map([...WAYS_IN, OTHER_WAY].map((way) => [way, `t|${quality}|${way}`])),
  ]),
);

const wayOf = (via: WayIn | undefined): string =>
  via !== undefined && WAYS_IN.includes(via) ? via : OTHER_WAY;

/** `kept|segment|bad_amount|properties.total`. The path comes last, since it may hold any character. */
const findingField = (quality: Quality | 'noted', way: string, [code, path]: Finding) =>
  `${quality}|${way}|${code}|${path}`;

/** Reads {@link findingField}. */
export function readFindingField(field: string): {
  quality: string;
  via: string;
  code: string;
  path: string;
} {
  const [quality = '', via = '', code = '', ...path] = field.split('|');
  return { quality, via, code, path: path.join('|') };
}

/** Counts an event that is counted, or a bot's. */
export function countQuality(event: FootfallEvent, site: Site, builder: DeltaBuilder): void {
  const { via, put_right: findings = [], received, bot } = event;
  const quality = bot !== undefined ? 'bots' : findings.length > 0 ? 'put_right' : 'as_it_came';
  add(quality, { via, findings: bot === undefined ? findings : [], received }, site, builder);
}

/** Counts an event that is kept aside, or refused. */
export function countLetter(
  quality: 'kept' | 'refused',
  letter: LetterQuality,
  site: Site,
  builder: DeltaBuilder,
): void {
  add(quality, letter, site, builder);
}

/** What is worth knowing of events that are counted. */
const NOTES = {
  /** A further copy of an order that is counted already. */
  order_copy: 'transaction_id',
  /** A visitor who did not become the user, see join-guard.ts. */
  constant_user_id: 'user_id',
} as const;

/** Counts a note on an event. */
export function countNote(
  code: keyof typeof NOTES,
  { via, received }: Pick<FootfallEvent, 'via' | 'received'>,
  site: Site,
  builder: DeltaBuilder,
): void {
  addFinding('noted', wayOf(via), [code, NOTES[code]], qualityOf(received, site, builder), builder);
}

const qualityOf = (received: number, site: Site, builder: DeltaBuilder): QualityDelta =>
  (builder.day(site, localDay(received, site.zone)).quality ??= {
    totals: new Map(),
    findings: new Map(),
    samples: new Map(),
  });

function add(
  quality: Quality,
  { via, findings, received }: Pick<LetterQuality, 'via' | 'findings' | 'received'>,
  site: Site,
  builder: DeltaBuilder,
): void {
  const to = qualityOf(received, site, builder);
  const way = wayOf(via);
  builder.add(to.totals, totalFields.get(quality)!.get(way)!, 1);
  for (const finding of findings) addFinding(quality, way, finding, to, builder);
}

function addFinding(
  quality: Quality | 'noted',
  way: string,
  finding: Finding,
  { findings, samples }: QualityDelta,
  builder: DeltaBuilder,
): void {
  const field = findingField(quality, way, finding);
  builder.add(
    getOrMake(findings, field, () => new Map()),
    FOUND,
    1,
    3,
  );
  const sample = finding[2];
  if (sample === undefined) return;
  const key = `${field}|${slotOf(sample)}`;
  if (!samples.has(key)) builder.delta.cost++;
  samples.set(key, sample);
}

/** The same value always takes the same place, so that a common one does not displace the others. */
function slotOf(sample: string): number {
  let sum = 0;
  for (let i = 0; i < sample.length; i++) sum = (sum * 31 + sample.charCodeAt(i)) % 1_000_003;
  return sum % SAMPLES;
}
