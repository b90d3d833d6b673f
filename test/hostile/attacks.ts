import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/**
 * What a tenant can do to an installation with a write key, which is public, and with its own read key. Each attack is
 * one request that is as heavy as it may be in one respect.
 */
export interface Attack {
  method: 'GET' | 'POST';
  target: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface Victim {
  measurementId: string;
}

const HOUR = 3_600_000;
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const below = (most: number) => Math.floor(Math.random() * most);
/** Texts of three bytes a letter, as long as they are kept. */
const wide = (n: number | string, length = 200) => `${n}`.padEnd(length, '語');
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const plain = (events: object[], headers: Record<string, string> = {}): Attack => {
  // A body may be packed, so what goes over the network is little.
  const body = gzipSync(JSON.stringify({ events }), { level: 1 });
  return { method: 'POST', target: '/v1/events', headers: { 'content-encoding': 'gzip', ...headers }, body };
};
const event = (fields: object) => ({ id: randomUUID(), ...fields });
const page = (n: number) =>
  `https://shop.example/${wide(n, 150)}?utm_source=${wide(n, 190)}&utm_medium=${wide(n, 190)}&utm_campaign=${wide(n, 190)}`;

/** A few users with as much history as there can be: visits, orders and carts with wide texts. */
function wideHistories(): Attack {
  const user = `wide-${below(40)}`;
  const events = times(150, (n) => {
    const hour = below(70);
    return n % 3 === 0
      ? event({
          ...{ name: 'purchase', user_id: user, currency: 'EUR', value: 10, timestamp: ago(hour * HOUR) },
          transaction_id: wide(below(400), 128),
          items: [{ item_id: wide(n, 100), quantity: 1, price: 10 }],
        })
      : event({
          ...{ name: 'page_view', user_id: user, page: page(below(1_000)), timestamp: ago(hour * HOUR) },
          referrer: `https://${wide('r', 20)}.example/${wide(n, 100)}`,
        });
  });
  return plain(events);
}

const manyUsers = (): Attack =>
  plain(times(330, () => event({ name: 'page_view', anonymous_id: randomUUID(), page: page(below(1e9)) })));

/** Everyone turns out to be one user. */
const constantIds = (): Attack =>
  plain(times(500, () => event({ name: 'identify', user_id: 'constant', anonymous_id: randomUUID() })));

/** A visitor with a long history becomes a user, and the history moves to another shard. */
function heavyJoins(): Attack {
  const visitor = randomUUID();
  const visits = times(120, (n) =>
    event({ name: 'page_view', anonymous_id: visitor, page: page(n), timestamp: ago((n * HOUR) / 2) }),
  );
  const user_id = Math.random() < 0.5 ? 'constant' : `joined-${below(5)}`;
  return plain([...visits, event({ name: 'identify', user_id, anonymous_id: visitor })]);
}

const tooLate = (): Attack =>
  plain(
    times(500, () =>
      event({ name: 'page_view', anonymous_id: randomUUID(), timestamp: '2020-01-01T00:00:00Z' }),
    ),
  );

const invalid = (): Attack =>
  plain([
    event({ name: 'page_view', anonymous_id: 'v' }),
    ...times(450, (n) => ({ name: '', user_id: n, [wide(n, 50)]: wide(n, 400) })),
  ]);

const hugeEvents = (): Attack =>
  plain(
    times(150, (n) =>
      event({
        ...{ name: `event_${below(1e9)}`, anonymous_id: `huge-${below(100)}`, page: page(n) },
        properties: Object.fromEntries(times(10, (k) => [`p${k}`, wide(n, 60)])),
      }),
    ),
  );

const userAgents = (): Attack =>
  plain(
    times(500, () =>
      event({
        ...{ name: 'page_view', anonymous_id: randomUUID() },
        user_agent: `Mozilla/5.0 ${['bot', 'Android ', '; a', 'iPhone '][below(4)]!.repeat(300)}${Math.random()}`,
      }),
    ),
    { 'user-agent': `bot${'; compatible'.repeat(100)}${Math.random()}` },
  );

/** Products without end: orders, views and carts of many lines. */
function manyItems(): Attack {
  const items = (count: number) =>
    times(count, () => {
      const item_id = randomUUID();
      return { item_id, item_name: wide(item_id, 60), item_category: item_id, price: 1, quantity: 1 };
    });
  return plain([
    event({
      ...{ name: 'purchase', anonymous_id: randomUUID(), currency: 'EUR', transaction_id: randomUUID() },
      items: items(1_500),
    }),
    ...times(4, () => event({ name: 'view_item', anonymous_id: randomUUID(), items: items(190) })),
    ...times(2, () =>
      event({ name: 'add_to_cart', anonymous_id: randomUUID(), currency: 'EUR', items: items(190) }),
    ),
  ]);
}

/** One order of many people, with refunds of all its lines. */
const oneOrder = (): Attack =>
  plain(
    times(300, (n) =>
      event({
        ...{ name: n % 2 ? 'purchase' : 'refund', anonymous_id: randomUUID(), currency: 'EUR' },
        transaction_id: `shared-${below(3)}`,
        items: [{ item_id: wide(n % 100, 100), quantity: 1, price: 5 }],
      }),
    ),
  );

const emptyItems = (): Attack =>
  plain(times(500, () => event({ name: 'view_item', anonymous_id: 'v', items: times(200, () => ({})) })));

/** Carts that are left: the sweep has to signal each. */
const leftCarts = (): Attack =>
  plain(
    times(400, () =>
      event({
        ...{ name: 'add_to_cart', anonymous_id: randomUUID(), currency: 'EUR', timestamp: ago(2 * HOUR) },
        items: [{ item_id: wide(below(1_000), 100), price: 5, quantity: 1 }],
      }),
    ),
  );

/** The id of another shop with a key of one's own. */
const idsOfTheVictim = ({ measurementId }: Victim): Attack => ({
  method: 'POST',
  target: `/mp/collect?measurement_id=${measurementId}&api_secret=attacker-write-key`,
  body: JSON.stringify({
    client_id: randomUUID(),
    events: times(25, () => ({
      name: 'purchase',
      params: { transaction_id: 'b-order-1', currency: 'EUR', value: 999 },
    })),
  }),
});

const hitsOfTheVictim = ({ measurementId }: Victim): Attack => ({
  method: 'POST',
  target: `/g/collect?v=2&tid=${measurementId}&cid=${randomUUID()}&write_key=attacker-write-key`,
  body: times(200, () => `en=purchase&ep.transaction_id=b-order-2&epn.value=999&cu=EUR`).join('\n'),
});

const segmentBatch = (): Attack => ({
  method: 'POST',
  target: '/v1/batch',
  body: JSON.stringify({
    writeKey: 'attacker-write-key',
    batch: times(400, (n) => ({
      ...{ type: 'track', event: 'Order Completed', messageId: randomUUID(), anonymousId: randomUUID() },
      properties: { order_id: `s-${below(1e6)}`, total: n, currency: 'EUR', products: times(3, () => ({})) },
    })),
  }),
});

const notJson = (): Attack => ({ method: 'POST', target: '/v1/events', body: '['.repeat(900_000) });

/** All requests that write. */
export const WRITES: Readonly<Record<string, (victim: Victim) => Attack>> = {
  ...{ wideHistories, manyUsers, constantIds, heavyJoins, tooLate, invalid, hugeEvents, userAgents },
  ...{ manyItems, oneOrder, emptyItems, leftCarts, idsOfTheVictim, hitsOfTheVictim, segmentBatch, notJson },
};

const METRICS = ['events', 'sessions', 'revenue', 'orders', 'users', 'bounce_rate', 'units', 'net'];
const DIMENSIONS = [
  'country',
  'page',
  'source',
  'campaign',
  'referrer',
  'category',
  'brand',
  'landing_page',
  'coupon',
  'bot',
];
const ZONES = ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kolkata', 'UTC', 'America/New_York'];
const some = (list: readonly string[]) => list[below(list.length)]!;
const day = (before: number) => ago(before * 24 * HOUR).slice(0, 10);
/** No answer to it is kept from before. */
const range = () => `from=${day(1 + below(1_000))}&to=${day(0)}`;

/** A question of the own site that is not answered from a cache. */
export const READS: Readonly<Record<string, () => string>> = {
  overview: () => `/v1/overview?${range()}&compare=previous`,
  series: () => `/v1/series?metric=${some(METRICS)}&grain=day&${range()}`,
  several: () =>
    `/v1/series?also=${METRICS.filter((one) => one !== 'users')}&grain=minute&from=${day(1)}&to=${day(0)}`,
  hours: () =>
    `/v1/series?metric=${some(METRICS)}&grain=hour&zone=${some(ZONES)}&from=${day(3)}&to=${day(0)}`,
  minutes: () => `/v1/series?metric=${some(METRICS)}&grain=minute&from=${day(1)}&to=${day(0)}`,
  products: () => `/v1/products?limit=1000&search=${below(1e6).toString(16)}&${range()}`,
  ranking: () => `/v1/products?metric=units&limit=${1 + below(1_000)}&${range()}`,
  breakdown: () => `/v1/breakdowns/${some(DIMENSIONS)}?limit=${1 + below(500)}&${range()}`,
  revenue: () => `/v1/revenue?by=day&${range()}`,
  unique: () => `/v1/users/unique?${range()}`,
  retention: () => `/v1/retention?period=day&${range()}`,
  customers: () => `/v1/customers?${range()}`,
  customerCohorts: () => `/v1/customers/cohorts?period=week&periods=54&${range()}`,
  funnel: () => `/v1/funnels/shop?${range()}`,
  funnelDays: () => `/v1/funnels/shop?interval=day&${range()}`,
  trending: () => `/v1/trending?half_life_hours=${1 + below(40)}&limit=100`,
  cartDays: () => `/v1/carts/daily?${range()}`,
  carts: () => `/v1/carts/abandoned?limit=${1 + below(1_000)}`,
  orders: () => `/v1/orders?limit=${1 + below(1_000)}&${range()}`,
  ordersTable: () => `/v1/orders?format=csv&from=${day(1 + below(5))}&to=${day(0)}`,
  user: () => `/v1/users/wide-${below(40)}`,
  interactions: () => `/v1/users/wide-${below(40)}/interactions?limit=1000&from=${day(3)}&to=${day(0)}`,
  quality: () => `/v1/quality?from=${day(1 + below(30))}&to=${day(0)}`,
  events: () => `/v1/events?grain=day&${range()}`,
  ledger: () => '/v1/ledger',
  live: () => '/v1/live',
};
