import {
  backoffMs,
  type DeliveryPorts,
  type Discarded,
  deliver,
  type ErrorHandling,
} from '../../local/kafka-event-source/delivery.ts';
import type { EncodedRecord } from '../../local/kafka-event-source/event-shape.ts';
import type { Verdict } from '../../local/kafka-event-source/response.ts';

const rules: ErrorHandling = {
  reportBatchItemFailures: true,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
  bisectBatchOnFunctionError: false,
  retryBackoff: { initialMs: 100, maxMs: 1000 },
};

const batchOf = (...offsets: number[]): EncodedRecord[] =>
  offsets.map((offset) => ({ offset, timestamp: offset * 1000, key: null, json: '{}', bytes: 2 }));

/** Ports that answer by a script and write down all that happens, in order. */
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
      return { statusCode: 200, payload: undefined };
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
    stopped: () => false,
    now: () => 0,
    warn: () => {},
    ...changes,
  };
  return { ports, happened, discarded };
}

const failure: Verdict = { outcome: 'failure', reason: 'thrown' };
const partial = (...offsets: number[]): Verdict => ({ outcome: 'partial', failed: new Set(offsets) });

test('a batch that succeeds is settled once', async () => {
  const { ports, happened } = recorder([]);
  await deliver(batchOf(4, 5, 8), rules, ports);
  expect(happened).toEqual(['invoke 4,5,8', 'settled 9']);
});

test('a batch that fails comes again whole, after longer and longer pauses', async () => {
  const { ports, happened } = recorder([failure, failure, failure]);
  await deliver(batchOf(4, 5), rules, ports);
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

test('only reported records come again; what is before them is settled', async () => {
  const { ports, happened } = recorder([partial(5, 8), partial(8)]);
  await deliver(batchOf(4, 5, 6, 8), rules, ports);
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
  await deliver(batchOf(4, 5), { ...rules, maximumRetryAttempts: 2 }, ports);
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

test('no retry at all is a limit too', async () => {
  const { ports, happened } = recorder([failure]);
  await deliver(batchOf(4), { ...rules, maximumRetryAttempts: 0 }, ports);
  expect(happened).toEqual(['invoke 4', 'discard 4 RetriesExhausted 1', 'settled 5']);
});

test('splitting isolates the bad record, in order, and uses no retry up', async () => {
  const { ports, happened } = recorder([], {
    judge: (_, records) => (records.some(({ offset }) => offset === 6) ? failure : { outcome: 'success' }),
  });
  const handling = { ...rules, maximumRetryAttempts: 1, bisectBatchOnFunctionError: true };
  await deliver(batchOf(4, 5, 6, 7), handling, ports);
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

test('a function that cannot be reached counts as no attempt', async () => {
  const { ports, happened } = recorder(['unreachable', 'unreachable', failure]);
  await deliver(batchOf(4, 5), { ...rules, maximumRetryAttempts: 0 }, ports);
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

test('records that are too old are discarded before an invocation, also between two', async () => {
  let now = 65_500;
  const { ports, happened, discarded } = recorder([failure], {
    now: () => now,
    pause: async () => {
      now += 1000;
    },
  });
  await deliver(batchOf(5, 6, 7), { ...rules, maximumRecordAgeSeconds: 60 }, ports);
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

test('once stopped, nothing begins and nothing more is settled', async () => {
  let stopped = false;
  const { ports, happened } = recorder([failure], {
    stopped: () => stopped,
    pause: async () => {
      stopped = true;
    },
  });
  await deliver(batchOf(4, 5), rules, ports);
  expect(happened).toEqual(['invoke 4,5']);
});

test('records that could not be handed over are not settled', async () => {
  const { ports, happened } = recorder([failure], {
    discard: () => Promise.reject(new Error('stopped')),
  });
  await expect(deliver(batchOf(4), { ...rules, maximumRetryAttempts: 0 }, ports)).rejects.toThrow('stopped');
  expect(happened).toEqual(['invoke 4']);
});
