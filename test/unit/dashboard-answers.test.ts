import type { Meta } from '../../dashboard/src/api/types.ts';

const { jest } = import.meta;

/** What the API answers next, by address. Each request is noted. */
const asked: string[] = [];
let answer: (address: string) => Promise<Response>;

Object.assign(globalThis, {
  location: { origin: 'http://shop.example' },
  document: { visibilityState: 'visible', addEventListener: () => {} },
  addEventListener: () => {},
  fetch: (request: Request) => {
    asked.push(request.url.slice('http://shop.example'.length));
    return answer(asked.at(-1)!);
  },
});
// A plain text to the type checker: the module's own types need those of a browser, which tests do not have.
const MODULE: string = '../../dashboard/src/api/answers.ts';
const { answerAt, askAgain, askAhead, forgetAnswers, watch } = (await import(MODULE)) as {
  answerAt(address: string): {
    data: unknown;
    previous: unknown;
    error: unknown;
    meta: Meta | undefined;
  };
  askAhead(address: string): void;
  askAgain(): void;
  forgetAnswers(): void;
  watch(address: string, every: number, changed: () => void): () => void;
};

const CLIENT: string = '../../dashboard/src/api/client.ts';
const { done, request } = (await import(CLIENT)) as {
  done(asked: Promise<unknown>): Promise<unknown>;
  request(address: string, init?: RequestInit): Promise<Response>;
};

const json = (data: unknown, status = 200) =>
  new Response(JSON.stringify(status === 200 ? { data } : data), { status });
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers();
  asked.length = 0;
});
afterEach(() => {
  forgetAnswers();
  jest.useRealTimers();
});

describe('a change while a question is under way', () => {
  test('is seen: the question is asked once more after it', async () => {
    const first = Promise.withResolvers<Response>();
    const answers = [first.promise, Promise.resolve(json('after'))];
    answer = () => answers.shift()!;
    const end = watch('/v1/funnels', 0, () => {});
    askAgain();
    first.resolve(json('before'));
    await pass(0);
    expect(asked).toEqual(['/v1/funnels', '/v1/funnels']);
    expect(answerAt('/v1/funnels').data).toBe('after');
    end();
  });

  test('asks nothing more for what is no longer shown', async () => {
    const first = Promise.withResolvers<Response>();
    answer = () => first.promise;
    const end = watch('/v1/funnels', 0, () => {});
    askAgain();
    end();
    first.resolve(json('before'));
    await pass(0);
    expect(asked).toHaveLength(1);
  });
});

test('an answer that breaks off is no fault of the page, for questions and for changes', async () => {
  const broken = () => new Response(new ReadableStream({ start: (body) => body.error(new Error('gone')) }));
  answer = async () => broken();
  const end = watch('/v1/overview', 0, () => {});
  await pass(0);
  expect(answerAt('/v1/overview').error).toMatchObject({ status: 0, code: 'offline', problems: [] });
  await expect(done(broken().json())).rejects.toMatchObject({ status: 0, code: 'offline', problems: [] });
  end();
});

describe('a refusal', () => {
  const refuse = (status: number) => {
    answer = async () => json({ code: 'refused', detail: 'No.' }, status);
    return watch('/v1/users/ada', 10_000, () => {});
  };

  test.each([404, 429, 503])('%i is asked again: it may pass', async (status) => {
    const end = refuse(status);
    await pass(60_000);
    expect(asked.length).toBeGreaterThan(1);
    answer = async () => json({ user_id: 'ada' });
    await pass(60_000);
    expect(answerAt('/v1/users/ada')).toMatchObject({ data: { user_id: 'ada' }, error: undefined });
    end();
  });

  test.each([400, 401, 403])('%i is not asked again', async (status) => {
    const end = refuse(status);
    await pass(120_000);
    expect(asked).toHaveLength(1);
    expect(answerAt('/v1/users/ada').error).toMatchObject({ status, code: 'refused' });
    end();
  });
});

test('what is asked ahead is asked once: the part of the page that shows it takes the answer', async () => {
  const first = Promise.withResolvers<Response>();
  answer = () => first.promise;
  askAhead('/v1/overview');
  askAhead('/v1/overview');
  await pass(0);
  const changed = jest.fn();
  const end = watch('/v1/overview', 0, changed);
  first.resolve(json({ orders: 3 }));
  await pass(0);
  expect(asked).toEqual(['/v1/overview']);
  expect(changed).toHaveBeenCalled();
  expect(answerAt('/v1/overview').data).toEqual({ orders: 3 });
  askAhead('/v1/overview');
  await pass(0);
  expect(asked).toHaveLength(1);
  end();
});

test('an answer has the days compared with beside its own', async () => {
  answer = async () =>
    new Response(JSON.stringify({ data: { orders: 3 }, previous: { data: { orders: 2 } } }));
  const end = watch('/v1/overview?compare=previous', 0, () => {});
  await pass(0);
  expect(answerAt('/v1/overview?compare=previous')).toMatchObject({
    data: { orders: 3 },
    previous: { orders: 2 },
  });
  end();
});

test('four requests are under way at a time; key numbers go first, then plots, and a change before them', async () => {
  const answers: PromiseWithResolvers<Response>[] = [];
  answer = () => {
    answers.push(Promise.withResolvers<Response>());
    return answers.at(-1)!.promise;
  };
  const paths = ['/v1/live', '/v1/products', '/v1/events', '/v1/access', '/v1/overview', '/v1/series'];
  const ends = paths.map((path) => watch(path, 0, () => {}));
  expect(asked).toEqual(['/v1/access', '/v1/overview', '/v1/series']);
  await pass(0);
  expect(asked.slice(3)).toEqual(['/v1/live']);
  const change = request('http://shop.example/v1/sites/tea', { method: 'PATCH' });
  answers[1]!.resolve(json({}));
  await pass(0);
  expect(asked.slice(4)).toEqual(['/v1/sites/tea']);
  for (const one of [...answers]) one.resolve(json({}));
  await pass(0);
  expect((await change).status).toBe(200);
  expect(asked.slice(5)).toEqual(['/v1/products', '/v1/events']);
  for (const one of answers) one.resolve(json({}));
  await pass(0);
  for (const end of ends) end();
});
