import type { FootfallEvent } from '../../shared/event/event.ts';
import { invalidUser, type RawFormat } from '../../shared/event/invalid.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import {
  BACKFILL,
  type Desk,
  type LetterShop,
  longAgo,
  openLetterShop,
  shop,
} from '../support/dead-letters.ts';

let offset = 0;
/** Each of another record: a shard takes what one leads to only once. */
const sent = () => ({
  origin: { partition: 0, offset: offset++, part: 0, generation: String(STATE_FORMAT) },
});
const claim = { ts: 1, id: 'e', by: 'zoe' };

/** Records that are too late, and name the person in another field than `user`. */
const TOLD: [string, Partial<FootfallEvent>][] = [
  ['identifies', { identifies: 'zoe' }],
  ['visitor', { visitor: 'zoe', ...sent() }],
  ['returned', { returned: 'zoe', ...sent() }],
  ['joins', { joins: { user: 'zoe', state: 'AAAA' }, ...sent() }],
  ['a copy of an order', { order: { kind: 'copy', by: 'zoe' }, ...sent() }],
  [
    'whose visit an order is',
    { order: { kind: 'verdict', version: 1, visit: claim, refunded: [] }, ...sent() },
  ],
  ['whose order it is', { order: { kind: 'verdict', version: 1, buyer: claim, refunded: [] }, ...sent() }],
  ['the release of an order', { order: { kind: 'release', people: ['bo', 'zoe'] }, ...sent() }],
];

/** Events that were not understood, in each format, wherever it holds an id of a person. */
const SENT: [string, RawFormat, object][] = [
  ['user_id', 'plain', { name: 'a b', user_id: 'zoe' }],
  ['anonymous_id', 'plain', { name: 'a b', anonymous_id: 'zoe', user_id: 'bo' }],
  ['userId', 'segment', { type: 'track', event: 'a', userId: 'zoe' }],
  ['anonymousId', 'segment', { type: 'track', event: 'a', anonymousId: 'zoe' }],
  ['previousId', 'segment', { type: 'alias', previousId: 'zoe', userId: 'bo' }],
  ['from', 'segment', { type: 'alias', from: 'zoe', to: 'bo' }],
  ['to', 'segment', { type: 'alias', from: 'bo', to: 'zoe' }],
  ['traits', 'segment', { type: 'track', event: 'a', userId: 'bo', context: { traits: { userId: 'zoe' } } }],
  ['client_id', 'measurement_protocol', { client_id: 'zoe', events: [{ name: 'a b' }] }],
  ['app_instance_id', 'measurement_protocol', { app_instance_id: 'zoe', events: [{ name: 'a b' }] }],
  ['user_id', 'measurement_protocol', { client_id: '1.2', user_id: 'zoe', events: [{ name: 'a b' }] }],
  [
    'a parameter',
    'measurement_protocol',
    { client_id: '1.2', events: [{ name: 'a b', params: { user_id: 'zoe' } }] },
  ],
  ['cid', 'gtag', { en: 'a b', cid: 'zoe' }],
  ['uid', 'gtag', { en: 'a b', cid: '1.2', uid: 'zoe' }],
  ['a parameter', 'gtag', { en: 'a b', cid: '1.2', 'ep.user_id': 'zoe' }],
];

const invalidOf = (format: RawFormat, event: object) => {
  const received = Date.now();
  const user = invalidUser(received);
  const invalid = { format, path: 'name', message: 'must be a name', findings: [], event };
  const record = { v: 1, site: shop.id, user, received, via: format, invalid };
  return { key: userKey(record), bytes: Buffer.from(JSON.stringify(record)) };
};

describe('after a person was erased', () => {
  let world: LetterShop;
  let desk: Desk;
  const letters = new Map<string, string>();
  let own: string;

  const show = async (letter: string) => (await desk.ask('GET', `/v1/dead-letters/${letter}`)).body.data;
  const replay = async (letter: string, change: object) =>
    (await desk.ask('POST', '/v1/dead-letters/replay', { letters: [letter], ...change })).body.errors;

  beforeAll(async () => {
    world = await openLetterShop([shop]);
    const send = async (name: string, one: Parameters<LetterShop['send']>[0]) => {
      const [letter] = await world.send(one);
      letters.set(name, letter!);
    };
    for (const [name, fields] of TOLD) await send(name, { ts: longAgo(), user: 'bo', ...fields });
    for (const [name, format, event] of SENT) await send(`${format}: ${name}`, invalidOf(format, event));
    await send('no event', {
      key: 'shop:bo',
      bytes: Buffer.from(JSON.stringify({ v: 1, received: 7, user: 'zoe' })),
    });
    [own] = (await world.send({ ts: longAgo(), user: 'zoe' })) as [string];
    await world.apply();
    const now = Date.now();
    await world.send({
      ...{ id: 'r-1', user: 'zoe', name: 'erasure', ts: now, received: now, backfill: true },
      erases: { receipt: 'r-1', of: 1 },
    });
    await world.apply();
    desk = world.desk();
  });

  test.each([
    ...TOLD.map(([name]) => name),
    ...SENT.map(([name, format]) => `${format}: ${name}`),
    'no event',
  ])('a letter that names them is not shown: %s', async (name) => {
    const data = await show(letters.get(name)!);
    expect(data).toMatchObject({ letter: letters.get(name), erased: true });
    expect(JSON.stringify(data)).not.toContain('zoe');
  });

  test('their letter is not replayed as an event of another person', async () => {
    const patch = [...BACKFILL, { op: 'replace', path: '/user', value: 'bo' }];
    expect(await replay(own, { patch })).toMatchObject([{ code: 'erased' }]);
    const event = {
      v: 1,
      id: 'e',
      site: 'shop',
      user: 'bo',
      name: 'search',
      ts: Date.now(),
      received: Date.now(),
    };
    expect(await replay(own, { event })).toMatchObject([{ code: 'erased' }]);
    const raw = letters.get('plain: anonymous_id')!;
    const without = [
      { op: 'replace', path: '/name', value: 'search' },
      { op: 'remove', path: '/anonymous_id' },
    ];
    expect(await replay(raw, { patch: without })).toMatchObject([{ code: 'erased' }]);
  });

  test('no refusal tells what their letter holds', async () => {
    for (const value of ['zoe', 'bo']) {
      const patch = [{ op: 'test', path: '/user', value }];
      expect(await replay(own, { patch })).toMatchObject([{ code: 'erased' }]);
    }
  });

  test('no letter becomes an event that joins a visitor to them', async () => {
    const [letter] = await world.send({ ts: longAgo(), user: 'cy' });
    await world.apply();
    const patch = [...BACKFILL, { op: 'add', path: '/identifies', value: 'zoe' }];
    expect(await replay(letter!, { patch })).toMatchObject([{ code: 'erased' }]);
  });

  test('letters of others, and what came after the erasure, are shown', async () => {
    const [other] = await world.send({ ts: longAgo(), user: 'bo', identifies: 'cy' });
    const [back] = await world.send({ user: 'zoe', name: 'no name' });
    const [raw] = await world.send(invalidOf('plain', { name: 'a b', user_id: 'zoe' }));
    await world.apply();
    for (const letter of [other!, back!, raw!]) {
      const data = await show(letter);
      expect(data).toMatchObject({ text: expect.any(String) });
      expect(data).not.toHaveProperty('erased');
    }
  });
});
