import { patchSchema } from '../../shared/dead-letters/prepare-replay.ts';
import { dimensionValue } from '../../shared/event/dimensions.ts';
import { readInstant } from '../../shared/event/timestamps.ts';
import { channelOf } from '../../shared/intake/enrich/channel.ts';
import { hostOf, trafficSource } from '../../shared/intake/enrich/traffic-source.ts';
import { agentOf } from '../../shared/intake/enrich/user-agent.ts';
import { trackedName } from '../../shared/intake/formats/segment/event-names.ts';
import { readDecimal } from '../../shared/intake/values/decimal.ts';
import { isNoPerson } from '../../shared/intake/values/placeholders.ts';
import { Random } from '../../shared/simulation/random.ts';
import { type Seed, seedsOf } from '../support/fuzz-seeds.ts';
import { collectRoutes } from '../support/routes.ts';
import { runs } from '../support/runs.ts';
import { costOf, fresh, MANY, plainRequest, repeat, SIZE, UNITS, widened } from '../support/wide-requests.ts';

/**
 * Write keys are public, so no byte of a request may cost much more than those of a plain one. Time is compared with that
 * of a plain request of the same size in the same process. `npm run test:fuzz` tries ten times as many requests.
 */
const SEED = Number(process.env.FOOTFALL_SEED ?? Date.now() % 2 ** 31);
/** How many times the processor time of a plain request is too much. A plain event is read without its schema. */
const RATIO = 120;
/** Bytes of an answer, besides those of the request, and of each event's verdict. */
const ANSWER = 60_000;
const VERDICT = 300;

let plain: number;
beforeAll(async () => {
  // The first ones include compiling.
  for (let n = 0; n < 5; n++) await costOf('POST', plainRequest);
  const { cpu, status } = await costOf('POST', plainRequest, 5);
  expect(status).toBe(202);
  plain = cpu;
});

async function expectCheap(method: string, make: () => Seed): Promise<void> {
  const { cpu, answer, status } = await costOf(method, make);
  const { target, headers, body = '' } = make();
  const times = { times: Math.ceil(cpu / plain), status, bytes: body.length + target.length };
  const most = ANSWER + VERDICT * MANY + times.bytes;
  if (cpu > RATIO * plain || answer > most) {
    console.log({ ...times, answer }, JSON.stringify({ target, headers, body }).slice(0, 3_000));
  }
  expect(times.times).toBeLessThanOrEqual(RATIO);
  expect(answer).toBeLessThanOrEqual(most);
}

const bearer = { authorization: 'Bearer shop-write-key' };
const basic = { authorization: `Basic ${btoa('shop-write-key:')}` };
const events = (list: unknown[]): Seed => ({
  target: '/v1/events',
  headers: bearer,
  body: JSON.stringify({ events: list }),
});
const batch = (list: unknown[], rest: object = {}): Seed => ({
  target: '/v1/batch',
  headers: basic,
  body: JSON.stringify({ ...rest, batch: list }),
});
const measured = (path: string, list: unknown[], rest: object = {}): Seed => ({
  target: `${path}?measurement_id=G-SHOP1&api_secret=shop-write-key`,
  headers: {},
  body: JSON.stringify({ client_id: '1', ...rest, events: list }),
});
const hits = (query: string, lines: string[]): Seed => ({
  target: `/g/collect?tid=G-SHOP1&cid=1.2&${query}`,
  headers: {},
  body: lines.join('\n'),
});
const view = { name: 'view_item', user_id: 'ada' };
const agents = (unit: string, before = '') =>
  events(repeat(400, () => ({ ...view, user_agent: (before + fresh() + unit.repeat(500)).slice(0, 450) })));
const named = (count: number, value: unknown) =>
  Object.fromEntries(repeat(count, (index) => [`k${index}`, value]));
const long = 'x'.repeat(100_000);

test.each<[string, () => Seed]>([
  ['lists of empty items', () => events(repeat(MANY, () => ({ ...view, items: repeat(120, () => ({})) })))],
  [
    'lists of numbers for items',
    () => events(repeat(MANY, () => ({ ...view, items: repeat(180, () => 1) }))),
  ],
  ['one list of empty items', () => events([{ ...view, items: repeat(65_000, () => ({})) }])],
  [
    'an order of lines of which the last are empty',
    () =>
      events([
        {
          ...view,
          name: 'purchase',
          items: [...repeat(2_000, () => ({ item_id: 1 })), ...repeat(55_000, () => ({}))],
        },
      ]),
  ],
  ['properties that are lists', () => events(repeat(MANY, () => ({ ...view, properties: named(40, []) })))],
  ['many properties', () => events(repeat(MANY, () => ({ ...view, properties: named(40, '') })))],
  [
    'amounts that are put right',
    () =>
      events(
        repeat(90, () => ({
          ...view,
          items: repeat(60, () => ({ item_id: 1, price: '$1', quantity: '$2' })),
        })),
      ),
  ],
  [
    'numbers that are none, below long names',
    () => ({
      ...events([]),
      body: `{"events":[{"${long}":{"${long}":[${repeat(20, () => 'NaN').join()}]}}]}`,
    }),
  ],
  [
    'numbers that are none, in each event',
    () => ({
      ...events([]),
      body: `{"events":[${repeat(MANY, () => `{"${'x'.repeat(300)}":[${repeat(20, () => 'NaN').join()}]}`).join()}]}`,
    }),
  ],
  ['user agents of bot…', () => agents('bot')],
  ['user agents of http…', () => agents('http', 'Mozilla/5.0 ')],
  ['user agents of Android …', () => agents('Android ', 'Mozilla/5.0 ')],
  [
    'empty products',
    () =>
      batch(
        repeat(MANY, () => ({
          ...{ type: 'track', event: 'Order Completed', userId: 'u' },
          properties: { products: repeat(100, () => ({})) },
        })),
      ),
  ],
  [
    'a wide context of a batch',
    () =>
      batch(
        repeat(MANY, () => ({ type: 'page', userId: 'u', context: { a: 1 } })),
        { context: named(950, 'x'.repeat(120)) },
      ),
  ],
  [
    'parameters with wrong names',
    () =>
      measured(
        '/mp/collect',
        repeat(25, () => ({ name: 'a', params: Object.fromEntries(repeat(500, (i) => [`1${i}`, 1])) })),
      ),
  ],
  [
    'items without a name',
    () =>
      measured(
        '/mp/collect',
        repeat(25, () => ({ name: 'a', params: { items: repeat(1_600, () => ({})) } })),
      ),
  ],
  [
    'items that are numbers',
    () =>
      measured(
        '/mp/collect',
        repeat(25, () => ({ name: 'a', params: { items: repeat(2_500, () => 1) } })),
      ),
  ],
  [
    'user properties with long wrong names',
    () =>
      measured('/mp/collect', [{ name: 'a' }], {
        user_properties: Object.fromEntries(repeat(900, (index) => [`${index}${'x'.repeat(120)}`, 1])),
      }),
  ],
  [
    'parameters in the query of many hits',
    () =>
      hits(
        repeat(490, (index) => `ep.${index}=1`).join('&'),
        repeat(MANY, (index) => `en=a&_p=1&_s=${index}`),
      ),
  ],
  [
    'items in the query of many hits',
    () =>
      hits(
        repeat(490, (index) => `pr${index}=`).join('&'),
        repeat(MANY, () => 'en=purchase'),
      ),
  ],
])('%s cost no more than plain events do', (_, make) => expectCheap('POST', make));

const routes = collectRoutes({} as never).filter(({ path }) => path !== '/f.js');

test.each(routes.map(({ method, path }) => ({ endpoint: `${method} ${path}`, method, path })))(
  `$endpoint: nothing that is made wide costs more (seed ${SEED})`,
  async ({ method, path }) => {
    const random = new Random(SEED);
    const seeds = seedsOf(method, path);
    expect(seeds.length).toBeGreaterThan(0);
    for (let n = 0; n < runs(6); n++) {
      const request = widened(random.pick(seeds), random);
      expect(Buffer.byteLength(request.body ?? '')).toBeLessThan(6 * SIZE + 1_000);
      await expectCheap(method, () => request);
    }
  },
  3_600_000,
);

/** What texts are read with, of any length that gets there. */
const readers: Readonly<Record<string, [longest: number, read: (text: string) => unknown]>> = {
  'a user agent': [1_000, (text) => agentOf(fresh() + text)],
  'an amount': [100, readDecimal],
  'a time': [100, (text) => readInstant(text)],
  'an id': [20_000, isNoPerson],
  'a referrer': [2_000, hostOf],
  'a page': [2_000, (text) => trafficSource(text, undefined)],
  'a source': [200, (text) => channelOf({ source: text, medium: text, campaign: text })],
  "Segment's name of an event": [20_000, trackedName],
  'a counted page': [2_000, (page) => dimensionValue({ page } as never, 'page')],
  'a counted referrer': [2_000, (referrer) => dimensionValue({ referrer } as never, 'referrer')],
  'a path of a patch': [2_000, (path) => patchSchema.safeParse([{ op: 'remove', path }])],
};

/** Processor time of reading a text, ms: the least of some, each of enough readings to be measured. */
function timeOf(read: (text: string) => unknown, text: string): number {
  let least = Infinity;
  for (let n = 0; n < 5; n++) {
    const before = performance.now();
    for (let again = 0; again < 10; again++) read(text);
    least = Math.min(least, (performance.now() - before) / 10);
  }
  return least;
}

/** By how much more the fourfold text may take: a pattern that looks again from each character takes 16 times as much. */
const GROWTH = 9;

test.each(Object.entries(readers))('reading %s takes as long as the text is', (_, [longest, read]) => {
  const slow: string[] = [];
  // As long as an event takes that its schema reads.
  const event = (3 * plain) / MANY;
  for (const unit of [...UNITS, 'cp\n', 'shop\n']) {
    for (const [before, after] of [
      ['', ''],
      ['', '\n~'],
      ['Mozilla/5.0 (', 'x'],
      ['https://', '~'],
      ['"', ''],
      ['$', 'x'],
    ] as const) {
      const text = (length: number) =>
        before + unit.repeat(Math.ceil(length / unit.length)).slice(0, length) + after;
      // What takes less than a whole event does not matter.
      const isSlow = () => {
        const time = timeOf(read, text(longest - 20));
        return time > event && time > GROWTH * timeOf(read, text((longest - 20) / 4));
      };
      if (isSlow() && isSlow() && isSlow()) slow.push(text(60));
    }
  }
  expect(slow).toEqual([]);
});
