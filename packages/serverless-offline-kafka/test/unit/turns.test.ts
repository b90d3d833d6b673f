import { setImmediate as next } from 'node:timers/promises';
import type { Invocation } from '../../src/judge-response.ts';
import { encodeRecord, envelopeOf, MAX_PAYLOAD_BYTES } from '../../src/lambda-event.ts';
import { type Turn, Turns } from '../../src/turns.ts';

const succeeded: Invocation = { statusCode: 200, payload: null };

const envelope = (partition: number) => envelopeOf('orders', partition, ['a:9092']);

const records = (partition: number, count: number, bytes = 1) =>
  Array.from({ length: count }, (_, offset) =>
    encodeRecord('orders', partition, {
      ...{ key: null, value: Buffer.alloc(bytes), timestamp: '1', attributes: 0, headers: {} },
      offset: String(offset),
    }),
  );

/** Turns of a function that waits for the test's answers. */
function turnsOf({ limit = 1, batchSize = 100 } = {}) {
  const events: Record<string, number>[] = [];
  const doors: PromiseWithResolvers<Invocation>[] = [];
  const turns = new Turns({
    ...{ limit, batchSize },
    invoke: (payload) => {
      const lists = Object.entries(JSON.parse(payload).records as Record<string, unknown[]>);
      events.push(Object.fromEntries(lists.map(([key, list]) => [key, list.length])));
      const door = Promise.withResolvers<Invocation>();
      doors.push(door);
      return door.promise;
    },
  });
  /** Lets a partition wait for its turn, and then invoke. */
  const send = (
    partition: number,
    count: number,
    bytes?: number,
    options?: { isAlone?: boolean; isOver?: () => boolean },
  ) =>
    turns
      .take()
      .then((turn) =>
        turn.invoke({ envelope: envelope(partition), records: records(partition, count, bytes) }, options),
      );
  return { turns, events, doors, send };
}

test('no more invocations run at once than allowed; what waits shares the next event', async () => {
  const { events, doors, send } = turnsOf({ limit: 2 });
  for (const partition of [0, 1, 2, 3]) void send(partition, partition + 1);
  await next();
  expect(events).toEqual([{ 'orders-0': 1 }, { 'orders-1': 2 }]);
  doors[1]!.resolve(succeeded);
  await next();
  expect(events.slice(2)).toEqual([{ 'orders-2': 3, 'orders-3': 4 }]);
  void send(4, 1);
  await next();
  expect(events).toHaveLength(3);
  doors[0]!.resolve(succeeded);
  await next();
  expect(events.slice(3)).toEqual([{ 'orders-4': 1 }]);
});

test('all partitions of an event get its answer, and what was in it', async () => {
  const { turns, doors, send } = turnsOf();
  const first = await turns.take();
  const [a, b] = [send(1, 2), send(2, 1)];
  first.leave();
  await next();
  const answer = { statusCode: 200, payload: { batchItemFailures: [] } };
  doors[0]!.resolve(answer);
  const sent = new Map([
    ['orders-1', [0, 1]],
    ['orders-2', [0]],
  ]);
  expect(await Promise.all([a, b])).toEqual([
    { invocation: answer, sent },
    { invocation: answer, sent },
  ]);
});

test('a function that cannot be reached is an error for all partitions of the event, and ends the turn', async () => {
  const { turns, events, doors, send } = turnsOf();
  const first = await turns.take();
  const both = Promise.allSettled([send(1, 1), send(2, 1)]);
  first.leave();
  await next();
  doors[0]!.reject(new Error('away'));
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  void send(3, 1);
  await next();
  expect(events).toHaveLength(2);
});

test('a partition that leaves does not hold up the others; a turn that all leave is over', async () => {
  const { turns, events, send } = turnsOf();
  const first = await turns.take();
  const sharing: Turn[] = [];
  for (let i = 0; i < 2; i++) void turns.take().then((turn) => sharing.push(turn));
  void send(1, 1);
  first.leave();
  // To leave twice is to leave once.
  first.leave();
  await next();
  expect(events).toEqual([]);
  sharing[0]!.leave();
  sharing[0]!.leave();
  await next();
  expect(events).toEqual([]);
  sharing[1]!.leave();
  await next();
  expect(events).toEqual([{ 'orders-1': 1 }]);
});

test('a batch that has failed gets an event of its own', async () => {
  const { turns, events, doors, send } = turnsOf();
  const first = await turns.take();
  void send(1, 1);
  void send(2, 1, 1, { isAlone: true });
  void send(3, 1);
  first.leave();
  await next();
  doors[0]!.resolve(succeeded);
  await next();
  expect(events).toEqual([{ 'orders-1': 1, 'orders-3': 1 }, { 'orders-2': 1 }]);
});

test('what waited in a turn is left out when its partition is gone meanwhile', async () => {
  const { turns, events, doors, send } = turnsOf({ batchSize: 2 });
  const first = await turns.take();
  let isOver = false;
  void send(1, 2);
  const gone = send(2, 1, 1, { isOver: () => isOver });
  void send(3, 1);
  first.leave();
  await next();
  isOver = true;
  doors[0]!.resolve(succeeded);
  await expect(gone).rejects.toThrow('any more');
  await next();
  expect(events).toEqual([{ 'orders-1': 2 }, { 'orders-3': 1 }]);
});

test('an event has no more records than the batch size, and no more bytes than a payload', async () => {
  for (const [batchSize, bytes] of [
    [5, 1],
    [100, MAX_PAYLOAD_BYTES / 8],
  ] as const) {
    const { turns, events, doors, send } = turnsOf({ limit: 2, batchSize });
    const [one, other] = [await turns.take(), await turns.take()];
    for (const [partition, count] of [2, 3, 1, 5, 2].entries()) void send(partition, count, bytes);
    one.leave();
    await next();
    const expected = [
      { 'orders-0': 2, 'orders-1': 3 },
      { 'orders-2': 1 },
      { 'orders-3': 5 },
      { 'orders-4': 2 },
    ];
    // The other turn is still taken.
    expect(events).toEqual(expected.slice(0, 1));
    other.leave();
    await next();
    expect(events).toEqual(expected.slice(0, 2));
    doors[0]!.resolve(succeeded);
    await next();
    expect(events).toEqual(expected.slice(0, 3));
    doors[1]!.resolve(succeeded);
    await next();
    expect(events).toEqual(expected);
  }
});
