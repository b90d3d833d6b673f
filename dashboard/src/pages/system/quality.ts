import type { DataOf } from '../../api/types.ts';

/** Sums over days of what `/v1/quality` answers by day, for the pages System and Settings. */

type Quality = DataOf<'/v1/quality'>;
export type WaySum = Omit<Quality['ways'][number], 'day'>;
export interface FindingSum extends Omit<Quality['findings'][number], 'day'> {
  id: string;
  /** The last day on which it was found. */
  last: string;
}

/** The ways in, as the API names them. */
const WAYS: Record<string, string> = {
  plain: 'Plain events',
  script: 'Browser snippet',
  segment: 'Segment',
  measurement_protocol: 'Measurement Protocol',
  gtag: 'gtag.js',
  import: 'Import',
  other: 'Written to Kafka',
};

/** @example wayLabel('script') // 'Browser snippet' */
export const wayLabel = (via: string): string => WAYS[via] ?? via;

/** Examples that are shown of a finding. */
const SAMPLES = 3;

/** By way in, the busiest first. */
export function waysOf({ ways }: Quality): WaySum[] {
  const sums = new Map<string, WaySum>();
  for (const { day: _, ...row } of ways) {
    const sum = sums.get(row.via);
    if (!sum) sums.set(row.via, { ...row });
    else for (const name of COUNTS) sum[name] += row[name];
  }
  return [...sums.values()].sort((a, b) => sentFor(b) - sentFor(a));
}

const COUNTS = ['as_it_came', 'put_right', 'kept', 'refused', 'bots'] as const;

/** Events that are counted. */
export const countedOf = ({ as_it_came, put_right }: WaySum): number => as_it_came + put_right;

/** Events that were to be counted: all but bots. */
export const sentFor = ({ as_it_came, put_right, kept, refused }: WaySum): number =>
  as_it_came + put_right + kept + refused;

/** By rule, field and way in, the most frequent first. */
export function findingsOf({ findings }: Quality): FindingSum[] {
  const sums = new Map<string, FindingSum>();
  for (const { day, ...row } of findings) {
    const id = JSON.stringify([row.via, row.quality, row.code, row.path]);
    const sum = sums.get(id);
    if (!sum) {
      sums.set(id, { ...row, id, last: day });
      continue;
    }
    sum.events += row.events;
    sum.samples = [...new Set([...sum.samples, ...row.samples])].slice(0, SAMPLES);
    if (day > sum.last) sum.last = day;
  }
  return [...sums.values()].sort((a, b) => b.events - a.events);
}
