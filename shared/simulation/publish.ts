import { setTimeout as sleep } from 'node:timers/promises';
import type { FootfallEvent } from '../event/event.ts';
import { FootfallError } from '../platform/errors.ts';
import type { Site, Sites } from '../sites/site.ts';
import { type InteractionFactory, MEAN_STEP_MS } from './factory.ts';

type Send = (events: FootfallEvent[]) => Promise<void>;

/** Time span of a burst, ms: three simulated days that end now. */
export const BURST_MS = 15 * 60_000;
const BATCH = 1_000;
/** Slices of that time in which busyness is measured. */
const SLICES = 900;
/** Time between two sends of a paced simulation, ms. */
const TICK_MS = 100;
/** Longer pauses (a laptop asleep, a broker down) are not caught up, ms. */
const LONGEST_PAUSE_MS = 1_000;

/** Sites simulated by default: the demo sites, never a real shop. */
const USUAL_SITES = ['demo', 'outlet'];

/**
 * Selects the sites to simulate.
 * @throws FootfallError `unknown_site` when a named site does not exist, or none is named and the demo sites
 *   do not exist.
 */
export function sitesToSimulate(sites: Sites, named: readonly string[] | undefined): Site[] {
  const known = sites.all().map(({ id }) => id);
  const wanted = named ?? USUAL_SITES.filter((id) => known.includes(id));
  const unknown = wanted.filter((id) => !known.includes(id));
  if (wanted.length === 0 || unknown.length > 0) {
    const problem = unknown.length > 0 ? `There is no site ${unknown.join(', ')}` : 'No site is named';
    throw new FootfallError(
      'unknown_site',
      400,
      `${problem}; sites that can be simulated are ${known.join(', ')}.`,
    );
  }
  return wanted.map((id) => sites.get(id)!);
}

/** Number of visitors that together produce this many events per second. */
export function shoppersFor(eventsPerSecond: number): number {
  return Math.max(20, Math.round((eventsPerSecond * MEAN_STEP_MS) / 1000));
}

/**
 * Yields `count` events ordered by time, ending now. Busy hours of the simulated days get more of them.
 * @param now ms since the epoch; the events happen in the 15 minutes before it.
 */
export function* burst(factory: InteractionFactory, count: number, now: number): Generator<FootfallEvent> {
  const slice = BURST_MS / SLICES;
  const from = now - BURST_MS;
  const weights = Array.from({ length: SLICES }, (_, n) => factory.busyness(from + (n + 0.5) * slice));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let at = 0;
  let below = 0;
  for (let n = 0; n < count; n += 1) {
    const target = ((n + 0.5) / count) * total;
    while (at < SLICES - 1 && below + weights[at]! <= target) below += weights[at++]!;
    const share = Math.min(1, (target - below) / weights[at]!);
    yield factory.next(Math.floor(from + (at + share) * slice), now);
  }
}

/**
 * Publishes a burst as fast as the brokers accept it.
 * @returns how many events the brokers acknowledged: fewer than `count` only after an abort.
 */
export async function publishBurst(
  factory: InteractionFactory,
  count: number,
  options: { send: Send; now: number; signal?: AbortSignal; onSent?: (sent: number) => void },
): Promise<number> {
  let sent = 0;
  let batch: FootfallEvent[] = [];
  const flush = async () => {
    await options.send(batch);
    sent += batch.length;
    batch = [];
    options.onSent?.(sent);
  };
  for (const event of burst(factory, count, options.now)) {
    if (options.signal?.aborted) return sent;
    batch.push(event);
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return sent;
}

/**
 * Publishes live events at a given rate until the signal is aborted or `events` are sent. A slow broker slows
 * it down; it does not catch up. Yields the number of acknowledged events after each send.
 * @param rate events per second, averaged over a simulated day; more in the evening, fewer at night.
 * @throws errors of `send`; the factory remains usable.
 */
export async function* publishAtRate(
  factory: InteractionFactory,
  options: {
    send: Send;
    rate: number;
    signal: AbortSignal;
    events?: number | undefined;
    /** ms since the epoch. */
    clock?: () => number;
  },
): AsyncGenerator<number> {
  const { send, rate, signal, events = Number.POSITIVE_INFINITY, clock = Date.now } = options;
  let sent = 0;
  let due = 0;
  let last = clock();
  while (!signal.aborted && sent < events) {
    await sleep(TICK_MS, undefined, { signal }).catch(() => {});
    // A clock that is set back must not move events back in time.
    const now = Math.max(last, clock());
    const from = Math.max(last, now - LONGEST_PAUSE_MS);
    due += (rate * factory.busyness(now) * (now - from)) / 1000;
    const count = Math.min(Math.floor(due), events - sent);
    due -= count;
    last = now;
    const batch = Array.from({ length: count }, (_, n) =>
      factory.next(Math.floor(from + ((n + 1) / count) * (now - from)), now),
    );
    for (let at = 0; at < batch.length; at += BATCH) {
      const part = batch.slice(at, at + BATCH);
      await send(part);
      sent += part.length;
    }
    if (count > 0) yield sent;
  }
}
