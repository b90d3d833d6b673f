import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mapping } from '../../local/kafka-event-source/mapping.ts';
import { mappingOf } from '../support/mapping.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  admin,
  barrier,
  type Call,
  committed,
  functionOf,
  group,
  makeTopic,
  numbered,
  poll,
  produce,
  succeeded,
  threw,
} from './kafka-event-source-setup.ts';

const valuesOf = (calls: Call[]) => calls.flatMap(({ values }) => values.map(Number));

/** A poller in a process of its own; ended when the test is. */
async function withChild(
  mapping: Mapping,
  hangAt: number,
  use: (child: ChildProcess, batches: () => string[]) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-event-source-'));
  const file = join(folder, 'batches');
  const script = new URL('./kafka-event-source-child.ts', import.meta.url).pathname;
  const args = [script, JSON.stringify(mapping), JSON.stringify(group), file, String(hangAt)];
  const clock = new URL('../support/clock.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', clock, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const batches = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
  try {
    await use(child, batches);
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  }
}

test('a process killed in the middle of a batch: after a restart every record has arrived', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(30));
  const mapping = mappingOf(topic, { batchSize: 10 });
  await withChild(mapping, 10, async (_, batches) => {
    await waitFor('the second batch', () => batches().length === 2);
    expect(batches()).toEqual(['0,1,2,3,4,5,6,7,8,9', '10,11,12,13,14,15,16,17,18,19']);
  });
  expect(await committed(mapping)).toEqual({ 0: 10 });

  const { calls, invoke } = functionOf();
  await poll(mapping, invoke).start();
  await waitFor('2 invocations', () => calls.length === 2);
  expect(valuesOf(calls)).toEqual(Array.from({ length: 20 }, (_, number) => 10 + number));
});

test('a process that was frozen until the group gave it up sets nobody back when it wakes', async () => {
  const topic = await makeTopic(2);
  await produce(topic, [...numbered(60, 0), ...numbered(60, 1)]);
  const mapping = mappingOf(topic, { batchSize: 2 });
  await withChild(mapping, -1, async (child, batches) => {
    await waitFor('some batches', () => batches().length > 4);
    child.kill('SIGSTOP');
    const { invoke } = functionOf();
    await poll(mapping, invoke).start();
    await waitFor('all to be done by the other', async () =>
      Object.values(await committed(mapping)).every((offset) => offset === 60),
    );

    child.kill('SIGCONT');
    await waitFor('the frozen one to join again', async () => {
      expect(await committed(mapping)).toEqual({ 0: 60, 1: 60 });
      const { groups } = await admin.describeGroups([mapping.consumerGroupId]);
      return groups[0]!.state === 'Stable' && groups[0]!.members.length === 2;
    });
    const before = batches().length;
    await produce(topic, [...numbered(10, 0, 60), ...numbered(10, 1, 60)]);
    await waitFor('the new records', async () =>
      Object.values(await committed(mapping)).every((offset) => offset === 70),
    );
    expect(batches().slice(before).join()).toBe('60,61,62,63,64,65,66,67,68,69');
  });
});

test('stopping waits for the invocation under way, commits it and begins no other', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(9));
  const door = barrier();
  const { calls, invoke } = functionOf(async () => {
    await door.passed;
    return succeeded;
  });
  const mapping = mappingOf(topic, { batchSize: 3 });
  const poller = poll(mapping, invoke);
  await poller.start();
  await waitFor('1 invocation', () => calls.length === 1);
  let stopped = false;
  const stopping = poller.stop().then(() => {
    stopped = true;
  });
  // Longer than a member lives without heartbeats: it must not lose the partition while it waits.
  await new Promise((resolve) => setTimeout(resolve, group.sessionTimeoutMs + 500));
  expect(stopped).toBe(false);
  door.open();
  await stopping;
  expect(calls.map(({ offsets }) => offsets)).toEqual([[0, 1, 2]]);
  expect(await committed(mapping)).toEqual({ 0: 3 });
});

test('a function that takes longer than the session keeps its partition and is invoked once', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(2));
  const door = barrier();
  const { calls, invoke } = functionOf(async () => {
    await door.passed;
    return succeeded;
  });
  const mapping = mappingOf(topic, { batchSize: 1 });
  await poll(mapping, invoke).start();
  await waitFor('1 invocation', () => calls.length === 1);
  await new Promise((resolve) => setTimeout(resolve, group.sessionTimeoutMs + 500));
  expect(calls).toHaveLength(1);
  door.open();
  await waitFor('2 invocations', () => calls.length === 2);
  expect(valuesOf(calls)).toEqual([0, 1]);
});

test('TRIM_HORIZON begins with the oldest record, LATEST with the first after the start', async () => {
  const topic = await makeTopic(2);
  await produce(topic, [...numbered(3, 0), ...numbered(3, 1)]);
  const oldest = functionOf();
  await poll(mappingOf(topic, { consumerGroupId: `${topic}-oldest` }), oldest.invoke).start();
  const latest = functionOf();
  const mapping = mappingOf(topic, {
    consumerGroupId: `${topic}-latest`,
    startingPosition: { at: 'LATEST' },
  });
  const poller = poll(mapping, latest.invoke);
  await poller.start();
  await produce(topic, [...numbered(1, 0, 100), ...numbered(1, 1, 200)]);
  await waitFor(
    'the records',
    () => valuesOf(oldest.calls).length === 8 && valuesOf(latest.calls).length === 2,
  );
  expect(valuesOf(oldest.calls).sort((a, b) => a - b)).toEqual([0, 0, 1, 1, 2, 2, 100, 200]);
  expect(valuesOf(latest.calls).sort((a, b) => a - b)).toEqual([100, 200]);
});

test('LATEST is a place, not a habit: what comes while nobody polls arrives later', async () => {
  const topic = await makeTopic(1);
  await produce(topic, numbered(3));
  const mapping = mappingOf(topic, { startingPosition: { at: 'LATEST' } });
  const first = poll(mapping, functionOf().invoke);
  await first.start();
  await first.stop();
  await produce(topic, numbered(2, 0, 50));
  const { calls, invoke } = functionOf();
  await poll(mapping, invoke).start();
  await waitFor('the records', () => valuesOf(calls).length === 2);
  expect(valuesOf(calls)).toEqual([50, 51]);
});

test('AT_TIMESTAMP begins with the first record of that time', async () => {
  const topic = await makeTopic(1);
  const at = (timestamp: number, value: string) => ({ timestamp: String(timestamp), value });
  await produce(topic, [at(1_000_000, '0'), at(2_000_000, '1'), at(3_000_000, '2')]);
  const { calls, invoke } = functionOf();
  const startingPosition = { at: 'AT_TIMESTAMP', timestampMs: 1_500_000 } as const;
  await poll(mappingOf(topic, { startingPosition }), invoke).start();
  await waitFor('the records', () => valuesOf(calls).length === 2);
  expect(valuesOf(calls)).toEqual([1, 2]);
});

test('a rebalance: partitions that stay go on undisturbed, those that go are not committed by the old owner', async () => {
  const topic = await makeTopic(4);
  const partitions = [0, 1, 2, 3];
  await produce(
    topic,
    partitions.flatMap((partition) => numbered(6, partition, partition * 100)),
  );
  const mapping = mappingOf(topic, { batchSize: 3 });
  const door = barrier();
  const first = functionOf(async () => {
    await door.passed;
    return succeeded;
  });
  await poll(mapping, first.invoke).start();
  await waitFor('4 invocations', () => first.calls.length === 4);

  const second = functionOf();
  await poll(mapping, second.invoke).start();
  // Two partitions move. Their batches under way were not committed, so they come to the new owner again.
  await waitFor('4 invocations', () => second.calls.length === 4);
  const moved = [...new Set(second.calls.map(({ partition }) => partition))];
  expect(moved).toHaveLength(2);
  for (const partition of moved) {
    const offsets = second.calls
      .filter((call) => call.partition === partition)
      .flatMap((call) => call.offsets);
    expect(offsets).toEqual([0, 1, 2, 3, 4, 5]);
  }
  await waitFor('the commits', async () => {
    const offsets = await committed(mapping);
    return moved.every((partition) => offsets[partition] === 6);
  });

  // Now the old owner's first invocations end, of all four partitions.
  door.open();
  const stayed = partitions.filter((partition) => !moved.includes(partition));
  await waitFor('the commits', async () => {
    const offsets = await committed(mapping);
    return stayed.every((partition) => offsets[partition] === 6);
  });
  for (const partition of partitions) {
    const offsets = first.calls
      .filter((call) => call.partition === partition)
      .flatMap((call) => call.offsets);
    expect(offsets).toEqual(stayed.includes(partition) ? [0, 1, 2, 3, 4, 5] : [0, 1, 2]);
  }
  expect(await committed(mapping)).toEqual({ 0: 6, 1: 6, 2: 6, 3: 6 });
});

test('a partition that comes back waits for the invocation that was under way when it left', async () => {
  const topic = await makeTopic(2);
  await produce(topic, [...numbered(2, 0), ...numbered(2, 1)]);
  const mapping = mappingOf(topic);
  const door = barrier();
  const first = functionOf(async () => {
    await door.passed;
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
  // Time enough for a fetch and a batching window.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(first.calls).toHaveLength(2);

  door.open();
  await waitFor('all to be done', async () =>
    Object.values(await committed(mapping)).every((offset) => offset === 2),
  );
  expect(first.calls.map(({ partition }) => partition).sort()).toEqual(
    [0, 1, second.calls[0]!.partition].sort(),
  );
});

test('members come and go while records flow: nothing is lost, and each partition stays in order', async () => {
  const topic = await makeTopic(4);
  const mapping = mappingOf(topic, { batchSize: 5, batchingWindowMs: 20 });
  const calls: Call[] = [];
  const { invoke } = functionOf((call) => {
    calls.push(call);
    return succeeded;
  });
  const members = [poll(mapping, invoke)];
  await members[0]!.start();
  let sent = 0;
  const flow = async (rounds: number) => {
    for (let round = 0; round < rounds; round += 1) {
      await produce(
        topic,
        [0, 1, 2, 3].flatMap((partition) => numbered(3, partition, sent)),
      );
      sent += 3;
    }
  };
  await flow(10);
  members.push(poll(mapping, invoke));
  await Promise.all([members[1]!.start(), flow(40)]);
  await flow(10);
  await Promise.all([members[0]!.stop(), flow(40)]);
  await flow(10);

  const everything = Array.from({ length: sent }, (_, number) => number);
  const firstArrivals = (partition: number) => [
    ...new Set(valuesOf(calls.filter((call) => call.partition === partition))),
  ];
  await waitFor('the records', () =>
    [0, 1, 2, 3].every((partition) => firstArrivals(partition).length === sent),
  );
  for (const partition of [0, 1, 2, 3]) expect(firstArrivals(partition)).toEqual(everything);
  await waitFor('the commits', async () =>
    Object.values(await committed(mapping)).every((offset) => offset === sent),
  );
});

test('a topic that is made later is waited for', async () => {
  const topic = await makeTopic(1);
  const later = `${topic}-later`;
  const { calls, invoke } = functionOf();
  const started = poll(mappingOf(later), invoke).start();
  await admin.createTopics({ topics: [{ topic: later, numPartitions: 1 }], waitForLeaders: true });
  await produce(later, numbered(1));
  await started;
  await waitFor('1 invocation', () => calls.length === 1);
});

test('a clock that is set back: heartbeats stop until the group forgets the member, which then joins again', async () => {
  const topic = await makeTopic(1);
  const mapping = mappingOf(topic, { batchSize: 3, retryBackoff: { initialMs: 100, maxMs: 100 } });
  await withChild(mapping, -1, async (child, batches) => {
    await produce(topic, numbered(3));
    await waitFor('the first records', () => batches().length === 1);
    child.send({ clockShiftMs: -3_600_000 });
    await waitFor(
      'the group to forget the member',
      async () => {
        const { groups } = await admin.describeGroups([mapping.consumerGroupId]);
        return groups[0]!.members.length === 0;
      },
      { timeoutMs: 20_000 },
    );
    await produce(topic, numbered(3, 0, 3));
    await waitFor('a commit of the records after that', async () => (await committed(mapping))[0] === 6, {
      timeoutMs: 20_000,
    });
    expect([...new Set(batches())]).toEqual(['0,1,2', '3,4,5']);
  });
});
