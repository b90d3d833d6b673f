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
const TIMEOUT_MS = 15_000;

/**
 * Fewer than a browser sends to one host at once: on a small machine, more would only make each answer slower. What
 * waits for its turn must not time out meanwhile.
 */
const AT_ONCE = 4;
const waiting: (() => void)[] = [];
let sent = 0;

/** The key numbers are what a page that opens is looked at for. Until the first of them came, the others wait. */
const isKeyNumbers = (address: string) => new URL(address).pathname === '/v1/overview';
let keyNumbers: 'not asked' | 'asked' | 'came' = 'not asked';
const afterKeyNumbers: (() => void)[] = [];

async function turnOf(asked: Request): Promise<void> {
  if (isKeyNumbers(asked.url)) {
    if (keyNumbers === 'not asked') keyNumbers = 'asked';
  } else if (keyNumbers === 'asked') {
    await new Promise<void>((turn) => afterKeyNumbers.push(turn));
  }
  if (sent >= AT_ONCE) await new Promise<void>((turn) => waiting.push(turn));
  else sent += 1;
}

function giveTurn(asked: Request): void {
  const next = waiting.shift();
  // The turn is handed on, so nothing slips in between.
  if (next) next();
  else sent -= 1;
  if (!isKeyNumbers(asked.url)) return;
  keyNumbers = 'came';
  for (const turn of afterKeyNumbers.splice(0)) turn();
}

/** Everything goes through here: the key in a header, never in an address, and no copy in the browser's cache. */
export async function request(address: string | Request, init: RequestInit = {}): Promise<Response> {
  const asked = new Request(address, { ...init, cache: 'no-store', credentials: 'omit', redirect: 'error' });
  if (key !== undefined) asked.headers.set('authorization', `Bearer ${key}`);
  await turnOf(asked);
  let response: Response;
  try {
    response = await fetch(asked, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw unanswered(error);
  } finally {
    giveTurn(asked);
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
