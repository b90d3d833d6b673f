import { applyRecords } from '../../shared/aggregate/apply-records.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { openConsumer } from '../support/consumer.ts';
import { type AtStep, openLetterShop } from '../support/dead-letters.ts';
import { siteOf } from '../support/shop.ts';

const shop = siteOf('shop');
const late = siteOf('late');
const HOUR = 3_600_000;
const longAgo = () => Date.now() - 100 * HOUR;
const BACKFILL = [{ op: 'add', path: '/backfill', value: true }];

test('each kind of letter is listed, shown, and counted once it is put right', async () => {
  const world = await openLetterShop([shop]);
  const desk = world.desk();
  const [young] = await world.send({ site: 'late', user: 'bo', name: 'purchase' });
  const [old] = await world.send({ ts: longAgo() });
  const [misplaced] = await world.send({ key: 'shop:somebody' });
  const [broken] = await world.send({ bytes: Buffer.from([0xff, 0x00, 0x7b]) });
  const [strange] = await world.send({ name: 'not a name' });
  const [foreign] = await world.send({ v: 9 as never });
  await world.apply();

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

  const shown = await desk.ask('GET', `/v1/dead-letters/${broken}`);
  expect(shown.body.data).toMatchObject({ base64: '/wB7', refused_now: { code: 'not_json' } });
  expect(shown.body.data).not.toHaveProperty('text');
  expect(shown.headers['cache-control']).toBe('no-store');
  const misplacedShown = (await desk.ask('GET', `/v1/dead-letters/${misplaced}`)).body.data;
  expect(misplacedShown).toMatchObject({ record: { key: 'shop:somebody' } });
  // A replay has its event's own key.
  expect(misplacedShown).not.toHaveProperty('refused_now');
  expect(JSON.parse(misplacedShown.text as string)).toMatchObject({ user: 'ana' });

  // As they are, most would be refused again: they stay as they are.
  const refused = await desk.ask('POST', '/v1/dead-letters/replay', {
    letters: [young, old, broken, strange, foreign],
  });
  expect([refused.status, refused.body.code]).toEqual([422, 'not_replayable']);
  expect(refused.body.errors!.map(({ code }) => code)).toEqual([
    ...['unknown_site', 'too_late', 'not_json', 'not_an_event', 'unknown_version'],
  ]);
  await world.apply();
  expect((await world.ledger())['shop:applied']).toBeUndefined();

  world.know([shop, late]);
  const replay = async (letter: string | undefined, change: object = {}) => {
    const answer = await desk.ask('POST', '/v1/dead-letters/replay', { letters: [letter], ...change });
    expect(answer.body.data).toMatchObject({ replayed: 1, refused: [], already: [] });
  };
  await replay(young);
  await replay(old, { patch: BACKFILL, note: 'The tills were offline' });
  await replay(misplaced);
  const { ts, received } = { ts: Date.now(), received: Date.now() };
  await replay(broken, { event: { v: 1, id: 'b', site: 'shop', user: 'cy', name: 'search', ts, received } });
  await replay(strange, { patch: [{ op: 'replace', path: '/name', value: 'a_name' }] });
  await replay(foreign, {
    patch: [
      { op: 'test', path: '/v', value: 9 },
      { op: 'replace', path: '/v', value: 1 },
    ],
  });
  await world.apply();
  expect(await world.ledger()).toMatchObject({ 'shop:applied': 5, 'late:applied': 1 });

  const again = await desk.ask('POST', '/v1/dead-letters/replay', { letters: [young, old], patch: BACKFILL });
  expect(again.body.data).toMatchObject({
    replayed: 0,
    already: [{ status: 'replayed' }, { status: 'replayed' }],
  });
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
  await world.apply();
  expect(await world.ledger()).toMatchObject({ 'shop:applied': 5, 'late:applied': 1 });
});

class Crash extends Error {}

const by = (who = 'installation') => ({ by: who, deadline: performance.now() + 25_000 });

/** Ends a process at a step, once. */
function crashAt(step: Parameters<AtStep>[0], when: 'before' | 'after'): AtStep {
  let left = 1;
  return (...at) => {
    if (at[0] === step && at[1] === when && left-- > 0) throw new Crash(`${when} ${step}`);
  };
}

const STEPS = (['open', 'replay', 'publish', 'done'] as const).flatMap((step) =>
  (['before', 'after'] as const).map((when) => [step, when] as const),
);

test('whoever dies at whatever step, and whether Redis is lost then, each letter is counted once', async () => {
  const world = await openLetterShop([shop]);
  let applied = 0;
  for (const [i, [step, when]] of STEPS.entries()) {
    // Each step with and without it, and with and without the counting in between.
    for (const isLost of [i % 4 < 2]) {
      const letters = await world.send({ user: `u-${i}`, ts: longAgo() }, { user: `v-${i}`, ts: longAgo() });
      await world.apply();
      const asked = { letters, patch: BACKFILL };
      const dying = world.desk(crashAt(step, when));
      await expect(dying.replayer.replay({ letters }, { patch: BACKFILL as never }, by())).rejects.toThrow(
        Crash,
      );
      if (isLost) await world.refill();
      // What was said to be published may be counted before anybody asks again.
      if (i % 2 === 0) await world.apply();
      const { data } = (await world.desk().ask('POST', '/v1/dead-letters/replay', asked)).body;
      expect(data.replayed + data.already.length).toBe(2);
      applied += 2;
      await world.apply();
      expect((await world.ledger())['shop:applied']).toBe(applied);
    }
  }
  await world.refill();
  expect((await world.ledger())['shop:applied']).toBe(applied);
  const { counts } = (await world.desk().ask('GET', '/v1/dead-letters/counts')).body.data;
  expect(counts).toMatchObject([{ status: 'replayed', reason: 'too_late', site: 'shop', letters: applied }]);
}, 120_000);

test('a frozen process that publishes when another has finished changes nothing', async () => {
  const world = await openLetterShop([shop]);
  const letters = await world.send({ ts: longAgo() }, { ts: longAgo(), bot: 'curl' });
  await world.apply();
  let thaw = () => {};
  const frozen = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  let reached = () => {};
  const hasReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const slow = world.desk(async (step, when) => {
    if (step !== 'publish' || when !== 'before') return;
    reached();
    await frozen;
  });
  const first = slow.replayer.replay({ letters }, { patch: BACKFILL as never }, by());
  await hasReached;
  const { data } = (await world.desk().ask('POST', '/v1/dead-letters/replay', { letters })).body;
  expect(data.already).toHaveLength(2);
  await world.apply();
  thaw();
  // It has published them before it could find out that it is shut out, and then there is nothing left to do.
  expect(await first).toMatchObject({ done: letters });
  await world.apply();
  const counted = { 'shop:applied': 1, 'shop:bot': 1, 'shop:duplicate': 2, 'shop:deadLettered': 2 };
  expect(await world.ledger()).toEqual(counted);
  await world.refill();
  expect(await world.ledger()).toEqual(counted);
});

test('two who replay the same letters at once, each in their own way: one of them counts', async () => {
  const world = await openLetterShop([shop]);
  const letters = await world.send(
    ...Array.from({ length: 20 }, (_, i) => ({ ts: longAgo(), user: `u-${i}` })),
  );
  await world.apply();
  const answers = await Promise.all(
    ['one', 'other'].map((page) =>
      world.desk().ask('POST', '/v1/dead-letters/replay', {
        letters,
        patch: [
          ...BACKFILL,
          { op: 'add', path: '/page', value: page },
          { op: 'replace', path: '/id', value: page },
        ],
      }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  await world.apply();
  expect(await world.ledger()).toMatchObject({ 'shop:applied': 20, 'shop:deadLettered': 20 });
  for (const letter of letters) {
    const { data } = (await world.desk().ask('GET', `/v1/dead-letters/${letter}`)).body;
    expect(data).toMatchObject({ status: 'replayed' });
  }
});

test('what the client has sent again meanwhile is a duplicate', async () => {
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

test('what is refused once more is a new letter, once, that names the one before', async () => {
  const world = await openLetterShop([shop]);
  const [letter] = await world.send({ ts: longAgo() });
  await world.apply();
  // Its lateness is raised, and lowered again before the shard reads the replay.
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

test('all of a reason, by two at once, while more comes: each is counted once', async () => {
  const world = await openLetterShop([shop], { maxRecords: 50 });
  const lateOnes = (n: number) =>
    Array.from({ length: n }, (_, i) => ({ ts: longAgo(), user: `u-${i % 17}` }));
  await world.send(...lateOnes(150), { name: 'not a name' });
  await world.apply();
  const loop = async () => {
    const desk = world.desk();
    let cursor: string | undefined;
    do {
      const body = { reason: 'too_late', limit: 40, patch: BACKFILL, ...(cursor && { cursor }) };
      const answer = await desk.ask('POST', '/v1/dead-letters/replay', body);
      // Busy: asked again.
      if (answer.status === 503) continue;
      cursor = answer.body.data.next_cursor;
    } while (cursor !== undefined);
  };
  const more = async () => {
    for (let i = 0; i < 5; i++) {
      await world.send(...lateOnes(20));
      await world.apply();
    }
  };
  await Promise.all([loop(), loop(), more()]);
  await loop();
  await world.apply();
  const counted = { 'shop:applied': 250, 'shop:deadLettered': 250, '-:deadLettered': 1 };
  expect(await world.ledger()).toMatchObject(counted);
  const { counts, open } = (await world.desk().ask('GET', '/v1/dead-letters/counts')).body.data;
  expect(open).toBe(1);
  expect(counts.map(({ status, letters }) => [status, letters])).toEqual(
    expect.arrayContaining([
      ['open', 1],
      ['replayed', 250],
    ]),
  );
  await world.refill();
  expect(await world.ledger()).toMatchObject(counted);
}, 120_000);

test('what is discarded is not counted, until somebody names it after all', async () => {
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

test('what was refused stays so when the log is read once more, and is counted by its replay alone', async () => {
  const world = await openLetterShop([shop]);
  const [replayed] = await world.send({ id: 'one', site: 'late', user: 'bo' });
  const [open] = await world.send({ id: 'other', site: 'late', user: 'bo' });
  await world.apply();
  world.know([shop, late]);
  const desk = world.desk();
  // With another id: no memory of ids would tell that it is the same one.
  const asked = { letters: [replayed], patch: [{ op: 'replace', path: '/id', value: 'new' }] };
  expect((await desk.ask('POST', '/v1/dead-letters/replay', asked)).body.data.replayed).toBe(1);
  // The site is there by now: read as they are, both would be counted. Their letters are there, too, and are enough.
  const end = await world.letterEnd();
  await world.refill();
  expect(await world.ledger()).toMatchObject({ 'late:applied': 1, '-:deadLettered': 2 });
  expect(await world.letterEnd()).toBe(end);
  const again = { letters: [open], patch: [{ op: 'replace', path: '/id', value: 'newer' }] };
  expect((await desk.ask('POST', '/v1/dead-letters/replay', again)).body.data.replayed).toBe(1);
  await world.apply();
  expect((await world.ledger())['late:applied']).toBe(2);
  await world.refill();
  expect((await world.ledger())['late:applied']).toBe(2);
  expect((await desk.ask('GET', '/v1/dead-letters/counts')).body.data.counts).toMatchObject([{ letters: 2 }]);
});

test('which records are letters is asked when the sites are known, and not before', async () => {
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

test.each(['replay', 'done'] as const)(
  'who is shut out at %s takes a page once more: each letter is in the answer once, and the limit is one of letters',
  async (step) => {
    const world = await openLetterShop([shop], { partitions: 1 });
    // The first and the last of a page are refused.
    const letters = await world.send(
      ...['late', 'shop', 'shop', 'late', 'shop', 'shop'].map((site, i) => ({
        ts: longAgo(),
        site,
        user: `u-${i}`,
      })),
    );
    await world.apply();
    const other = world.desk();
    let left = 1;
    const desk = world.desk(async (...at) => {
      if (at[0] === step && at[1] === 'before' && left-- > 0) await (await other.openWriter()).close();
    });
    const selection = { filter: {}, limit: 4 };
    const done = await desk.replayer.replay(selection, { patch: BACKFILL as never }, by());
    expect(left).toBe(-1);
    const sorted = [...letters].sort();
    expect(done.done).toEqual([sorted[1], sorted[2]]);
    expect(done.refused.map(({ letter }) => letter)).toEqual([sorted[0], sorted[3]]);
    expect(done.remaining).toBe(2);
  },
);

test('named letters that there is no time for are told, and asked for again', async () => {
  const world = await openLetterShop([shop], { partitions: 1 });
  const letters = await world.send(
    ...Array.from({ length: 203 }, (_, i) => ({ ts: longAgo(), user: `u-${i}` })),
  );
  await world.apply();
  const { replayer, topic } = world.desk();
  await topic.catchUp();
  const patch = BACKFILL as never;
  // As much as one page may take: when that is done, there is no time for another one.
  const late = { by: 'installation', deadline: performance.now() + 8_000 };
  const first = await replayer.replay({ letters }, { patch }, late);
  expect(first.done).toEqual(letters.slice(0, 200));
  const code = 'out_of_time';
  expect(first.refused).toMatchObject(letters.slice(200).map((letter) => ({ letter, code })));
  const rest = first.refused.map(({ letter }) => letter);
  expect(await replayer.replay({ letters: rest }, { patch }, by())).toMatchObject({
    done: rest,
    refused: [],
  });
});

test('the sweep finishes what somebody has begun, when they have had their minute', async () => {
  const world = await openLetterShop([shop]);
  const letters = await world.send({ ts: longAgo() });
  await world.apply();
  const dying = world.desk(crashAt('publish', 'before'));
  await expect(dying.replayer.replay({ letters }, { patch: BACKFILL as never }, by())).rejects.toThrow(Crash);
  const { replayer } = world.desk();
  expect(await replayer.finish(performance.now() + 25_000)).toBe(0);
  expect(await replayer.finish(performance.now() + 25_000, Date.now() + 61_000)).toBe(1);
  expect(await replayer.finish(performance.now() + 25_000, Date.now() + 61_000)).toBe(0);
  await world.apply();
  expect(await world.ledger()).toEqual({ 'shop:deadLettered': 1, 'shop:applied': 1 });
});

test("a site's key sees, replays and discards that site's letters alone, and makes no other site's events", async () => {
  const world = await openLetterShop([shop, late]);
  const [ours] = await world.send({ ts: longAgo() });
  const [theirs] = await world.send({ ts: longAgo(), site: 'late', user: 'bo' });
  const [nobodys] = await world.send({ bytes: Buffer.from('no json') });
  await world.apply();
  const desk = world.desk();
  const options = { key: 'shop-admin-key' };
  const { letters } = (await desk.ask('GET', '/v1/dead-letters', undefined, options)).body.data;
  expect(letters.map(({ letter }) => letter)).toEqual([ours]);
  expect((await desk.ask('GET', '/v1/dead-letters/counts', undefined, options)).body.data.open).toBe(1);
  expect((await desk.ask('GET', '/v1/dead-letters?site=late', undefined, options)).status).toBe(403);
  for (const letter of [theirs, nobodys]) {
    expect((await desk.ask('GET', `/v1/dead-letters/${letter}`, undefined, options)).status).toBe(404);
    for (const verb of ['replay', 'discard']) {
      const { status } = await desk.ask('POST', `/v1/dead-letters/${verb}`, { letters: [letter] }, options);
      expect(status).toBe(404);
    }
  }
  const elsewhere = [...BACKFILL, { op: 'replace', path: '/site', value: 'late' }];
  const moved = await desk.ask(
    'POST',
    '/v1/dead-letters/replay',
    { letters: [ours], patch: elsewhere },
    options,
  );
  expect([moved.status, moved.body.errors![0]!.code]).toEqual([422, 'wrong_site']);
  const all = { reason: 'too_late', patch: BACKFILL };
  expect((await desk.ask('POST', '/v1/dead-letters/replay', all, options)).body.data).toMatchObject({
    replayed: 1,
    remaining: 0,
  });
  for (const key of ['shop-read-key', 'shop-write-key', '']) {
    expect((await desk.ask('GET', '/v1/dead-letters', undefined, { key })).status).toBe(401);
  }
  await world.apply();
  const ledger = await world.ledger();
  expect(ledger).toMatchObject({ 'shop:applied': 1 });
  expect(ledger['late:applied']).toBeUndefined();
  expect((await desk.ask('GET', `/v1/dead-letters/${ours}`)).body.data.actions).toMatchObject([
    { by: 'site:shop' },
    { by: 'site:shop' },
  ]);
});

test('a letter of somebody who was erased is not shown and not counted', async () => {
  const world = await openLetterShop([shop]);
  const [letter] = await world.send({ ts: longAgo(), user: 'zoe' });
  await world.apply();
  const now = Date.now();
  const erases = { receipt: 'r-1', of: 1 };
  await world.send({
    id: 'r-1',
    user: 'zoe',
    name: 'erasure',
    ts: now,
    received: now,
    backfill: true,
    erases,
  });
  await world.apply();
  const desk = world.desk();
  const { data } = (await desk.ask('GET', `/v1/dead-letters/${letter}`)).body;
  expect(data).toMatchObject({ erased: true });
  expect(JSON.stringify(data)).not.toContain('zoe');
  const refused = await desk.ask('POST', '/v1/dead-letters/replay', { letters: [letter], patch: BACKFILL });
  expect(refused.body.errors).toMatchObject([{ code: 'erased' }]);
});

test('nobody smuggles in what shards tell each other', async () => {
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
