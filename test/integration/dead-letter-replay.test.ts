import { applyRecords } from '../../shared/aggregate/apply-records.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { openConsumer } from '../support/consumer.ts';
import {
  BACKFILL,
  by,
  Crash,
  crashAt,
  type Desk,
  type LetterShop,
  late,
  longAgo,
  openLetterShop,
  shop,
} from '../support/dead-letters.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a dead letter of each kind', () => {
  let world: LetterShop;
  let desk: Desk;
  let [young, old, misplaced, broken, strange, foreign]: (string | undefined)[] = [];

  beforeAll(async () => {
    world = await openLetterShop([shop]);
    desk = world.desk();
    [young] = await world.send({ site: 'late', user: 'bo', name: 'purchase' });
    [old] = await world.send({ ts: longAgo() });
    [misplaced] = await world.send({ key: 'shop:someone-else' });
    [broken] = await world.send({ bytes: Buffer.from([0xff, 0x00, 0x7b]) });
    [strange] = await world.send({ name: 'not a name' });
    [foreign] = await world.send({ v: 9 as never });
    await world.apply();
  });

  test('is listed with its reason', async () => {
    const { body } = await desk.ask('GET', '/v1/dead-letters');
    const found = new Map(body.data.letters.map((one) => [one.letter, one]));
    expect(found.size).toBe(6);
    const reasons = [young, old, misplaced, broken, strange, foreign].map(
      (letter) => found.get(letter!)?.reason,
    );
    expect(reasons).toEqual([
      'unknown_site',
      'too_late',
      'wrong_key',
      'not_json',
      'not_an_event',
      'unknown_version',
    ]);
    expect(found.get(young!)).toMatchObject({ site: 'late', name: 'purchase', status: 'open', actions: [] });
    expect(found.get(broken!)).not.toHaveProperty('site');
  });

  test('is shown with its record', async () => {
    const shown = await desk.ask('GET', `/v1/dead-letters/${broken}`);
    expect(shown.body.data).toMatchObject({ base64: '/wB7', refused_now: { code: 'not_json' } });
    expect(shown.body.data).not.toHaveProperty('text');
    expect(shown.headers['cache-control']).toBe('no-store');
    const misplacedShown = (await desk.ask('GET', `/v1/dead-letters/${misplaced}`)).body.data;
    expect(misplacedShown).toMatchObject({ record: { key: 'shop:someone-else' } });
    // A replay gets the key of its event.
    expect(misplacedShown).not.toHaveProperty('refused_now');
    expect(JSON.parse(misplacedShown.text as string)).toMatchObject({ user: 'ana' });
  });

  // Without a patch and while the site is unknown, all but the one with a wrong key would be refused again.
  test('is not replayed while it would be refused again', async () => {
    const refused = await desk.ask('POST', '/v1/dead-letters/replay', {
      letters: [young, old, broken, strange, foreign],
    });
    expect([refused.status, refused.body.code]).toEqual([422, 'not_replayable']);
    expect(refused.body.errors!.map(({ code }) => code)).toEqual([
      ...['unknown_site', 'too_late', 'not_json', 'not_an_event', 'unknown_version'],
    ]);
    await world.apply();
    expect((await world.ledger())['shop:applied']).toBeUndefined();
  });

  test('is counted after a replay that puts it right', async () => {
    world.know([shop, late]);
    const replay = async (letter: string | undefined, change: object = {}) => {
      const answer = await desk.ask('POST', '/v1/dead-letters/replay', { letters: [letter], ...change });
      expect(answer.body.data).toMatchObject({ replayed: 1, refused: [], already: [] });
    };
    await replay(young);
    await replay(old, { patch: BACKFILL, note: 'The tills were offline' });
    await replay(misplaced);
    const { ts, received } = { ts: Date.now(), received: Date.now() };
    await replay(broken, {
      event: { v: 1, id: 'b', site: 'shop', user: 'cy', name: 'search', ts, received },
    });
    await replay(strange, { patch: [{ op: 'replace', path: '/name', value: 'a_name' }] });
    await replay(foreign, {
      patch: [
        { op: 'test', path: '/v', value: 9 },
        { op: 'replace', path: '/v', value: 1 },
      ],
    });
    await world.apply();
    expect(await world.ledger()).toMatchObject({ 'shop:applied': 5, 'late:applied': 1 });
  });

  test('is not counted by a second replay', async () => {
    const again = await desk.ask('POST', '/v1/dead-letters/replay', {
      letters: [young, old],
      patch: BACKFILL,
    });
    expect(again.body.data).toMatchObject({
      replayed: 0,
      already: [{ status: 'replayed' }, { status: 'replayed' }],
    });
    await world.apply();
    expect(await world.ledger()).toMatchObject({ 'shop:applied': 5, 'late:applied': 1 });
  });

  test('keeps the history of its replay', async () => {
    const { data } = (await desk.ask('GET', `/v1/dead-letters/${old}`)).body;
    expect(data).toMatchObject({
      status: 'replayed',
      actions: [
        { action: 'replay', by: 'installation', note: 'The tills were offline' },
        { action: 'done', by: 'installation' },
      ],
    });
    const counts = (await desk.ask('GET', '/v1/dead-letters/counts')).body.data;
    expect(counts.open).toBe(0);
    expect(counts.counts).toHaveLength(6);
    expect(new Set(counts.counts.map(({ status }) => status))).toEqual(new Set(['replayed']));
  });
});

test('a replay is a duplicate when the client has sent the event again', async () => {
  const world = await openLetterShop([shop]);
  const [letter] = await world.send({ id: 'same', site: 'late' });
  await world.apply();
  world.know([shop, late]);
  await world.send({ id: 'same', site: 'late' });
  await world.apply();
  const { data } = (await world.desk().ask('POST', '/v1/dead-letters/replay', { letters: [letter] })).body;
  expect(data.replayed).toBe(1);
  await world.apply();
  expect(await world.ledger()).toMatchObject({ 'late:applied': 1, 'late:duplicate': 1 });
});

test('a replay that is refused becomes one new letter, which names the one before', async () => {
  const world = await openLetterShop([shop]);
  const [letter] = await world.send({ ts: longAgo() });
  await world.apply();
  // The allowed lateness is raised, and lowered again before the shard reads the replay.
  world.know([{ ...shop, lateness_hours: 200 }], [shop]);
  const dying = world.desk(crashAt('publish', 'after'));
  await expect(dying.replayer.replay({ letters: [letter!] }, {}, by())).rejects.toThrow(Crash);
  const desk = world.desk();
  // Publishes it a second time.
  expect(
    (await desk.ask('POST', '/v1/dead-letters/replay', { letters: [letter] })).body.data.already,
  ).toHaveLength(1);
  await world.apply();
  const { letters } = (await desk.ask('GET', '/v1/dead-letters')).body.data;
  expect(letters).toHaveLength(2);
  const next = letters.find(({ status }) => status === 'open')!;
  expect(next).toMatchObject({ replays: letter, reason: 'too_late' });
  expect(letters.find(({ status }) => status === 'replayed')).toMatchObject({ letter, became: next.letter });
  expect(await world.ledger()).toEqual({ 'shop:deadLettered': 2, 'shop:duplicate': 1 });
  world.know([shop]);
  await desk.ask('POST', '/v1/dead-letters/replay', { letters: [next.letter], patch: BACKFILL });
  await world.apply();
  expect(await world.ledger()).toEqual({ 'shop:deadLettered': 2, 'shop:duplicate': 1, 'shop:applied': 1 });
});

test('a discarded letter is not counted until it is replayed by name', async () => {
  const world = await openLetterShop([shop]);
  const letters = await world.send({ ts: longAgo() }, { ts: longAgo() }, { ts: longAgo() });
  await world.apply();
  const desk = world.desk();
  const named = await desk.ask('POST', '/v1/dead-letters/discard', { letters: [letters[0]], note: 'A test' });
  expect(named.body.data).toMatchObject({ discarded: 1, remaining: 0 });
  const all = await desk.ask('POST', '/v1/dead-letters/discard', { reason: 'too_late' });
  expect(all.body.data).toMatchObject({ discarded: 2, remaining: 0 });
  const again = await desk.ask('POST', '/v1/dead-letters/discard', { letters: [letters[0]] });
  expect(again.body.data).toMatchObject({ discarded: 0, already: [{ status: 'discarded' }] });
  const replayed = await desk.ask('POST', '/v1/dead-letters/replay', { reason: 'too_late', patch: BACKFILL });
  expect(replayed.body.data).toMatchObject({ replayed: 0, remaining: 0 });
  const after = await desk.ask('POST', '/v1/dead-letters/replay', { letters: [letters[0]], patch: BACKFILL });
  expect(after.body.data).toMatchObject({ replayed: 1 });
  await world.apply();
  expect(await world.ledger()).toEqual({ 'shop:deadLettered': 3, 'shop:applied': 1 });
  const listed = (await desk.ask('GET', '/v1/dead-letters?status=discarded')).body.data.letters;
  expect(listed.map(({ letter }) => letter).sort()).toEqual(letters.slice(1).sort());
});

test('a refused record stays refused when the log is read again, and only its replay counts', async () => {
  const world = await openLetterShop([shop]);
  const [replayed] = await world.send({ id: 'one', site: 'late', user: 'bo' });
  const [open] = await world.send({ id: 'other', site: 'late', user: 'bo' });
  await world.apply();
  world.know([shop, late]);
  const desk = world.desk();
  // Another id, so that no memory of ids takes the replay for its original.
  const asked = { letters: [replayed], patch: [{ op: 'replace', path: '/id', value: 'new' }] };
  expect((await desk.ask('POST', '/v1/dead-letters/replay', asked)).body.data.replayed).toBe(1);
  // The site is known by now, so both records could be counted. Their dead letters prevent it.
  // The two letters, and that the replay has begun and ended: Kafka shows its readers the latter a moment later.
  await waitFor('the end of the replay', async () => (await world.letterRecords()) === 4);
  await world.refill();
  expect(await world.ledger()).toMatchObject({ 'late:applied': 1, '-:deadLettered': 2 });
  expect(await world.letterRecords()).toBe(4);
  const again = { letters: [open], patch: [{ op: 'replace', path: '/id', value: 'newer' }] };
  expect((await desk.ask('POST', '/v1/dead-letters/replay', again)).body.data.replayed).toBe(1);
  await world.apply();
  expect((await world.ledger())['late:applied']).toBe(2);
  await world.refill();
  expect((await world.ledger())['late:applied']).toBe(2);
  expect((await desk.ask('GET', '/v1/dead-letters/counts')).body.data.counts).toMatchObject([{ letters: 2 }]);
});

test('aggregate asks for the dead letters only after the sites are known', async () => {
  const { config } = await openLetterShop([shop]);
  const order: string[] = [];
  const consumer = openConsumer(config, {
    source: {
      ...fixedSites(new Sites([shop])),
      complete: async () => {
        order.push('sites');
        return new Sites([shop]);
      },
    },
  });
  const value = Buffer.from(JSON.stringify({ v: 1, site: 'late' })).toString('base64');
  const key = Buffer.from('late:bo').toString('base64');
  const record = { topic: config.kafka.eventsTopic, partition: 0, offset: 0, timestamp: 1, key, value };
  await applyRecords([record], consumer.context, async () => {
    order.push('letters');
    return () => undefined;
  });
  expect(order.slice(0, 2)).toEqual(['sites', 'letters']);
});

test('a patch cannot add the fields by which shards tell each other of events', async () => {
  const world = await openLetterShop([shop]);
  const [letter] = await world.send({ ts: longAgo() });
  await world.apply();
  const desk = world.desk();
  for (const [name, value] of Object.entries({
    origin: { partition: 0, offset: 1e9, part: 0 },
    joins: { user: 'x', state: '' },
    erases: { receipt: 'r' },
    replays: 'events-0-0',
  })) {
    const patch = [...BACKFILL, { op: 'add', path: `/${name}`, value }];
    const { body } = await desk.ask('POST', '/v1/dead-letters/replay', { letters: [letter], patch });
    expect(body.errors).toMatchObject([{ code: 'not_replayable' }]);
  }
});
