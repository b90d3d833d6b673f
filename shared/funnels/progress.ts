import { cutValue, dimensionValue } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { DAY_MS, type Day, dayStart, HOUR_MS, localDay } from '../platform/time.ts';
import type { FilterField, FunnelDefinition, FunnelStep } from './definition.ts';

/** What one user did in one funnel. */
export interface FunnelState {
  /** By step: ts of the events that took it, in order. For the first step only those that may be an entry. */
  times: number[][];
  /** Days of entry that no event can change any more, in order, and how many steps were taken from there. */
  settled: [Day, depth: number][];
  /** Events until then are settled, ms. */
  settledUntil: number;
}

/** A session of the user, by the ts (ms) of its first and last event. */
interface Session {
  start: number;
  end: number;
}

/** The user's sessions that late events may still join, in order. */
interface Sessions {
  open: readonly Session[];
}

/** More entries, or times of a step, are settled as soon as lateness allows, and in any case at twice as many. */
const MAX_ENTRIES = 30;
const MAX_TIMES = 200;

export const newFunnelState = (steps: number): FunnelState => ({
  times: Array.from({ length: steps }, () => []),
  settled: [],
  settledUntil: -Infinity,
});

/** Whether an event takes a step. */
export function takesStep({ event: name, filters = [] }: FunnelStep, event: FootfallEvent): boolean {
  return name === event.name && filters.every(({ field, value }) => hasValue(event, field, value));
}

function hasValue(event: FootfallEvent, field: FilterField, value: string): boolean {
  if (field === 'item_id') return (event.items ?? []).some(({ id }) => id === value);
  if (field === 'category' || field === 'brand') {
    return (event.items ?? []).some((item) => item[field] !== undefined && cutValue(item[field]) === value);
  }
  return dimensionValue(event, field) === value;
}

/** Adds the time of an event that took a step (counted from 0). The sessions hold the event already. */
export function addStep(
  state: FunnelState,
  { by }: FunnelDefinition,
  step: number,
  ts: number,
  { sessions, zone }: { sessions: Sessions; zone: string },
): void {
  if (ts <= state.settledUntil) return;
  const times = state.times[step]!;
  let at = times.length;
  while (at > 0 && times[at - 1]! > ts) at--;
  if (step > 0) {
    times.splice(at, 0, ts);
    return;
  }
  // Only the first of a day (or session) is an entry; later ones are dropped.
  const isSame = by === 'user' ? sameDay(ts, zone) : sameSession(ts, sessions);
  if (at > 0 && isSame(times[at - 1]!)) return;
  let end = at;
  while (end < times.length && isSame(times[end]!)) end++;
  times.splice(at, end - at, ts);
}

/**
 * Adds what the same person did under another id. The sessions are merged already. What either id has settled stays
 * settled, and entries of the other from that time are settled with it.
 * @param context.theirs the sessions of the other id
 * @returns the contributions (see {@link contributionsOf}) that the merged state no longer holds. They stay counted.
 */
export function mergeFunnels(
  state: FunnelState,
  other: FunnelState,
  definition: FunnelDefinition,
  context: { sessions: Sessions; theirs: readonly Session[]; zone: string },
): Map<Day, Counters> {
  let stays = new Map<Day, Counters>();
  if (definition.by === 'session') {
    const open = context.theirs.filter(({ end }) => end <= state.settledUntil);
    stays = contributionsOf(other, definition, { open, zone: context.zone });
  } else {
    const until = Math.max(state.settledUntil, other.settledUntil);
    const depths = new Map<Day, number>();
    for (const one of [state, other]) {
      const early = entriesOf(one, definition, context.zone).filter(({ entry }) => entry <= until);
      for (const { day, chain } of early) addTimes(chain, day, stays);
      const days = early.map(({ day, chain }) => [day, chain.length] as const);
      for (const [day, depth] of [...one.settled, ...days]) {
        depths.set(day, Math.max(depth, depths.get(day) ?? 0));
      }
    }
    state.settled = [...depths].sort(([a], [b]) => a - b);
    state.settledUntil = until;
    state.times = state.times.map((times) => times.filter((ts) => ts > until));
  }
  other.times.forEach((times, step) => {
    for (const ts of times) addStep(state, definition, step, ts, context);
  });
  return stays;
}

/** A user's entries that are not settled: each with its day, and the times of the steps that followed. */
const entriesOf = ({ times, ...rest }: FunnelState, definition: FunnelDefinition, zone: string) =>
  times[0]!.map((entry) => ({
    entry,
    day: localDay(entry, zone),
    chain: chainOf({ times, ...rest }, definition, entry, Infinity),
  }));

function sameDay(ts: number, zone: string) {
  const day = localDay(ts, zone);
  return (other: number) => localDay(other, zone) === day;
}

function sameSession(ts: number, sessions: Sessions) {
  const session = sessions.open.findLast(({ start, end }) => start <= ts && ts <= end);
  return (other: number) => session !== undefined && session.start <= other && other <= session.end;
}

/**
 * What the user adds to the funnel's numbers, by day of entry and field.
 *
 * - By user: `g<k>|<gap>` for each step k that the day's entry reached. The gap is the days since the user's previous
 *   day that reached it, 0 for none, so unique users of any range are summed as in active-days.ts.
 * - By session: `s<k>` for each step k.
 * - Both: `t<k>|<seconds>`, the time from step k − 1 to k, see {@link secondsBucket}.
 */
export function contributionsOf(
  state: FunnelState,
  definition: FunnelDefinition,
  { open, zone }: { open: readonly Session[]; zone: string },
): Map<Day, Counters> {
  const days = new Map<Day, Counters>();
  if (definition.by === 'session') {
    for (const session of open) {
      const entry = state.times[0]!.find((ts) => ts >= session.start);
      if (entry === undefined || entry > session.end) continue;
      const day = localDay(session.start, zone);
      const chain = chainOf(state, definition, entry, session.end);
      for (let k = 1; k <= chain.length; k++) addOne(days, day, `s${k}`);
      addTimes(chain, day, days);
    }
    return days;
  }
  const entries = entriesOf(state, definition, zone);
  for (const { day, chain } of entries) addTimes(chain, day, days);
  const all = [...state.settled, ...entries.map(({ day, chain }) => [day, chain.length] as const)];
  for (let k = 1; k <= definition.steps.length; k++) {
    let previous: Day | undefined;
    for (const [day, depth] of all) {
      if (depth < k) continue;
      addOne(days, day, `g${k}|${previous === undefined ? 0 : day - previous}`);
      previous = day;
    }
  }
  return days;
}

function addOne(days: Map<Day, Counters>, day: Day, field: string): void {
  increase(
    getOrMake(days, day, () => new Map()),
    field,
    1,
  );
}

function addTimes(chain: readonly number[], day: Day, days: Map<Day, Counters>): void {
  for (let k = 2; k <= chain.length; k++) {
    addOne(days, day, `t${k}|${secondsBucket(chain[k - 1]! - chain[k - 2]!)}`);
  }
}

/** The times of the steps from an entry on: each is the first one after the step before. */
function chainOf(state: FunnelState, { steps, window_hours }: FunnelDefinition, entry: number, end: number) {
  const limit = Math.min(end, entry + window_hours * HOUR_MS);
  const chain = [entry];
  for (let k = 1; k < steps.length; k++) {
    const before = chain[k - 1]!;
    // One event takes one step. Where two steps ask for the same event, the second one has to come later.
    const isSame = steps[k]!.event === steps[k - 1]!.event;
    const next = state.times[k]!.find((ts) => (isSame ? ts > before : ts >= before));
    if (next === undefined || next > limit) break;
    chain.push(next);
  }
  return chain;
}

/** Whole seconds, from 1,000 on rounded down to three digits: a day then has few different ones. */
function secondsBucket(ms: number): number {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 1_000) return seconds;
  const unit = 10 ** (Math.floor(Math.log10(seconds)) - 2);
  return Math.floor(seconds / unit) * unit;
}

/**
 * Settles entries that no event can change any more, once there are many.
 * @param last ts of the user's last event, ms
 */
export function settleFunnel(
  state: FunnelState,
  definition: FunnelDefinition,
  site: { zone: string; lateness_hours: number },
  last: number,
): void {
  const entries = state.times[0]!;
  const most = Math.max(...state.times.map(({ length }) => length));
  if (entries.length <= MAX_ENTRIES && most <= MAX_TIMES) return;
  const inTime = (site.lateness_hours + definition.window_hours) * HOUR_MS + 2 * DAY_MS;
  let until = last - inTime;
  // Far too many for a person: half of them are settled, whether or not they can still change.
  if (most > 2 * MAX_TIMES) {
    const longest = state.times.find(({ length }) => length === most)!;
    until = Math.max(until, longest[MAX_TIMES]!);
  }
  // A day or session is settled as a whole, or not at all.
  const kept = entries.find((ts) => ts > until);
  if (kept !== undefined) until = Math.min(until, kept - 1);
  if (until <= state.settledUntil) return;
  if (definition.by === 'user') {
    for (const { entry, day, chain } of entriesOf(state, definition, site.zone)) {
      if (entry <= until) state.settled.push([day, chain.length]);
    }
    const day = state.settled.at(-1)?.[0];
    // Otherwise a later first step of the last settled day would be another entry.
    if (day !== undefined) until = Math.max(until, dayStart(day + 1, site.zone) - 1);
  }
  state.settledUntil = until;
  state.times = state.times.map((times) => times.filter((ts) => ts > until));
}
