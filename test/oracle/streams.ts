import fc from 'fast-check';
import { EVENT_VERSION, type FootfallEvent, type Item } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import type { FunnelDefinition } from '../../shared/funnels/definition.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { type Site, siteSchema } from '../../shared/sites/site.ts';

const HOUR = 3_600_000;

/** Instants at which the clocks of a zone change, ms since the epoch. */
const CLOCK_CHANGES: Record<string, string[]> = {
  'Europe/Madrid': ['2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z'],
  'America/New_York': ['2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z'],
  'Asia/Kolkata': ['2026-02-28T18:30:00Z'],
  // Half an hour of summer time.
  'Australia/Lord_Howe': ['2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z'],
  // Until 2011 the change was at 00:01, and in autumn it went back to the day before.
  'America/St_Johns': ['2026-03-08T05:30:00Z', '2010-11-07T02:31:00Z', '2010-03-14T03:31:00Z'],
  // Skipped the 30th of December 2011.
  'Pacific/Apia': ['2011-12-30T10:00:00Z'],
};

/** A site in each of several zones with unusual calendars. */
export const hardSites: Site[] = Object.keys(CLOCK_CHANGES).map((zone) =>
  siteSchema.parse({
    id: zone.toLowerCase().replaceAll(/[^a-z]/g, '-'),
    zone,
    currency: 'EUR',
    retention_days: 36_500,
  }),
);

/** Midnights that end a month, a leap February and a year, in UTC; jitter carries them into every zone. */
const MIDNIGHTS = ['2024-03-01T00:00:00Z', '2026-05-01T00:00:00Z', '2027-01-01T00:00:00Z'];

const NAMES = [
  'view_item',
  'select_item',
  'add_to_cart',
  'purchase',
  'purchase',
  'refund',
  'view_item_list',
  'search',
  'page_view',
  'begin_checkout',
  'add_shipping_info',
  'add_payment_info',
  'remove_from_cart',
  'view_cart',
  'page_view',
  'screen_view',
  // Those that nobody's doing causes.
  'user_engagement',
  'session_start',
  'scroll',
  // Names of members of every JavaScript object.
  'constructor',
  'toString',
];
/** By id. Each has one name, if any: which of several is shown depends on which came last. */
export const PRODUCTS = new Map([
  ['p1', 'Shoe'],
  ['p2', 'Zapato ñ'],
  ['p3', 'shoe'],
  ['__proto__', 'constructor'],
  ['constructor', 'Scarf'],
  ['a|b', 'a|b'],
  ['ñ 商品', '商品'],
  ['7', 'Seven'],
]);
const COUNTRIES = ['ES', 'US', 'United Kingdom', 'a|b', '__proto__'];
/** Of visitors who refused consent. These spread their events over shards and name no person. */
export const NOBODIES = ['~nobody-0', '~nobody-1', '~nobody-2', '~nobody-3'];
const COUPONS = ['MAY', '__proto__', 'a|b'];
export const TRANSACTIONS = ['t1', 't1', 't2', '__proto__', 'ñ 商品'];
/** Purchases that name the same order of a site. Of one person Footfall compares ten. */
const MAX_COPIES = 10;
export const USERS = ['u1', 'u2', 'u3', 'ana:maría', '__proto__', '😀 {p1}', 'u7', 'u8'];

const VISITS: Partial<FootfallEvent>[] = [
  {
    source: 'google',
    medium: 'organic',
    channel: 'Organic Search',
    referrer: 'https://www.google.com/search?q=shoes',
  },
  {
    source: 'newsletter',
    medium: 'email',
    campaign: 'spring',
    channel: 'Email',
    device: 'mobile',
    browser: 'Safari',
    os: 'iOS',
  },
  // From a program without channels, and from one with nothing else.
  { source: '(not set)', device: 'desktop', browser: 'a|b', os: '__proto__' },
  { medium: 'cpc', channel: '__proto__' },
  { channel: 'Referral' },
];

/** Funnels that sites define: by session and with filters, and with a window that ends some chains. */
export const FUNNELS: FunnelDefinition[] = [
  {
    id: 'shoes',
    name: 'Shoes',
    key: 'shoes.1',
    by: 'session',
    window_hours: 24,
    effective_from: 0,
    steps: [
      { event: 'view_item' },
      { event: 'view_item', filters: [{ field: 'category', value: 'shoes' }] },
      { event: 'add_to_cart' },
    ],
  },
  {
    id: 'hour',
    name: 'Within the hour',
    key: 'hour.1',
    by: 'user',
    window_hours: 1,
    effective_from: 0,
    steps: [{ event: 'page_view', filters: [{ field: 'page', value: '/zapatos' }] }, { event: 'purchase' }],
  },
];

/** Ten seconds of doing something make a visit more than a glance. */
const STEPS = fc.constantFrom(-1, 0, 0, 1, 5_000, 9_999, 10_000);

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const item: fc.Arbitrary<Item> = fc
  .record({
    id: fc.constantFrom(...PRODUCTS.keys()),
    quantity: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(-2, 0.1, 0.2, 1.005, -0.001)),
    amount: optional(fc.integer({ min: -500, max: 100_000 })),
    isNamed: fc.boolean(),
    category: optional(fc.constantFrom('shoes', '__proto__', 'a|b', '(not set)')),
    brand: optional(fc.constantFrom('Ñandú', 'constructor')),
    discount: fc.option(fc.constantFrom(0, 250, 1_000), { nil: undefined, freq: 1 }),
    coupon: fc.option(fc.constantFrom(...COUPONS), { nil: undefined, freq: 1 }),
  })
  .map(({ isNamed, ...rest }) =>
    withoutAbsent({ ...rest, name: isNamed ? PRODUCTS.get(rest.id) : undefined }),
  );

const part = fc.option(fc.constantFrom(0, 1, 499, 1_000), { nil: undefined, freq: 1 });

export interface StreamOptions {
  sites?: Site[];
  /** The stream's events were received from here on, ms; a clock change of one of the zones when absent. */
  receivedFrom?: number;
  /** … and for so long, ms; 70 h when absent. Ids are remembered for 72 h. */
  receivedFor?: number;
  /** Instants around which events of history happened, ms; the hard ones of all zones when absent. */
  history?: number[];
  maxEvents?: number;
  /** Some visitors are identified: their shards then send records to others, which the test has to deliver. */
  identities?: boolean;
  /**
   * Purchases and refunds name orders: several name the same one, under any id, from browsers and servers. Shards then
   * send records to each other, which the test has to deliver.
   */
  orders?: boolean;
}

/**
 * Events of a few users, as they might arrive within three days: around changes of clocks, midnights and month
 * ends, with the same ts now and then, late, from history, and each id now and then a second time.
 */
export function eventStream(options: StreamOptions = {}): fc.Arbitrary<FootfallEvent[]> {
  const { sites = hardSites, maxEvents = 60, identities = false, receivedFor = 70 * HOUR } = options;
  const { orders = false } = options;
  const changes = Object.values(CLOCK_CHANGES).flat();
  const instant = fc.constantFrom(...[...changes, ...MIDNIGHTS].map((text) => Date.parse(text)));
  const past = options.history ? fc.constantFrom(...options.history) : instant;
  const receivedFrom = options.receivedFrom === undefined ? instant : fc.constant(options.receivedFrom);
  const one = fc.record({
    site: fc.constantFrom(...sites),
    user: fc.constantFrom(...USERS),
    known: fc.boolean(),
    name: orders
      ? fc.oneof(
          { weight: 2, arbitrary: fc.constantFrom(...NAMES) },
          { weight: 1, arbitrary: fc.constantFrom('purchase', 'refund') },
        )
      : fc.constantFrom(...NAMES),
    // The time of receipt, since the start; and the time of the event: earlier, or an instant of history.
    receivedAfter: fc.integer({ min: 0, max: receivedFor }),
    age: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: -5 * 60_000, max: 3 * HOUR }) },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 75 * HOUR }) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
    history: optional(past),
    jitter: fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -3 * HOUR, max: 3 * HOUR })),
    // Without fractions of a second several events have the same time.
    coarse: fc.boolean(),
    items: optional(fc.array(item, { maxLength: 3 })),
    // So large that it is a chunk of its own.
    times: fc.integer({ min: 0, max: 39 }).map((n) => (n === 0 ? 100 : 1)),
    currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'JPY', 'KWD'),
    parts: fc.record({ discount: part, shipping: part, tax: part }),
    coupon: fc.option(fc.constantFrom(...COUPONS), { nil: undefined, freq: 1 }),
    value: optional(fc.integer({ min: -1_000, max: 1_000_000 })),
    country: optional(fc.constantFrom(...COUNTRIES)),
    page: optional(fc.constantFrom('/', '/zapatos', 'https://shop.example/zapatos?talla=42#top')),
    visit: optional(fc.constantFrom<Partial<FootfallEvent>>(...VISITS)),
    search_term: optional(fc.constantFrom('red shoes', 'a|b')),
    // Steps of ten minutes, and now and then a little more or less: three of them are a session's pause.
    step: optional(fc.record({ tens: fc.integer({ min: 0, max: 30 }), ms: STEPS })),
    identifies: fc.constantFrom(undefined, undefined, undefined, undefined, 'u1', 'u2'),
    transaction: orders
      ? fc.option(fc.constantFrom(...TRANSACTIONS), { nil: undefined, freq: 6 })
      : fc.constant(undefined),
    // Of a refund: names only its order; or of what there is its lines, or its value.
    says: fc.constantFrom('nothing', 'lines', 'value', 'all'),
    // Lines without amounts.
    isUnpriced: fc.boolean(),
    server: fc.integer({ min: 0, max: 4 }).map((n) => n === 4),
    session: optional(fc.constantFrom('s1', 's2', '__proto__')),
    engaged: optional(fc.constantFrom(0, 1, 4_000, 6_000, 9_999, 10_000)),
    nobody: fc.constantFrom(...Array<undefined>(24).fill(undefined), ...NOBODIES),
    props: optional(fc.constantFrom<FootfallEvent['props']>({ size: 42, gift: true }, { note: 'a\nb' })),
    again: fc.integer({ min: 0, max: 9 }),
    // Also under the ids of people, and some of these are identified.
    bot: fc.constantFrom(...Array<undefined>(20).fill(undefined), 'Googlebot', 'a|b', '__proto__'),
  });
  return fc
    .tuple(receivedFrom, fc.array(one, { minLength: 1, maxLength: maxEvents, size: 'max' }))
    .map(([start, raw]) => {
      const copies = new Map<string, number>();
      return raw.flatMap((spec, i) => {
        const received = start + spec.receivedAfter;
        const { step } = spec;
        const stepped = step && start - (step.tens - 15) * 600_000 + step.ms;
        const happened =
          stepped !== undefined && stepped <= received
            ? stepped
            : spec.history === undefined
              ? received - spec.age
              : spec.history + spec.jitter;
        const ts = spec.coarse && stepped === undefined ? Math.round(happened / 10_000) * 10_000 : happened;
        const isOld = received - ts > 72 * HOUR;
        // With identities u1 and u2 are accounts, and the others visitors.
        const known = !spec.nobody && (identities ? /^u[12]$/.test(spec.user) : spec.known);
        const identifies =
          !identities || known || spec.nobody || spec.user === spec.identifies ? undefined : spec.identifies;
        const name = identifies === undefined ? spec.name : 'identify';
        const order = JSON.stringify([spec.site.id, spec.transaction]);
        if (name === 'purchase') copies.set(order, (copies.get(order) ?? 0) + 1);
        const transaction =
          name === 'purchase' && copies.get(order)! > MAX_COPIES ? undefined : spec.transaction;
        const isRefund = name === 'refund' && transaction !== undefined;
        const hasItems = !isRefund || spec.says === 'lines' || spec.says === 'all';
        const hasValue = !isRefund || spec.says === 'value' || spec.says === 'all';
        const isUnpriced = transaction !== undefined && spec.isUnpriced;
        const lines = isUnpriced ? spec.items?.map(withoutAmount) : spec.items;
        const items = hasItems ? lines : undefined;
        const value = hasValue ? spec.value : undefined;
        const isPriced = ({ amount, discount }: Item) => amount !== undefined || discount !== undefined;
        const isSplit = Object.values(spec.parts).some((one) => one !== undefined);
        const hasMoney = value !== undefined || isSplit || items?.some(isPriced);
        // Of a cart 200 lines are remembered, and of orders.
        const times = spec.name.endsWith('_cart') || spec.transaction !== undefined ? 1 : spec.times;
        const event: FootfallEvent = withoutAbsent({
          ...spec.visit,
          v: EVENT_VERSION,
          id: `id-${i}`,
          site: spec.site.id,
          user: spec.nobody ?? spec.user,
          personless: spec.nobody === undefined ? undefined : (true as const),
          server: spec.server ? (true as const) : undefined,
          session_id: spec.session,
          engaged_ms: spec.engaged,
          known: known ? (true as const) : undefined,
          name,
          identifies,
          ts,
          received,
          backfill: isOld ? (true as const) : undefined,
          items: items && Array.from({ length: times }, () => items).flat(),
          currency: hasMoney || spec.coarse ? spec.currency : undefined,
          value,
          ...spec.parts,
          coupon: spec.coupon,
          via: spec.server ? 'plain' : undefined,
          transaction_id: transaction,
          country: spec.country,
          page: spec.page,
          search_term: spec.search_term,
          props: spec.nobody === undefined ? spec.props : undefined,
          bot: spec.bot,
        });
        return spec.again === 9 ? [event, event] : [event];
      });
    });
}

/** A stream and the same events in another order, as other brokers and clients would have sent them. */
export function shuffled(stream: fc.Arbitrary<FootfallEvent[]>) {
  return stream.chain((events) =>
    fc.record({
      events: fc.constant(events),
      other: fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length }),
    }),
  );
}

/** Where a partition is cut into batches: takes 1 to this many records each time, in turn. */
export const batchSizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });

export function cut<T>(list: readonly T[], sizes: readonly number[]): T[][] {
  const batches: T[][] = [];
  for (let from = 0, i = 0; from < list.length; i++) {
    const size = sizes[i % sizes.length]!;
    batches.push(list.slice(from, from + size));
    from += size;
  }
  return batches;
}

/** The records of each partition as Lambda would hand them over, with offsets from 0. */
export function recordsOf(events: readonly FootfallEvent[], partitions: number): KafkaRecord[][] {
  const records: KafkaRecord[][] = Array.from({ length: partitions }, () => []);
  for (const event of events) {
    const partition = partitionOf(`${event.site}:${event.user}`, partitions);
    records[partition]!.push(recordOf(JSON.stringify(event), partition, records[partition]!.length));
  }
  return records;
}

export function recordOf(
  value: string | Buffer,
  partition: number,
  offset: number,
  key = rightKey(value),
): KafkaRecord {
  return {
    topic: 'events',
    partition,
    offset,
    timestamp: 1_700_000_000_000 + offset,
    ...(key !== undefined && { key: Buffer.from(key).toString('base64') }),
    value: Buffer.from(value).toString('base64'),
  };
}

const withoutAmount = ({ amount: _, ...rest }: Item): Item => rest;

function withoutAbsent<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined)) as never;
}

/** The key that an event's record has; none where the value names no user. */
function rightKey(value: string | Buffer): string | undefined {
  try {
    const { site, user } = JSON.parse(value.toString());
    return typeof site === 'string' && typeof user === 'string' ? `${site}:${user}` : undefined;
  } catch {
    return undefined;
  }
}
