import {
  backoffMs,
  type DeliveryPorts,
  type Discarded,
  deliverBatch,
  type ErrorHandling,
} from '../../src/deliver-batch.ts';
import type { Verdict } from '../../src/judge-response.ts';
import type { EncodedRecord } from '../../src/lambda-event.ts';

const rules: ErrorHandling = {
  reportBatchItemFailures: true,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
  bisectBatchOnFunctionError: false,
  retryBackoff: { initialMs: 100, maxMs: 1000 },
};

const batchOf = (...offsets: number[]): EncodedRecord[] =>
  offsets.map((offset) => ({ offset, timestamp: offset * 1000, key: null, json: '{}', bytes: 2 }));

/** Ports that answer with the given verdicts and record everything that happens, in order. */
function recorder(verdicts: (Verdict | 'unreachable')[], changes: Partial<DeliveryPorts> = {}) {
  const happened: string[] = [];
  const discarded: Discarded[] = [];
  const script = [...verdicts];
  const ports: DeliveryPorts = {
    async invoke(records) {
      happened.push(`invoke ${records.map(({ offset }) => offset)}`);
      if (script[0] === 'unreachable') {
        script.shift();
        throw new Error('connection refused');
      }
      return { invocation: { statusCode: 200, payload: undefined }, sent: new Map() };
    },
    judge: () => (script.shift() as Verdict | undefined) ?? { outcome: 'success' },
    async discard(what) {
      discarded.push(what);
      happened.push(
        `discard ${what.records.map(({ offset }) => offset)} ${what.condition} ${what.invokeCount}`,
      );
    },
    async settled(offset) {
      happened.push(`settled ${offset}`);
    },
    async pause(ms) {
      happened.push(`pause ${ms}`);
    },
    isStopped: () => false,
    now: () => 0,
    warn: () => {},
    ...changes,
  };
  return { ports, happened, discarded };
}

const failure: Verdict = { outcome: 'failure', reason: 'thrown' };
const partial = (...offsets: number[]): Verdict => ({ outcome: 'partial', failedOffsets: new Set(offsets) });

test('a batch that succeeds is settled once', async () => {
  const { ports, happened } = recorder([]);
  await deliverBatch(batchOf(4, 5, 8), rules, ports);
  expect(happened).toEqual(['invoke 4,5,8', 'settled 9']);
});

test('a failed batch comes again as a whole, after pauses that double', async () => {
  const { ports, happened } = recorder([failure, failure, failure]);
  await deliverBatch(batchOf(4, 5), rules, ports);
  expect(happened).toEqual([
    'invoke 4,5',
    'pause 100',
    'invoke 4,5',
    'pause 200',
    'invoke 4,5',
    'pause 400',
    'invoke 4,5',
    'settled 6',
  ]);
  expect(backoffMs(9999, rules.retryBackoff)).toBe(1000);
});

test('only reported records come again, and the records before them are settled', async () => {
  const { ports, happened } = recorder([partial(5, 8), partial(8)]);
  await deliverBatch(batchOf(4, 5, 6, 8), rules, ports);
  expect(happened).toEqual([
    'invoke 4,5,6,8',
    'pause 100',
    'settled 5',
    'invoke 5,8',
    'pause 200',
    'settled 8',
    'invoke 8',
    'settled 9',
  ]);
});

test('after the last retry the records are discarded', async () => {
  const { ports, happened } = recorder([failure, partial(5), failure]);
  await deliverBatch(batchOf(4, 5), { ...rules, maximumRetryAttempts: 2 }, ports);
  expect(happened).toEqual([
    'invoke 4,5',
    'pause 100',
    'invoke 4,5',
    'pause 200',
    'settled 5',
    'invoke 5',
    'discard 5 RetriesExhausted 3',
    'settled 6',
  ]);
});

test('with a limit of no retries the first failure discards the records', async () => {
  const { ports, happened } = recorder([failure]);
  await deliverBatch(batchOf(4), { ...rules, maximumRetryAttempts: 0 }, ports);
  expect(happened).toEqual(['invoke 4', 'discard 4 RetriesExhausted 1', 'settled 5']);
});

test('bisecting isolates the bad record, in order, and uses no retry', async () => {
  const { ports, happened } = recorder([], {
    judge: (_, records) => (records.some(({ offset }) => offset === 6) ? failure : { outcome: 'success' }),
  });
  const handling = { ...rules, maximumRetryAttempts: 1, bisectBatchOnFunctionError: true };
  await deliverBatch(batchOf(4, 5, 6, 7), handling, ports);
  expect(happened.filter((what) => !what.startsWith('pause'))).toEqual([
    'invoke 4,5,6,7',
    'invoke 4,5',
    'settled 6',
    'invoke 6,7',
    'invoke 6',
    'invoke 6',
    'discard 6 RetriesExhausted 4',
    'settled 7',
    'invoke 7',
    'settled 8',
  ]);
});

test('a function that cannot be reached uses no retry', async () => {
  const { ports, happened } = recorder(['unreachable', 'unreachable', failure]);
  await deliverBatch(batchOf(4, 5), { ...rules, maximumRetryAttempts: 0 }, ports);
  expect(happened).toEqual([
    'invoke 4,5',
    'pause 100',
    'invoke 4,5',
    'pause 200',
    'invoke 4,5',
    'discard 4,5 RetriesExhausted 1',
    'settled 6',
  ]);
});

test('records above the maximum age are discarded before each attempt', async () => {
  let now = 65_500;
  const { ports, happened, discarded } = recorder([failure], {
    now: () => now,
    pause: async () => {
      now += 1000;
    },
  });
  await deliverBatch(batchOf(5, 6, 7), { ...rules, maximumRecordAgeSeconds: 60 }, ports);
  expect(happened).toEqual([
    'discard 5 RecordAgeExceeded 0',
    'invoke 6,7',
    'settled 6',
    'discard 6 RecordAgeExceeded 1',
    'invoke 7',
    'settled 8',
  ]);
  expect(discarded.map(({ invocation }) => invocation)).toEqual([
    undefined,
    { statusCode: 200, payload: undefined },
  ]);
});

test('when stopped, no attempt starts and nothing more is settled', async () => {
  let stopped = false;
  const { ports, happened } = recorder([failure], {
    isStopped: () => stopped,
    pause: async () => {
      stopped = true;
    },
  });
  await deliverBatch(batchOf(4, 5), rules, ports);
  expect(happened).toEqual(['invoke 4,5']);
});

test('records that the destination did not receive are not settled', async () => {
  const { ports, happened } = recorder([failure], {
    discard: () => Promise.reject(new Error('stopped')),
  });
  await expect(deliverBatch(batchOf(4), { ...rules, maximumRetryAttempts: 0 }, ports)).rejects.toThrow(
    'stopped',
  );
  expect(happened).toEqual(['invoke 4']);
});
