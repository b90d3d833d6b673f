import { type ApiError, asApiError, errorOf, request } from './client.ts';
import { forgetPulse, hearPulse, steadySince } from './pulse.ts';
import type { Meta } from './types.ts';

/** What is known of one question's answer. The page shows it while it is asked again. */
export interface Answer<T = unknown> {
  readonly data: T | undefined;
  /** The same for the days compared with, where the question has `compare`. */
  readonly previous: T | undefined;
  readonly meta: Meta | undefined;
  /** Why the last asking failed. With `data`, that is the last answer before. */
  readonly error: ApiError | undefined;
  /** When `data` was last seen to be current, ms since the epoch. */
  readonly at: number | undefined;
}

const UNASKED: Answer = {
  ...{ data: undefined, previous: undefined },
  ...{ meta: undefined, error: undefined, at: undefined },
};

interface Entry {
  answer: Answer;
  etag: string | undefined;
  /** When the API last answered, ms since the epoch. */
  cameAt: number;
  /** Each part of the page that shows the answer: what to call when it changes, and how often to ask, ms. */
  watchers: Map<() => void, number>;
  asking: Promise<void> | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
  failures: number;
}

interface Body {
  data?: unknown;
  previous?: { data: unknown };
  meta?: Meta;
}

/** Answers that no part of the page shows are kept up to this number, so going back is instant. */
const KEPT_UNWATCHED = 60;
const MAX_WAIT_MS = 30_000;

const entries = new Map<string, Entry>();
const everyChange = new Set<() => void>();

/** The answer at an address, as far as it is known. */
export const answerAt = (address: string): Answer => entries.get(address)?.answer ?? UNASKED;

/**
 * Asks now, and again every so often while the page is visible. Parts that watch the same address share one request.
 * @param every ms between two requests; 0: only once.
 * @returns a function that ends the watching.
 */
export function watch(address: string, every: number, changed: () => void): () => void {
  const entry = entryAt(address);
  entry.watchers.set(changed, every);
  const { at } = entry.answer;
  if (at === undefined || Date.now() - at > Math.max(every, 1_000)) void ask(address, entry);
  else schedule(address, entry);
  return () => {
    entry.watchers.delete(changed);
    schedule(address, entry);
    forgetOldest();
  };
}

/** Asks for what the page is going to show. A part that watches the address takes this answer. */
export function askAhead(address: string): void {
  const entry = entryAt(address);
  if (entry.answer.at === undefined) void ask(address, entry);
}

/** Asks all that is shown again, after a change. */
export function askAgain(): void {
  for (const [address, entry] of entries) {
    if (entry.watchers.size > 0) void askAfresh(address, entry);
    // What is not shown may have changed, too.
    else entries.delete(address);
  }
}

/** A request that is under way may have been answered before the change, so another one follows it. */
async function askAfresh(address: string, entry: Entry): Promise<void> {
  await entry.asking;
  if (entries.get(address) === entry && entry.watchers.size > 0) await ask(address, entry);
}

/** Asks what failed again, without its wait: something has just come through again. */
function askFailed(): void {
  for (const [address, entry] of entries) {
    if (entry.failures > 0 && entry.watchers.size > 0) void ask(address, entry);
  }
}

/** Forgets all answers: another key may see other things. */
export function forgetAnswers(): void {
  for (const entry of entries.values()) clearTimeout(entry.timer);
  entries.clear();
  forgetPulse();
}

/** Calls back whenever any answer changed. @returns a function that ends it. */
export function onAnyAnswer(changed: () => void): () => void {
  everyChange.add(changed);
  return () => everyChange.delete(changed);
}

/** The answers that are shown now, with their addresses. */
export const shownAnswers = (): (Answer & { address: string })[] =>
  [...entries].flatMap(([address, { answer, watchers }]) =>
    watchers.size > 0 ? [{ address, ...answer }] : [],
  );

function entryAt(address: string): Entry {
  let entry = entries.get(address);
  if (!entry) {
    entry = {
      answer: UNASKED,
      etag: undefined,
      cameAt: 0,
      watchers: new Map(),
      asking: undefined,
      timer: undefined,
      failures: 0,
    };
    entries.set(address, entry);
  }
  return entry;
}

function ask(address: string, entry: Entry): Promise<void> {
  entry.asking ??= load(address, entry).finally(() => {
    entry.asking = undefined;
    for (const changed of entry.watchers.keys()) changed();
    for (const changed of everyChange) changed();
    schedule(address, entry);
  });
  return entry.asking;
}

async function load(address: string, entry: Entry): Promise<void> {
  try {
    const headers = new Headers(entry.etag === undefined ? [] : [['if-none-match', entry.etag]]);
    const response = await request(new URL(address, location.origin).href, { headers });
    if (response.status === 304) {
      // The same object, so nothing that shows it is drawn again.
      entry.answer = { ...entry.answer, error: undefined, at: Date.now() };
    } else if (response.ok || isHealth(address, response)) {
      const body = (await response.json()) as Body;
      entry.answer = {
        ...{ data: body.data ?? body, previous: body.previous?.data },
        ...{ meta: body.meta, error: undefined, at: Date.now() },
      };
      entry.etag = response.headers.get('etag') ?? undefined;
    } else {
      throw await errorOf(response);
    }
    const isBack = entry.failures > 0;
    entry.failures = 0;
    entry.cameAt = Date.now();
    if (isBack) askFailed();
    hearPulse(entry.answer.meta?.applied);
  } catch (error) {
    entry.failures += 1;
    entry.answer = { ...entry.answer, error: asApiError(error) };
  }
}

/** Health answers 503 with its reasons: that is an answer, not a failure. */
const isHealth = (address: string, response: Response) =>
  address.startsWith('/v1/health') && response.status === 503;

/** Whether asking again would change nothing. A person or product that is not known yet may come, and a limit passes. */
const isFinal = (error: ApiError | undefined) =>
  error !== undefined &&
  error.status >= 400 &&
  error.status < 500 &&
  error.status !== 404 &&
  error.status !== 429;

/** Plans the next asking: none while the page is hidden or nothing shows the answer, later after failures. */
function schedule(address: string, entry: Entry): void {
  clearTimeout(entry.timer);
  const wanted = [...entry.watchers.values()].filter((every) => every > 0);
  if (document.visibilityState === 'hidden' || isFinal(entry.answer.error) || entry.watchers.size === 0)
    return;
  if (wanted.length === 0 && entry.failures === 0) return;
  const every = Math.min(...wanted, MAX_WAIT_MS);
  const wait =
    entry.failures === 0
      ? every
      : Math.min(MAX_WAIT_MS, Math.max(every, 1_000) * 2 ** Math.min(entry.failures, 5));
  const age = Date.now() - (entry.answer.at ?? 0);
  const left = entry.failures === 0 ? Math.max(0, wait - age) : wait;
  entry.timer = setTimeout(() => askIfChanged(address, entry), left);
}

/** Asks unless another answer has just shown that nothing was counted since. */
function askIfChanged(address: string, entry: Entry): void {
  const { answer, failures, cameAt } = entry;
  const at = failures > 0 ? undefined : steadySince(address, answer.meta?.applied, cameAt);
  if (at === undefined) return void ask(address, entry);
  entry.answer = { ...answer, at: Math.max(at, answer.at ?? 0) };
  schedule(address, entry);
}

function forgetOldest(): void {
  const unwatched = [...entries].filter(([, { watchers }]) => watchers.size === 0);
  for (const [address, { timer }] of unwatched.slice(0, Math.max(0, unwatched.length - KEPT_UNWATCHED))) {
    clearTimeout(timer);
    entries.delete(address);
  }
}

/** What was due while the page was hidden, or the network away, is asked as soon as it is back. */
function resume(): void {
  for (const [address, entry] of entries) {
    if (entry.failures > 0 && entry.watchers.size > 0) void ask(address, entry);
    else schedule(address, entry);
  }
}
document.addEventListener('visibilitychange', resume);
addEventListener('online', resume);
