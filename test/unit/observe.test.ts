import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { FootfallError } from '../../shared/platform/errors.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { type HttpResponse, httpStack, json } from '../../shared/platform/http/stack.ts';
import { METRICS } from '../../shared/platform/observe/metrics.ts';
import {
  addAttributes,
  logger,
  observed,
  record,
  withAttributes,
} from '../../shared/platform/observe/observe.ts';
import { shardKeys } from '../support/generation.ts';
import { requestOf } from '../support/http.ts';
import { printed } from '../support/printed.ts';

// test/support/http.ts silences the logger.
beforeAll(() => logger.setLogLevel('INFO'));
afterAll(() => logger.setLogLevel('SILENT'));

describe('log lines without personal data and keys', () => {
  test('a Redis error is logged without the arguments of its command', async () => {
    const refused = Object.assign(new Error('OOM command not allowed'), {
      command: { name: 'evalsha', args: [shardKeys.user(7, 'shop', 'ana'), '["view_item"]'] },
    });
    const outage = new FootfallError('redis_unavailable', 503, 'The numbers cannot be read.', {
      cause: refused,
    });
    for (const log of [
      () => logger.error('A batch failed', refused),
      () => logger.error(outage.message, { code: outage.code, cause: outage.cause as Error }),
      () => logger.error('An answer failed', outage),
    ]) {
      const { text } = await printed(log);
      expect(text).toContain('OOM command not allowed');
      expect(text).not.toContain(shardKeys.prefix);
      expect(text).not.toContain('view_item');
    }
  });

  test.each([
    [
      'a server that repeats a command',
      "ERR unknown command 'evalsha', with args beginning with: 'ana' 'x' ",
    ],
    ['a parser that repeats the text', thrownBy(() => JSON.parse('{"x":ana}'))],
    ['a parser that repeats a part of a long text', thrownBy(() => JSON.parse(`ana${' '.repeat(100)}`))],
    ['a parser at the beginning of a text', thrownBy(() => JSON.parse('ana has no quotes'))],
  ])('%s', async (_, message) => {
    expect(message).toContain('ana');
    const error = new Error(message);
    error.stack = `Error: ${message}\n    at somewhere (file.ts:1:1)`;
    const { text, lines } = await printed(() => logger.error('Failed', error));
    expect(text).not.toContain('ana');
    expect(lines[0]!.error).toMatchObject({ name: 'Error', stack: expect.stringContaining('file.ts:1:1') });
  });
});

function thrownBy(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('It threw nothing.');
}

const context = { functionName: 'footfall-dev-analytics', awsRequestId: 'lambda-1' } as Context;
const stack = httpStack(
  routerOf([
    {
      method: 'GET',
      path: '/v1/users/{user}',
      handler: async ({ pathParameters, queryStringParameters }) => {
        if (queryStringParameters?.slow) await sleep(20);
        logger.warn(`of ${pathParameters?.user}`);
        if (queryStringParameters?.fail) throw new Error('Broken');
        return json(200, {});
      },
    },
  ]),
);
const get = async (target: string, requestId = '') => {
  const request = requestOf('GET', target);
  request.requestContext.requestId = requestId;
  return (await stack(request, context)) as HttpResponse & { headers: Record<string, string> };
};

describe('a request', () => {
  test('has its id in the answer, in the problem and in each log line, with the route but no path values', async () => {
    let answer: Awaited<ReturnType<typeof get>>;
    const { lines } = await printed(async () => {
      answer = await get('/v1/users/u-1?fail=1&read_key=secret', 'request-1');
    });
    expect(answer!.headers['x-request-id']).toBe('request-1');
    expect(answer!.headers['Access-Control-Expose-Headers']).toContain('x-request-id');
    expect(JSON.parse(answer!.body!)).toMatchObject({ code: 'internal', request_id: 'request-1' });
    const logged = lines.filter((line) => 'level' in line);
    expect(logged).toHaveLength(2);
    for (const line of logged) {
      expect(line).toMatchObject({
        request_id: 'request-1',
        lambda_request_id: 'lambda-1',
        function: 'analytics',
        route: 'GET /v1/users/{user}',
      });
    }
    expect(logged[1]).toMatchObject({ code: 'internal', status: 500, duration_ms: expect.any(Number) });
    expect(JSON.stringify(logged[1])).not.toMatch(/secret|u-1/);
  });

  test('gets a new id when the gateway gave none', async () => {
    const ids = [await get('/v1/users/a'), await get('/v1/users/a')].map(
      ({ headers }) => headers['x-request-id'],
    );
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[1]).not.toBe(ids[0]);
  });

  test('keeps its lines and metrics apart from concurrent requests', async () => {
    const { lines } = await printed(() =>
      Promise.all([
        get('/v1/users/slow-1?slow=1', 'slow-1'),
        get('/v1/users/fast-1', 'fast-1'),
        get('/v1/users/slow-2?slow=1&fail=1', 'slow-2'),
        get('/v1/none', 'none-1'),
      ]),
    );
    const messages = lines.filter(({ message }) => String(message).startsWith('of '));
    expect(messages).toHaveLength(3);
    for (const { message, request_id } of messages) expect(message).toBe(`of ${request_id}`);
    // Fields of one request do not appear in the next.
    const { lines: after } = await printed(() => observed(context, {}, async () => logger.warn('next')));
    expect(after[0]).not.toHaveProperty('route');
    expect(after[0]).not.toHaveProperty('request_id');
    const requests = lines.filter((line) => METRICS.requests.name in line);
    expect(requests.map(({ status, requests }) => [status, requests]).sort()).toEqual([
      ['2xx', 1],
      ['2xx', 1],
      ['4xx', 1],
      ['5xx', 1],
    ]);
  });

  test('does not appear in later lines of a connection that it opened', async () => {
    const shared = Promise.withResolvers<void>();
    let background: Promise<void> | undefined;
    const { lines } = await printed(async () => {
      await observed(context, { request_id: 'first' }, async () => {
        background = shared.promise.then(() => logger.warn('reconnected'));
      });
      await observed(context, { request_id: 'second' }, async () => {
        shared.resolve();
        await background;
        logger.warn('answered');
      });
    });
    expect(lines.map(({ message, request_id }) => [message, request_id])).toEqual([
      ['reconnected', 'first'],
      ['answered', 'second'],
    ]);
  });
});

describe('metrics', () => {
  test('are one line for each invocation, with counters added up in total and by dimension', async () => {
    const { lines } = await printed(() =>
      observed(context, {}, async () => {
        record(METRICS.applied, 2);
        record(METRICS.applied, 3);
        record(METRICS.bots, 0);
        record(METRICS.commitMs, 1.5);
        record(METRICS.commitMs, 2.5);
        record(METRICS.deadLettered, 1, { reason: 'too_late' });
        record(METRICS.deadLettered, 1, { reason: 'too_late' });
      }),
    );
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ applied: 5, commitMs: [1.5, 2.5] });
    expect(lines[0]).not.toHaveProperty('bots');
    expect(lines[1]).toMatchObject({ deadLettered: 2, reason: 'too_late' });
    const { CloudWatchMetrics } = (lines[1] as { _aws: { CloudWatchMetrics: unknown[] } })._aws;
    expect(CloudWatchMetrics).toEqual([
      {
        Namespace: 'Footfall',
        Dimensions: [['service'], ['service', 'reason']],
        Metrics: [{ Name: 'deadLettered', Unit: 'Count' }],
      },
    ]);
  });

  test('are written when an invocation fails, and when work goes on after it', async () => {
    let late: Promise<void> | undefined;
    const { lines } = await printed(async () => {
      const failing = observed(context, {}, async () => {
        record(METRICS.failedBatches, 1);
        late = sleep(5).then(() => record(METRICS.refilled, 7));
        throw new Error('Away');
      });
      await expect(failing).rejects.toThrow('Away');
      await late;
    });
    expect(lines).toMatchObject([{ failedBatches: 1 }, { refilled: 7 }]);
  });

  test('keep all values of a distribution with more than a hundred', async () => {
    const { lines } = await printed(() =>
      observed(context, {}, async () => {
        for (let i = 0; i < 250; i++) record(METRICS.batchRecords, i);
        record(METRICS.applied, 9);
      }),
    );
    expect(lines.flatMap(({ batchRecords = [] }) => batchRecords)).toHaveLength(250);
    expect(lines.filter((line) => 'applied' in line)).toMatchObject([{ applied: 9 }]);
  });

  test('are not written outside an invocation', async () => {
    expect((await printed(() => record(METRICS.applied, 1))).text).toBe('');
  });
});

test('concurrent parts of an invocation log which part they are', async () => {
  const { lines } = await printed(() =>
    observed(context, {}, () =>
      Promise.all(
        [1, 2].map((partition) =>
          withAttributes({ partition }, async () => {
            await sleep(partition);
            addAttributes({ own: partition });
            await sleep(5);
            logger.warn('part');
          }),
        ),
      ),
    ),
  );
  expect(lines.map(({ partition, own, lambda_request_id }) => [partition, own, lambda_request_id])).toEqual([
    [1, 1, 'lambda-1'],
    [2, 2, 'lambda-1'],
  ]);
});
