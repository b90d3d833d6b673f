import { STORED_DIMENSIONS, type StoredDimension } from '../../event/dimensions.ts';
import { PRODUCT_COUNTS } from '../../fold/counter-names.ts';
import { SHOP_FUNNEL } from '../../funnels/definition.ts';
import type { ShardKeys } from '../../platform/redis/keys.ts';
import { DAY_MS, type Day, HOUR_MS } from '../../platform/time.ts';
import type { Site } from '../../sites/site.ts';
import { PRODUCTS } from './packed-day.ts';

/**
 * What is packed of a settled day. Readers (day-reader.ts) and the packer (day-packer.ts) know what is packed from here
 * only. Everything else stays as it is written.
 */

/**
 * Hashes of a day: the name of the key in keys.ts → of their section. A commit that writes to one of them sets the day in
 * `touched`, as ChunkWriter does: the packer knows by that alone whether a day has changed.
 */
export const DAY_SECTIONS = {
  day: 'd',
  gaps: 'g',
  secondOrders: 'so',
  cartDay: 'ct',
  hours: 'h',
} as const satisfies Partial<Record<keyof ShardKeys, string>>;

export const breakdownSection = (dimension: string) => `b:${dimension}`;
export const funnelSection = (funnel: string) => `f:${funnel}`;

/** Where the numbers of a day are. */
export interface Place {
  keys: ShardKeys;
  partition: number;
  site: Site;
  day: Day;
}

/** A key that is packed. */
export interface PackedPart {
  key: string;
  section: string;
  /** The column that the members of a sorted set have in their section; absent for a hash. */
  metric?: string;
  /** The dimension, of a hash whose values are counted separately up to a limit. */
  dimension?: StoredDimension;
}

/** All keys of a day that are packed into one container. @param currencies of the day */
export function partsOf({ keys, partition, site, day }: Place, currencies: readonly string[]): PackedPart[] {
  const { hours: _, ...hashes } = DAY_SECTIONS;
  const funnels = [SHOP_FUNNEL, ...site.funnels].map(({ key }) => key);
  const metrics = [
    ...PRODUCT_COUNTS,
    ...currencies.flatMap((currency) => [`revenue:${currency}`, `refunded:${currency}`]),
  ];
  return [
    ...Object.entries(hashes).map(([name, section]) => ({
      key: keys[name as keyof typeof hashes](partition, site.id, day),
      section,
    })),
    ...STORED_DIMENSIONS.map((dimension) => ({
      key: keys.breakdown(partition, site.id, day, dimension),
      section: breakdownSection(dimension),
      dimension,
    })),
    ...funnels.map((funnel) => ({
      key: keys.funnel(partition, site.id, funnel, day),
      section: funnelSection(funnel),
    })),
    ...metrics.map((metric) => ({
      key: keys.products(partition, site.id, day, metric),
      section: PRODUCTS,
      metric,
    })),
  ];
}

/** The hours of a day have a container of their own, since they expire earlier. */
export const hoursOf = ({ keys, partition, site, day }: Place): PackedPart => ({
  key: keys.hours(partition, site.id, day),
  section: DAY_SECTIONS.hours,
});

/**
 * From when on a day is packed, ms since the epoch: a day after the events that belong to it have come, in any zone. What
 * comes later (imports, joins, refunds, erasures) lies beside the packed day until it is packed again.
 */
export const settledAt = (day: Day, site: Site) => (day + 2) * DAY_MS + site.lateness_hours * HOUR_MS;
