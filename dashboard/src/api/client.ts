import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';
import type { Schemas } from './types.ts';

/** The API's client. Its types come from the OpenAPI document (`npm run client`). */

/** A refusal of the API, or no answer at all (`status` is 0, `code` `offline` or `timeout`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  /** What is wrong where, for 400. */
  readonly problems: readonly { path: string; message: string }[];

  constructor(
    status: number,
    code: string,
    message: string,
    rest: { requestId?: string; problems?: ApiError['problems'] } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = rest.requestId;
    this.problems = rest.problems ?? [];
  }
}

let key: string | undefined;

/** The key that all requests carry from now on; undefined: none. */
export function sendKey(text: string | undefined): void {
  key = text;
}

const refused = new Set<() => void>();

/**
 * Calls back when the API refuses the key (401): it has ended, or it may not do what was asked. @returns a function that
 * ends it.
 */
export function onRefusedKey(act: () => void): () => void {
  refused.add(act);
  return () => refused.delete(act);
}

/** Longer than the gateway's own limit of 30 s would only make the page look stuck. */
export const TIMEOUT_MS = 15_000;

/**
 * Fewer than a browser sends to one host at once: on a small machine, more would only make each answer slower. What
 * waits for its turn must not time out meanwhile.
 */
const AT_ONCE = 4;
let sent = 0;
const waiting: { rank: number; go: () => void }[] = [];

/** What a page that opens is looked at for: its key numbers, then its plots. What else is asked waits behind them. */
const FIRST = ['/v1/access', '/v1/overview', '/v1/series'];

/** Lower ones go first. A change goes before all questions, since the user waits for it. */
function rankOf({ method, url }: Request): number {
  const at = FIRST.indexOf(new URL(url).pathname);
  return method !== 'GET' ? -1 : at === -1 ? FIRST.length : at;
}

/** Resolves when it is the request's turn; undefined: at once, without waiting for the task that runs. */
function turnOf(asked: Request): Promise<void> | undefined {
  const rank = rankOf(asked);
  if (rank < FIRST.length && sent < AT_ONCE) {
    sent += 1;
    return undefined;
  }
  // Parts of a page ask one after the other within a task, and the first of them must not take all turns.
  void Promise.resolve().then(giveTurns);
  return new Promise((go) => waiting.push({ rank, go }));
}

function giveTurns(): void {
  // Stable: among equals, the first that asked.
  waiting.sort((a, b) => a.rank - b.rank);
  while (sent < AT_ONCE && waiting.length > 0) {
    sent += 1;
    waiting.shift()!.go();
  }
}

/** How many requests are not answered yet. */
export const underWay = (): number => sent + waiting.length;

function endTurn(): void {
  sent -= 1;
  giveTurns();
}

/** Every request to the API goes through here: the key in a header, never in an address, and no copy in the browser's cache. */
export async function request(address: string | Request, init: RequestInit = {}): Promise<Response> {
  const asked = new Request(address, { ...init, cache: 'no-store', credentials: 'omit', redirect: 'error' });
  if (key !== undefined) asked.headers.set('authorization', `Bearer ${key}`);
  const turn = turnOf(asked);
  if (turn) await turn;
  let response: Response;
  try {
    response = await fetch(asked, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw unanswered(error);
  } finally {
    endTurn();
  }
  // Those that are called ask this path, and act on its refusal themselves.
  const isAboutKey = new URL(asked.url).pathname === '/v1/access';
  if (response.status === 401 && key !== undefined && !isAboutKey) for (const act of refused) act();
  return response;
}

/** The error of a request without an answer: it took too long, or the connection is gone. */
const unanswered = (error: unknown): ApiError =>
  (error as Error).name === 'TimeoutError'
    ? new ApiError(0, 'timeout', 'Footfall did not answer in time.')
    : new ApiError(0, 'offline', 'Footfall cannot be reached.');

/** The API's endpoints, typed. For questions that the page keeps asking, use `useAnswer`. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: (asked) => request(asked) });

/** Reads a refusal: problem details (RFC 9457) with `code`, `detail` and `errors`. */
export async function errorOf(response: Response): Promise<ApiError> {
  return apiError(response, await response.json().catch(() => undefined));
}

/** The error of an answer that openapi-fetch has read. */
function apiError(response: Response, body: object | undefined): ApiError {
  const problem: Partial<Schemas['Problem']> = body ?? {};
  const message = problem.detail ?? `The API answered ${response.status}.`;
  const requestId = response.headers.get('x-request-id');
  return new ApiError(response.status, problem.code ?? `http_${response.status}`, message, {
    ...(requestId !== null && { requestId }),
    ...(problem.errors && { problems: problem.errors }),
  });
}

/** What ends while an answer's body is read is no refusal of the API: the connection is gone, or too slow. */
export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : unanswered(error);

/** `data` of an answer to a change. @throws ApiError */
export async function done<T>(asked: Promise<{ data?: T; error?: object; response: Response }>): Promise<T> {
  const { data, error, response } = await asked.catch((problem: unknown) => {
    throw asApiError(problem);
  });
  if (error !== undefined || !response.ok) throw apiError(response, error);
  return data as T;
}
