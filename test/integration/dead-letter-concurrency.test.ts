import { BACKFILL, by, Crash, crashAt, longAgo, openLetterShop, shop } from '../support/dead-letters.ts';

const STEPS = (['open', 'replay', 'publish', 'done'] as const).flatMap((step) =>
  (['before', 'after'] as const).map((when) => [step, when] as const),
);

test('a replay that dies at any step, with or without a loss of Redis, counts each letter once', async () => {
  const world = await openLetterShop([shop]);
  let applied = 0;
  for (const [i, [step, when]] of STEPS.entries()) {
    // Over the steps, with and without a loss of Redis, and with and without counting in between.
    for (const isLost of [i % 4 < 2]) {
      const letters = await world.send({ user: `u-${i}`, ts: longAgo() }, { user: `v-${i}`, ts: longAgo() });
      await world.apply();
      const asked = { letters, patch: BACKFILL };
      const dying = world.desk(crashAt(step, when));
      await expect(dying.replayer.replay({ letters }, { patch: BACKFILL }, by())).rejects.toThrow(Crash);
      if (isLost) await world.refill();
      // A published replay may be counted before the next request.
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
});

test('a frozen process that publishes after another has finished changes nothing', async () => {
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
  const first = slow.replayer.replay({ letters }, { patch: BACKFILL }, by());
  await hasReached;
  const { data } = (await world.desk().ask('POST', '/v1/dead-letters/replay', { letters })).body;
  expect(data.already).toHaveLength(2);
  await world.apply();
  thaw();
  // It published before it could learn that it is shut out, and then nothing is left to do.
  expect(await first).toMatchObject({ done: letters });
  await world.apply();
  const counted = { 'shop:applied': 1, 'shop:bot': 1, 'shop:duplicate': 2, 'shop:deadLettered': 2 };
  expect(await world.ledger()).toEqual(counted);
  await world.refill();
  expect(await world.ledger()).toEqual(counted);
});

test('of two replays of the same letters at once, with different patches, one counts', async () => {
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

test('two replays of all letters of a reason, while more arrive, count each once', async () => {
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
});

test.each(['replay', 'done'] as const)(
  'a process that is shut out at %s takes its page again: the answer has each letter once, up to the limit',
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
    const done = await desk.replayer.replay(selection, { patch: BACKFILL }, by());
    expect(left).toBe(-1);
    const sorted = [...letters].sort();
    expect(done.done).toEqual([sorted[1], sorted[2]]);
    expect(done.refused.map(({ letter }) => letter)).toEqual([sorted[0], sorted[3]]);
    expect(done.remaining).toBe(2);
  },
);

test('a replay answers with the named letters that it had no time for', async () => {
  const world = await openLetterShop([shop], { partitions: 1 });
  const letters = await world.send(
    ...Array.from({ length: 203 }, (_, i) => ({ ts: longAgo(), user: `u-${i}` })),
  );
  await world.apply();
  const { replayer, topic } = world.desk();
  await topic.catchUp();
  const patch = BACKFILL;
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

test('the sweep finishes a replay that was begun more than a minute ago', async () => {
  const world = await openLetterShop([shop]);
  const letters = await world.send({ ts: longAgo() });
  await world.apply();
  const dying = world.desk(crashAt('publish', 'before'));
  await expect(dying.replayer.replay({ letters }, { patch: BACKFILL }, by())).rejects.toThrow(Crash);
  const { replayer } = world.desk();
  expect(await replayer.finish(performance.now() + 25_000)).toBe(0);
  expect(await replayer.finish(performance.now() + 25_000, Date.now() + 61_000)).toBe(1);
  expect(await replayer.finish(performance.now() + 25_000, Date.now() + 61_000)).toBe(0);
  await world.apply();
  expect(await world.ledger()).toEqual({ 'shop:deadLettered': 1, 'shop:applied': 1 });
});
