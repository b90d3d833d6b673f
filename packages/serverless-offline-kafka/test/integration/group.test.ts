import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mapping } from '../../src/mapping.ts';
import {
  admin,
  type Call,
  committed,
  createTopic,
  door,
  firstArrivals,
  functionOf,
  hastyGroup,
  makeTopic,
  numbered,
  poll,
  produce,
  succeeded,
  threw,
  upTo,
} from '../support/kafka.ts';
import { mappingOf } from '../support/mapping.ts';
import { waitFor } from '../support/wait-for.ts';

const support = (file: string) => new URL(`../support/${file}`, import.meta.url).pathname;

/** The values of all calls, in order. The tests of this file use numbers as values. */
const valuesOf = (calls: Call[]) => calls.flatMap(({ values }) => values.map(Number));

/** Longer than a member of the hasty group lives without heartbeats. */
const longerThanSession = () =>
  new Promise((resolve) => setTimeout(resolve, hastyGroup.sessionTimeoutMs + 500));

/** Resolves when the group has committed the same offset in all partitions. */
function allCommitted(mapping: Mapping, offset: number) {
  return waitFor(`commits of offset ${offset}`, async () =>
    Object.values(await committed(mapping)).every((each) => each === offset),
  );
}

/**
 * Runs a poller in a process of its own, which is killed at the end.
 * @param use.batches the batches so far in the order of their first arrival, each as offsets with commas.
 */
async function withChild(
  mapping: Mapping,
  { hangAt = -1 }: { hangAt?: number },
  use: (child: ChildProcess, batches: () => string[]) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'serverless-offline-kafka-'));
  const file = join(folder, 'batches');
  const args = [JSON.stringify(mapping), JSON.stringify(hastyGroup), file, String(hangAt)];
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=TimeoutNegativeWarning',
      '--import',
      support('clock.ts'),
      support('poller-child.ts'),
      ...args,
    ],
    { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
  );
  const ended = once(child, 'exit');
  const batches = () => (existsSync(file) ? [...new Set(readFileSync(file, 'utf8').trim().split('\n'))] : []);
  try {
    await use(child, batches);
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  }
}

test('after a process was killed during a batch, the next one receives every record that was not committed', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(30));
  const mapping = mappingOf(topic, { batchSize: 10 });
  await withChild(mapping, { hangAt: 10 }, async (_, batches) => {
    await waitFor('the second batch', () => batches().length === 2);
    expect(batches()).toEqual(['0,1,2,3,4,5,6,7,8,9', '10,11,12,13,14,15,16,17,18,19']);
  });
  expect(await committed(mapping)).toEqual({ 0: 10 });

  const { calls, invoke } = functionOf();
  await poll(mapping, invoke).start();
  await waitFor('the other records', () => firstArrivals(calls).length === 20);
  expect(firstArrivals(calls)).toEqual(upTo(30).slice(10));
});

test('a frozen process that the group has removed sets no offset back when it continues', async () => {
  const topic = await makeTopic(2);
  await produce(topic, [...numbered(60, 0), ...numbered(60, 1)]);
  const mapping = mappingOf(topic, { batchSize: 2 });
  await withChild(mapping, {}, async (child, batches) => {
    await waitFor('some batches', () => batches().length > 4);
    child.kill('SIGSTOP');
    const { invoke } = functionOf();
    await poll(mapping, invoke).start();
    await allCommitted(mapping, 60);

    child.kill('SIGCONT');
    await waitFor('the process to join again', async () => {
      expect(await committed(mapping)).toEqual({ 0: 60, 1: 60 });
      const { groups } = await admin.describeGroups([mapping.consumerGroupId]);
      return groups[0]!.state === 'Stable' && groups[0]!.members.length === 2;
    });
    // A batch that was due when the process froze may still have reached the function. That is at least once.
    const before = new Set(batches());
    await produce(topic, [...numbered(10, 0, 60), ...numbered(10, 1, 60)]);
    await allCommitted(mapping, 70);
    const later = batches().filter((batch) => !before.has(batch));
    expect(later.length).toBeGreaterThan(0);
    expect(later.flatMap((batch) => batch.split(',').map(Number)).filter((offset) => offset < 60)).toEqual(
      [],
    );
  });
});

test('stopping waits for the current invocation, commits it and starts no other', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(9));
  const gate = door();
  const { calls, invoke } = functionOf(async () => {
    await gate.opened;
    return succeeded;
  });
  const mapping = mappingOf(topic, { batchSize: 3 });
  const poller = poll(mapping, invoke, { group: hastyGroup });
  await poller.start();
  await waitFor('an invocation', () => calls.length > 0);
  let isStopped = false;
  const stopping = poller.stop().then(() => {
    isStopped = true;
  });
  // Without heartbeats the group would remove the member meanwhile, and reject its commit.
  await longerThanSession();
  expect(isStopped).toBe(false);
  gate.open();
  await stopping;
  expect(calls.map(({ offsets }) => offsets)).toEqual([[0, 1, 2]]);
  expect(await committed(mapping)).toEqual({ 0: 3 });
});

test('a function that takes longer than the session keeps its partition and is invoked once', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(2));
  const gate = door();
  const { calls, invoke } = functionOf(async () => {
    await gate.opened;
    return succeeded;
  });
  await poll(mappingOf(topic, { batchSize: 1 }), invoke, { group: hastyGroup }).start();
  await waitFor('an invocation', () => calls.length > 0);
  await longerThanSession();
  expect(calls).toHaveLength(1);
  gate.open();
  await waitFor('the other record', () => calls.length > 1);
  expect(valuesOf(calls)).toEqual([0, 1]);
});

test('TRIM_HORIZON starts with the oldest record, LATEST with the first one after the start', async () => {
  const topic = await makeTopic(2);
  await produce(topic, [...numbered(3, 0), ...numbered(3, 1)]);
  const oldest = functionOf();
  await poll(mappingOf(topic, { consumerGroupId: `${topic}-oldest` }), oldest.invoke).start();
  const latest = functionOf();
  const mapping = mappingOf(topic, {
    consumerGroupId: `${topic}-latest`,
    startingPosition: { at: 'LATEST' },
  });
  await poll(mapping, latest.invoke).start();
  await produce(topic, [...numbered(1, 0, 100), ...numbered(1, 1, 200)]);
  await waitFor(
    'the records',
    () => valuesOf(oldest.calls).length >= 8 && valuesOf(latest.calls).length >= 2,
  );
  expect(valuesOf(oldest.calls).sort((a, b) => a - b)).toEqual([0, 0, 1, 1, 2, 2, 100, 200]);
  expect(valuesOf(latest.calls).sort((a, b) => a - b)).toEqual([100, 200]);
});

test('with LATEST, records that come after the first start arrive even when no poller ran at the time', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(3));
  const mapping = mappingOf(topic, { startingPosition: { at: 'LATEST' } });
  const first = poll(mapping, functionOf().invoke);
  await first.start();
  await first.stop();
  await produce(topic, numbered(2, 0, 50));
  const { calls, invoke } = functionOf();
  await poll(mapping, invoke).start();
  await waitFor('the records', () => valuesOf(calls).length >= 2);
  expect(valuesOf(calls)).toEqual([50, 51]);
});

test('AT_TIMESTAMP starts with the first record of that time or later', async () => {
  const topic = await makeTopic(1);
  const at = (timestamp: number, value: string) => ({ timestamp: String(timestamp), value });
  await produce(topic, [at(1_000_000, '0'), at(2_000_000, '1'), at(3_000_000, '2')]);
  const { calls, invoke } = functionOf();
  const startingPosition = { at: 'AT_TIMESTAMP', timestampMs: 1_500_000 } as const;
  await poll(mappingOf(topic, { startingPosition }), invoke).start();
  await waitFor('the records', () => valuesOf(calls).length >= 2);
  expect(valuesOf(calls)).toEqual([1, 2]);
});

test('in a rebalance, partitions that stay go on, and the old owner does not commit those that leave', async () => {
  const topic = await makeTopic(4);
  const partitions = [0, 1, 2, 3];
  await produce(
    topic,
    partitions.flatMap((partition) => numbered(6, partition, partition * 100)),
  );
  const mapping = mappingOf(topic, { batchSize: 3 });
  const gate = door();
  const first = functionOf(async () => {
    await gate.opened;
    return succeeded;
  });
  const offsetsAtFirst = (partition: number) =>
    first.calls.filter((call) => call.partition === partition).flatMap(({ offsets }) => offsets);
  await poll(mapping, first.invoke).start();
  await waitFor('4 invocations', () => first.calls.length === 4);

  const second = functionOf();
  await poll(mapping, second.invoke).start();
  // Two partitions move. Their current batches were not committed, so the new owner receives them again.
  const moved = () => [...new Set(second.calls.map(({ partition }) => partition))];
  await waitFor('2 partitions to move', () => moved().length === 2);
  await waitFor('their commits', async () => {
    const offsets = await committed(mapping);
    return moved().every((partition) => offsets[partition] === 6);
  });
  for (const partition of moved()) expect(firstArrivals(second.calls, partition)).toEqual(upTo(6));

  // Now the first owner's invocations end, in all four partitions.
  gate.open();
  await allCommitted(mapping, 6);
  expect(moved()).toHaveLength(2);
  for (const partition of partitions) {
    expect(offsetsAtFirst(partition)).toEqual(upTo(moved().includes(partition) ? 3 : 6));
  }
});

test('a partition that comes back waits for the invocation that ran when it left', async () => {
  const topic = await makeTopic(2);
  await produce(topic, [...numbered(2, 0), ...numbered(2, 1)]);
  const mapping = mappingOf(topic);
  const gate = door();
  const first = functionOf(async () => {
    await gate.opened;
    return succeeded;
  });
  await poll(mapping, first.invoke).start();
  await waitFor('2 invocations', () => first.calls.length === 2);

  const second = functionOf(() => threw);
  const guest = poll(mapping, second.invoke);
  await guest.start();
  await waitFor('invocations at the guest', () => second.calls.length > 0);
  await guest.stop();
  await waitFor('the first to have both partitions again', async () => {
    const { groups } = await admin.describeGroups([mapping.consumerGroupId]);
    return groups[0]!.state === 'Stable' && groups[0]!.members.length === 1;
  });
  // Enough for a fetch and a batching window: an invocation that did not wait would have started.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(first.calls).toHaveLength(2);

  gate.open();
  await allCommitted(mapping, 2);
  expect(first.calls.map(({ partition }) => partition).sort()).toEqual(
    [0, 1, second.calls[0]!.partition].sort(),
  );
});

test('while members come and go, no record is lost and each partition stays in order', async () => {
  const topic = await makeTopic(4);
  const partitions = [0, 1, 2, 3];
  const mapping = mappingOf(topic, { batchSize: 5, batchingWindowMs: 20 });
  const { calls, invoke } = functionOf();
  const [stays, leaves] = [poll(mapping, invoke), poll(mapping, invoke)];
  let sent = 0;
  const send = async (rounds: number) => {
    for (let round = 0; round < rounds; round += 1) {
      await produce(
        topic,
        partitions.flatMap((partition) => numbered(3, partition, sent)),
      );
      sent += 3;
    }
  };
  await leaves.start();
  await send(10);
  await Promise.all([stays.start(), send(40)]);
  await send(10);
  await Promise.all([leaves.stop(), send(40)]);
  await send(10);

  await waitFor('the records', () =>
    partitions.every((partition) => firstArrivals(calls, partition).length === sent),
  );
  for (const partition of partitions) expect(firstArrivals(calls, partition)).toEqual(upTo(sent));
  await allCommitted(mapping, sent);
});

test('a poller waits for a topic that does not exist yet', async () => {
  const topic = await makeTopic(1);
  const later = `${topic}-later`;
  const { calls, invoke } = functionOf();
  const started = poll(mappingOf(later), invoke).start();
  await createTopic({ topic: later, numPartitions: 1 });
  await produce(later, numbered(1));
  await started;
  await waitFor('an invocation', () => calls.length > 0);
  expect(calls[0]!.values).toEqual(['0']);
});

test('a member that sends no heartbeats because its clock was set back joins again', async () => {
  const topic = await makeTopic(1);
  const mapping = mappingOf(topic, { batchSize: 3, retryBackoff: { initialMs: 100, maxMs: 100 } });
  await withChild(mapping, {}, async (child, batches) => {
    await produce(topic, numbered(3));
    await allCommitted(mapping, 3);
    let shifts = 0;
    await waitFor('the group to remove the member', async () => {
      // Again each time: on a busy machine the member may have joined after the clock was first set back.
      shifts += 1;
      child.send({ clockShiftMs: shifts * -3_600_000 });
      const { groups } = await admin.describeGroups([mapping.consumerGroupId]);
      return groups[0]!.members.length === 0;
    });
    await produce(topic, numbered(3, 0, 3));
    await allCommitted(mapping, 6);
    expect(batches()).toEqual(['0,1,2', '3,4,5']);
  });
});
