import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { MINUTE_MS } from '../../shared/platform/time.ts';
import { type SweepContext, sweep } from '../../shared/sweep/sweep-shards.ts';
import { closing } from '../support/closing.ts';
import { type Fate, startRedisProxy } from '../support/redis-proxy.ts';
import {
  Crash,
  contextOf,
  crash,
  event,
  expectSwept,
  now,
  publishing,
  setUpSweep,
  userOf,
  usersOf,
} from '../support/sweep.ts';

describe('a sweep that ends in the middle', () => {
  test('between claim and publishing: the next run publishes', async () => {
    const { context, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(90));
    const { failures, signalled } = await sweep(publishing(context, crash));
    expect(failures).toEqual([expect.any(Crash)]);
    expect([signalled, await signals()]).toEqual([0, []]);
    await expectSwept(context, { signalled: 1 });
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('between publishing and noting it: the next run finds the signal and does not publish', async () => {
    const { context, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(90));
    const crashing = publishing(context, async (publish, ...args) => {
      await publish(...args);
      await crash();
    });
    expect((await sweep(crashing)).failures).toEqual([expect.any(Crash)]);
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('once before and once after publishing: one signal', async () => {
    const { context, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(90));
    await sweep(publishing(context, crash));
    const crashing = publishing(context, async (publish, ...args) => {
      await publish(...args);
      await crash();
    });
    expect((await sweep(crashing)).failures).toHaveLength(1);
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('within the transaction: nothing was signalled, and the next run publishes', async () => {
    const { config, context, apply, signals, expectNoClaims } = await setUpSweep();
    const { brokers, signalsTopic } = config.kafka;
    await apply(event(90));
    const crashing = publishing(context, async (_publish, records) => {
      const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer({
        transactionalId: `${signalsTopic}-sweep`,
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      const transaction = await producer.transaction();
      const messages = records.map(({ key, value }) => ({ key, value }));
      await transaction.send({ topic: signalsTopic, acks: -1, messages });
      await producer.disconnect();
      await crash();
    });
    expect((await sweep(crashing)).failures).toEqual([expect.any(Crash)]);
    await expectSwept(context, { signalled: 1 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('frozen before publishing until another run is done: Kafka refuses its signal', async () => {
    const { context, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(90));
    const late = publishing(context, async (publish, ...args) => {
      await expectSwept(context, { signalled: 1 });
      await publish(...args);
    });
    const { failures } = await sweep(late);
    expect(failures).toEqual([expect.objectContaining({ code: 'sweep_superseded' })]);
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana']);
    await expectNoClaims();
  });

  test('frozen before noting it, while the cart is bought and the next one signalled: two signals', async () => {
    const { context, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(300));
    const late = publishing(context, async (publish, ...args) => {
      await publish(...args);
      await apply(event(250, { name: 'purchase' }), event(200));
      await expectSwept(context, { signalled: 1 });
    });
    expect((await sweep(late)).failures).toEqual([]);
    await expectSwept(context, { signalled: 0 });
    expect(usersOf(await signals())).toEqual(['ana', 'ana']);
    await expectNoClaims();
  });

  test.each<[string, FootfallEvent]>([
    ['bought', event(1, { name: 'purchase' })],
    ['emptied', event(1, { name: 'remove_from_cart' })],
    ['touched', event(1, { name: 'view_cart', items: [] })],
  ])('before publishing, then the cart is %s: no signal', async (_, later) => {
    const { context, reader, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(90));
    await sweep(publishing(context, crash));
    await apply(later);
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toEqual([]);
    expect(await reader.signalled('shop', ['ana'])).toEqual([false]);
    await expectNoClaims();
  });

  test('before publishing, then the cart is touched: a signal once that is an hour ago', async () => {
    const { context, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(300));
    await sweep(publishing(context, crash));
    await apply(event(90, { name: 'view_cart', items: [] }));
    // A run for which two hours have to pass finds the claim first.
    await expectSwept({ ...context, cartAbandonedMinutes: 120 }, { signalled: 0 });
    await expectNoClaims();
    expect(await signals()).toEqual([]);
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toHaveLength(1);
  });

  test('before publishing, then two runs find its claim: one signal', async () => {
    const { context, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(90));
    await sweep(publishing(context, crash));
    // This run has read the claim when the other run does all of the work.
    const late: SweepContext = {
      ...context,
      openWriter: async () => {
        const writer = await context.openWriter();
        return {
          placeOf: writer.placeOf.bind(writer),
          publish: writer.publish.bind(writer),
          close: writer.close.bind(writer),
          published: async (...where) => {
            const ids = await writer.published(...where);
            await expectSwept(context, { signalled: 1 });
            return ids;
          },
        };
      },
    };
    await sweep(late);
    await expectSwept(context, { signalled: 0 });
    expect(await signals()).toHaveLength(1);
    await expectNoClaims();
  });

  test('before publishing, then the cart changes and is left again: one signal of the cart as it is now', async () => {
    const { context, apply, signals, expectNoClaims } = await setUpSweep();
    await apply(event(300));
    await sweep(publishing(context, crash));
    await apply(event(200, { items: [{ id: 'cup', quantity: 1, amount: 900 }] }));
    await expectSwept(context, { signalled: 1 });
    expect(await signals()).toMatchObject([
      { last_activity: new Date(now - 200 * MINUTE_MS).toISOString(), value: { EUR: 3_400 } },
    ]);
    await expectNoClaims();
  });

  test.each<Fate>(['lose command', 'lose reply'])(
    '"%s" at each command to Redis in turn: one signal for each cart',
    async (fate) => {
      const { config, apply, signals, expectNoClaims } = await setUpSweep({ oneServer: true });
      const proxy = closing(await startRedisProxy(config.redis.url), (one) => one.close());
      const users: string[] = [];
      for (let at = 1, reached = true; reached; at++) {
        // One in each shard, so one is signalled when the other fails.
        const fresh = [userOf(0, `a${at}`), userOf(1, `b${at}`)];
        users.push(...fresh);
        await apply(...fresh.map((user) => event(90, { user })));
        const context = contextOf(config, {}, proxy.url);
        let commands = 0;
        proxy.decide = (command) => (/^eval/.test(command) && ++commands === at ? fate : 'pass');
        await sweep(context);
        reached = commands >= at;
        proxy.decide = () => 'pass';
        await expectSwept(context, {});
        expect(usersOf(await signals())).toEqual(users.sort());
        await expectNoClaims();
      }
      // Two commands for each shard, and the round that finds no more of them.
      expect(users).toHaveLength(10);
    },
  );
});

describe('several sweeps at once', () => {
  test('two that begin together: each cart is signalled once', async () => {
    const { config, context, apply, signals, expectNoClaims } = await setUpSweep();
    const users = Array.from({ length: 300 }, (_, i) => `user-${String(i).padStart(3, '0')}`);
    await apply(...users.map((user) => event(90, { user })));
    const other = contextOf(config);
    const results = await Promise.all([sweep(context), sweep(other)]);
    for (const failure of results.flatMap(({ failures }) => failures)) {
      expect(failure).toMatchObject({ code: 'sweep_superseded' });
    }
    await expectSwept(context, {});
    expect(usersOf(await signals())).toEqual(users);
    await expectNoClaims();
  });

  test('one that begins while another publishes: each cart is signalled once', async () => {
    const { context, apply, signals, expectNoClaims } = await setUpSweep();
    const users = Array.from({ length: 200 }, (_, i) => `user-${String(i).padStart(3, '0')}`);
    await apply(...users.map((user) => event(90, { user })));
    let others = 3;
    const interrupted: SweepContext = publishing(context, async (publish, ...args) => {
      const other = others-- > 0 ? sweep(interrupted) : undefined;
      await Promise.allSettled([publish(...args), other]).then(([own]) => {
        if (own.status === 'rejected') throw own.reason;
      });
    });
    await sweep(interrupted);
    await expectSwept(context, {});
    expect(usersOf(await signals())).toEqual(users);
    await expectNoClaims();
  });
});
