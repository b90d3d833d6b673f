import { partitionOf } from '../../shared/event/partition.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/platform/time.ts';
import { CARTS_KEPT_MS, LIVE_MS } from '../../shared/shard/retention.ts';
import { sweep } from '../../shared/sweep/sweep-shards.ts';
import { closing } from '../support/closing.ts';
import { shardKeys } from '../support/generation.ts';
import { startRedisProxy } from '../support/redis-proxy.ts';
import { contextOf, event, expectSwept, now, PARTITIONS, setUpSweep, usersOf } from '../support/sweep.ts';

describe('abandoned carts', () => {
  test('a cart without activity for the set time is signalled with its contents', async () => {
    const { context, reader, apply, signals } = await setUpSweep();
    await apply(
      event(90),
      event(80, { items: [{ id: 'cup', quantity: 1.5, amount: 900 }], currency: 'USD' }),
      event(70, { name: 'view_cart', items: [] }),
      event(30, { user: 'ben' }),
      event(90, { user: 'cleo', site: 'outlet' }),
      event(90, { user: 'dan' }),
      event(30, { user: 'dan', name: 'begin_checkout' }),
      event(90, { user: 'eve', name: 'view_item' }),
    );
    await expectSwept(context, { signalled: 2 });
    const [first, second] = (await signals()).sort((a, b) => (a.user < b.user ? -1 : 1));
    expect(first).toEqual({
      v: 1,
      type: 'cart_abandoned',
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      site: 'shop',
      user: 'ana',
      last_activity: new Date(now - 70 * MINUTE_MS).toISOString(),
      lines: [
        { product_id: 'cup', quantity: 1.5 },
        { product_id: 'tea', quantity: 2 },
      ],
      value: { EUR: 2_500, USD: 900 },
      published_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(second).toMatchObject({ site: 'outlet', user: 'cleo' });
    expect(second!.id).not.toBe(first!.id);
    expect(await reader.signalled('shop', ['ana', 'ben', 'dan'])).toEqual([true, false, false]);
    // With a setting of 20 minutes.
    await expectSwept({ ...context, cartAbandonedMinutes: 20 }, { signalled: 2 });
    expect(usersOf(await signals())).toEqual(['ana', 'ben', 'cleo', 'dan']);
  });

  test('a signalled cart is not signalled again when it is touched and left again', async () => {
    const { context, apply, signals } = await setUpSweep();
    await apply(event(300));
    await expectSwept(context, { signalled: 1 });
    await apply(event(200), event(190, { name: 'view_cart' }));
    await expectSwept(context, { signalled: 0 });
    // A late purchase from before this cart does not empty it.
    await apply(event(400, { name: 'purchase' }));
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toHaveLength(1);
  });

  test.each(['purchase', 'remove_from_cart'])('the next cart after %s is signalled', async (name) => {
    const { context, apply, signals } = await setUpSweep();
    await apply(event(300));
    await expectSwept(context, { signalled: 1 });
    await apply(event(250, { name }));
    await expectSwept(context, { signalled: 0 });
    await apply(event(200));
    await expectSwept(context, { signalled: 1 });
    await expectSwept(context, { signalled: 0 });
    const found = await signals();
    expect(usersOf(found)).toEqual(['ana', 'ana']);
    expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  });

  test('the cart of a visitor who signs in is not signalled', async () => {
    const { context, apply, signals } = await setUpSweep();
    await apply(
      event(90, { user: 'visitor' }),
      event(80, { user: 'visitor', name: 'identify', identifies: 'ana' }),
    );
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toEqual([]);
  });

  test('a user without a state has no cart to signal', async () => {
    const { context, redis, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(90));
    await redis.del(shardKeys.user(partitionOf('shop:ana', PARTITIONS), 'shop', 'ana'));
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toEqual([]);
    await expectNoClaims();
  });

  test('a run out of time leaves the rest to the next run', async () => {
    const { context, apply, signals } = await setUpSweep();
    await apply(event(90));
    expect(await sweep(context, 1_000)).toEqual({ signalled: 0, trimmed: 0, failures: [] });
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toHaveLength(1);
  });
});

describe('a server that is away', () => {
  test('without Redis the run fails, and the next run does all of the work', async () => {
    const { config, apply, signals } = await setUpSweep({ oneServer: true });
    const proxy = closing(await startRedisProxy(config.redis.url), (one) => one.close());
    const context = contextOf(config, { commandTimeout: 1_000 }, proxy.url);
    await apply(event(90));
    proxy.decide = () => 'lose command';
    expect((await sweep(context)).failures).toHaveLength(2);
    proxy.decide = () => 'pass';
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toHaveLength(1);
  });

  test('without Kafka the run still trims, and the next run signals', async () => {
    const { context, redis, apply, signals } = await setUpSweep();
    await apply(event(90));
    await redis.zadd(shardKeys.live(0, 'shop'), now - LIVE_MS - MINUTE_MS, 'gone');
    const unreachable = { ...context, openWriter: () => Promise.reject(new Error('Kafka is away')) };
    const { failures, trimmed, signalled } = await sweep(unreachable);
    expect([failures.map(String), signalled]).toEqual([['Error: Kafka is away'], 0]);
    expect(trimmed).toBeGreaterThan(0);
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toHaveLength(1);
  });
});

describe('expired data', () => {
  test('old members of sorted sets are removed, thousands of them in steps', async () => {
    const { context, redis } = await setUpSweep();
    const sets = [
      [shardKeys.live(0, 'shop'), LIVE_MS],
      [shardKeys.checkouts(0, 'shop'), LIVE_MS],
      [shardKeys.newest(1, 'shop'), LIVE_MS],
      [shardKeys.carts(1, 'shop'), CARTS_KEPT_MS],
      [shardKeys.dueCarts(0, 'outlet'), CARTS_KEPT_MS],
      [shardKeys.leftCarts(1, 'outlet'), CARTS_KEPT_MS + DAY_MS],
    ] as const;
    for (const [key, kept] of sets) {
      const members: [ts: number, name: string][] = [
        ...Array.from({ length: 2_500 }, (_, i): [number, string] => [now - kept - i, `old-${i}`]),
        [now - kept + 10 * MINUTE_MS, 'young'],
        [now, 'new'],
      ];
      await redis.zadd(key, ...members.flat().map(String));
    }
    await expectSwept({ ...context, cartAbandonedMinutes: 10_000_000 }, { trimmed: sets.length * 2_500 });
    for (const [key] of sets)
      expect(await redis.zrangebyscore(key, '-inf', '+inf')).toEqual(['young', 'new']);
  });

  test('days beyond the retention are forgotten once their numbers are gone', async () => {
    const { context, redis, reader, apply } = await setUpSweep();
    const shard = partitionOf('shop:ana', PARTITIONS);
    const day = (ago: number) => Math.floor((now - ago * DAY_MS) / DAY_MS);
    const old = (daysAgo: number) =>
      event(daysAgo * 24 * 60, { ts: day(daysAgo) * DAY_MS + DAY_MS / 2, name: 'view_item', backfill: true });
    await apply(event(90, { name: 'view_item' }), old(1), old(4), old(10), old(20), old(3_000));
    // This day still has numbers, such as from a time of longer retention.
    await redis.hset(shardKeys.day(shard, 'shop', day(20)), 'e:view_item', 1);
    const touched = await redis.hlen(shardKeys.touched(shard, 'shop'));
    await sweep(context);
    const days = await reader.days('shop');
    for (const kept of [1, 4, 20]) expect(days).toContain(day(kept));
    for (const gone of [10, 3_000]) expect(days).not.toContain(day(gone));
    const left = await redis.hkeys(shardKeys.touched(shard, 'shop'));
    for (const kept of [1, 4, 20]) expect(left).toContain(String(day(kept)));
    for (const gone of [10, 3_000]) expect(left).not.toContain(String(day(gone)));
    expect(left.length).toBeLessThan(touched);
    await redis.del(shardKeys.day(shard, 'shop', day(20)));
    await sweep(context);
    expect(await reader.days('shop')).not.toContain(day(20));
  });
});
