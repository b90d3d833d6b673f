import type { KafkaMessage } from 'kafkajs';
import type { Invocation } from '../../src/judge-response.ts';
import { PartitionLoop, type PartitionPorts } from '../../src/partition-loop.ts';
import { type Turn, Turns } from '../../src/turns.ts';
import { mappingOf } from '../support/mapping.ts';
import { waitFor } from '../support/wait-for.ts';

const mapping = mappingOf('orders', {
  bootstrapServers: ['localhost:9092'],
  batchSize: 5,
  batchingWindowMs: 1,
  retryBackoff: { initialMs: 1, maxMs: 1 },
});

const succeeded: Invocation = { statusCode: 200, payload: null };

const messages = (count: number, bytes = 1): KafkaMessage[] =>
  Array.from({ length: count }, (_, offset) => ({
    key: null,
    value: Buffer.alloc(bytes),
    timestamp: '1',
    attributes: 0,
    offset: String(offset),
    headers: {},
  }));

/** A loop whose ports record what it does. @param changes.invoke instead of noting the offsets */
function loopWith({
  invoke,
  ...changes
}: Partial<PartitionPorts> & { invoke?: (payload: string) => Promise<Invocation> } = {}) {
  const happened: string[] = [];
  const noteOffsets = async (payload: string) => {
    const records = JSON.parse(payload).records['orders-0'] as { offset: number }[];
    happened.push(`invoke ${records.map(({ offset }) => offset)}`);
    return succeeded;
  };
  const turns = new Turns({ limit: 1, batchSize: 5, invoke: (payload) => (invoke ?? noteOffsets)(payload) });
  const ports: PartitionPorts = {
    turns,
    async onFailure() {},
    async commit(_, offset) {
      happened.push(`commit ${offset}`);
    },
    pauseFetching: () => happened.push('pause'),
    resumeFetching: () => happened.push('resume'),
    log: { notice() {}, warning() {}, error() {}, debug() {} },
    ...changes,
  };
  return { happened, turns, loop: new PartitionLoop(0, mapping, ports, Promise.resolve()) };
}

test('fetching pauses while the buffer is full, and resumes when a batch was sent', async () => {
  const door = Promise.withResolvers<Invocation>();
  const { happened, loop } = loopWith({ invoke: () => door.promise });
  // Each has a million bytes in base64. Five are a batch, and seven more fill the buffer.
  loop.append(messages(5, 750_000));
  await new Promise((resolve) => setTimeout(resolve, 20));
  loop.append(messages(6, 750_000));
  expect(happened).toEqual([]);
  loop.append(messages(1, 750_000));
  loop.append(messages(1, 750_000));
  expect(happened).toEqual(['pause']);
  door.resolve(succeeded);
  await waitFor('fetching to go on', () => happened.includes('resume'));
  await loop.close();
});

describe('while all turns are taken', () => {
  test('records that come join the batch that waits', async () => {
    const { happened, loop, turns } = loopWith();
    const other = await turns.take();
    const [one, ...others] = messages(3) as [KafkaMessage, ...KafkaMessage[]];
    loop.append([one]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    loop.append(others);
    expect(happened).toEqual([]);
    other.leave();
    await waitFor('the invocation', () => happened.includes('commit 3'));
    expect(happened).toEqual(['invoke 0,1,2', 'commit 3']);
    await loop.close();
  });

  test('a partition that is taken away uses no turn', async () => {
    const { happened, loop, turns } = loopWith();
    const other = await turns.take();
    loop.append(messages(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    loop.revoke();
    other.leave();
    await loop.finished;
    expect(happened).toEqual([]);
    await turns.take();
  });

  test('a batch that fails lets others go on while it pauses', async () => {
    let calls = 0;
    let other: Turn | undefined;
    const { happened, loop, turns } = loopWith({
      invoke: async () => {
        happened.push('invoke');
        if (++calls > 1) return succeeded;
        void turns.take().then((turn) => {
          other = turn;
          happened.push('another');
        });
        throw new Error('away');
      },
    });
    loop.append(messages(1));
    await waitFor('the other one', () => happened.includes('another'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    other!.leave();
    await waitFor('the second attempt', () => happened.includes('commit 1'));
    expect(happened).toEqual(['invoke', 'another', 'invoke', 'commit 1']);
    await loop.close();
  });
});

test('in a rebalance no invocation starts until the partition is kept', async () => {
  const { happened, loop } = loopWith();
  loop.hold();
  loop.append(messages(5));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(happened).toEqual([]);
  loop.keep();
  await waitFor('the invocation', () => happened.includes('commit 5'));
  expect(happened).toEqual(['invoke 0,1,2,3,4', 'commit 5']);
  await loop.close();
});

test('records that Kafka sends again after a rebalance are delivered once', async () => {
  const { happened, loop } = loopWith();
  loop.append(messages(3));
  await waitFor('the first batch', () => happened.includes('commit 3'));
  loop.keep();
  loop.append(messages(5));
  await waitFor('the rest', () => happened.includes('commit 5'));
  expect(happened).toEqual(['invoke 0,1,2', 'commit 3', 'invoke 3,4', 'commit 5']);
  await loop.close();
});

test('a failed commit is retried before the next invocation', async () => {
  let failures = 2;
  const { happened, loop } = loopWith({
    async commit(_, offset) {
      happened.push(failures > 0 ? 'commit fails' : `commit ${offset}`);
      if (failures-- > 0) throw new Error('no coordinator');
    },
  });
  loop.append(messages(10));
  await waitFor('all commits', () => happened.includes('commit 10'));
  expect(happened).toEqual([
    'invoke 0,1,2,3,4',
    'commit fails',
    'commit fails',
    'commit 5',
    'invoke 5,6,7,8,9',
    'commit 10',
  ]);
  await loop.close();
});

test('a revoked partition commits nothing, starts nothing and resumes fetching', async () => {
  const door = Promise.withResolvers<Invocation>();
  const { happened, loop } = loopWith({ invoke: () => door.promise });
  loop.append(messages(15, 750_000));
  expect(happened).toEqual(['pause']);
  await new Promise((resolve) => setTimeout(resolve, 20));
  loop.revoke();
  door.resolve(succeeded);
  await loop.finished;
  expect(happened).toEqual(['pause', 'resume']);
});
