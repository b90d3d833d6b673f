import { BACKFILL, late, longAgo, openLetterShop, shop } from '../support/dead-letters.ts';

test("a site's key reads, replays and discards only that site's letters, and creates no event of another site", async () => {
  const world = await openLetterShop([shop, late]);
  const [ours] = await world.send({ ts: longAgo() });
  const [theirs] = await world.send({ ts: longAgo(), site: 'late', user: 'bo' });
  const [siteless] = await world.send({ bytes: Buffer.from('no json') });
  await world.apply();
  const desk = world.desk();
  const options = { key: 'shop-admin-key' };
  const { letters } = (await desk.ask('GET', '/v1/dead-letters', undefined, options)).body.data;
  expect(letters.map(({ letter }) => letter)).toEqual([ours]);
  expect((await desk.ask('GET', '/v1/dead-letters/counts', undefined, options)).body.data.open).toBe(1);
  expect((await desk.ask('GET', '/v1/dead-letters?site=late', undefined, options)).status).toBe(403);
  for (const letter of [theirs, siteless]) {
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

test('a dead letter of an erased person is neither shown nor replayed', async () => {
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
