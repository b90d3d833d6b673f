import type { DataOf } from '../../api/types.ts';

type Quality = DataOf<'/v1/quality'>;
export type Finding = Quality['findings'][number];

export const WAYS: Record<string, string> = {
  plain: 'Plain events',
  script: 'Browser snippet',
  segment: 'Segment',
  measurement_protocol: 'Measurement Protocol',
  gtag: 'gtag.js',
  import: 'Import',
  other: 'Written to Kafka',
};

export interface WaySum {
  via: string;
  as_it_came: number;
  put_right: number;
  kept: number;
  refused: number;
  bots: number;
}

/** The days of each way in, added up; the one with most events first. */
export function sumByWay({ ways }: Pick<Quality, 'ways'>): WaySum[] {
  const sums = new Map<string, WaySum>();
  for (const { via, as_it_came, put_right, kept, refused, bots } of ways) {
    const sum = sums.get(via) ?? { via, as_it_came: 0, put_right: 0, kept: 0, refused: 0, bots: 0 };
    sum.as_it_came += as_it_came;
    sum.put_right += put_right;
    sum.kept += kept;
    sum.refused += refused;
    sum.bots += bots;
    sums.set(via, sum);
  }
  return [...sums.values()].sort((a, b) => countedOf(b) - countedOf(a));
}

export const countedOf = ({ as_it_came, put_right }: WaySum): number => as_it_came + put_right;

export interface FindingSum {
  via: string;
  quality: Finding['quality'];
  code: string;
  path: string;
  events: number;
  samples: string[];
}

/** The days of each finding, added up; the most frequent first. */
export function sumFindings({ findings }: Pick<Quality, 'findings'>): FindingSum[] {
  const sums = new Map<string, FindingSum>();
  for (const { via, quality, code, path, events, samples } of findings) {
    const name = JSON.stringify([via, quality, code, path]);
    const sum = sums.get(name);
    if (!sum) sums.set(name, { via, quality, code, path: path ?? '', events, samples: samples.map(String) });
    else {
      sum.events += events;
      sum.samples = [...new Set([...sum.samples, ...samples.map(String)])].slice(0, 3);
    }
  }
  return [...sums.values()].sort((a, b) => b.events - a.events);
}
