import { cutValue, dimensionValue } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import { type Counters, getOrMake, increase } from '../platform/counters.ts';
import { toThreeDigits } from '../platform/three-digits.ts';
import { DAY_MS, type Day, dayStart, HOUR_MS, localDay } from '../platform/time.ts';
import type { FilterField, FunnelDefinition, FunnelStep } from './definition.ts';

/** What one user did in one funnel. */
export interface FunnelState {
  /** By step: ts of the events that took it, in order. For the first step only those that may be an entry. */
  times: number[][];
  /** Days of entry that no event can change any more, in order, and the steps taken from there, see {@link takenIn}. */
  settled: [Day, taken: number][];
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
export function takesStep({ event: name, filters }: FunnelStep, event: FootfallEvent): boolean {
  if (name !== event.name) return false;
  return filters === undefined || filters.every(({ field, value }) => hasValue(event, field, value));
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
    const settled = new Map<Day, number>();
    for (const one of [state, other]) {
      const early = waysOf(one, definition, context.zone).filter(({ ts }) => ts <= until);
      for (const { day, times } of early) addTimes(times, day, stays);
      const days = early.map(({ day, times }) => [day, takenIn(times)] as const);
      for (const [day, taken] of [...one.settled, ...days]) settled.set(day, taken | (settled.get(day) ?? 0));
    }
    state.settled = [...settled].sort(([a], [b]) => a - b);
    state.settledUntil = until;
    state.times = state.times.map((times) => times.filter((ts) => ts > until));
  }
  other.times.forEach((times, step) => {
    for (const ts of times) addStep(state, definition, step, ts, context);
  });
  return stays;
}

/** Where a user enters a funnel: with its first step, or with a later one, see {@link entriesOf}. */
interface Entry {
  step: number;
  ts: number;
  day: Day;
}

/** By step: when it was taken, ms; undefined when it was not. */
type Times = readonly (number | undefined)[];

/** The steps that were taken, a bit for each. */
function takenIn(times: Times): number {
  let taken = 0;
  for (let step = 0; step < times.length; step++) if (times[step] !== undefined) taken |= 1 << step;
  return taken;
}

/**
 * A user's entries that are not settled, in order: one for each day with a first step. In a funnel that skips, a day
 * without one is entered with the first event of its earliest step. Where a shop sends no first step, that is the entry.
 */
function entriesOf({ times }: FunnelState, { skips }: FunnelDefinition, zone: string): Entry[] {
  if (!skips) return times[0]!.map((ts) => ({ step: 0, ts, day: localDay(ts, zone) }));
  const entries: Entry[] = [];
  for (let step = 0; step < times.length; step++) {
    for (const ts of times[step]!) {
      const day = localDay(ts, zone);
      // A user has few days. Where clocks go back over midnight, a day comes a second time.
      let at = entries.length;
      while (at > 0 && entries[at - 1]!.day > day) at--;
      if (entries[at - 1]?.day !== day) entries.splice(at, 0, { step, ts, day });
    }
  }
  return entries;
}

/** A user's entries that are not settled, each with the times of the steps that followed. */
const waysOf = (state: FunnelState, definition: FunnelDefinition, zone: string) =>
  entriesOf(state, definition, zone).map((entry) => ({
    ...entry,
    times: timesFrom(entry, state, definition, Infinity),
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
 * - Both: `t<k>|<seconds>`, the time from the step before to k, see {@link toThreeDigits}.
 *
 * Where steps before k were skipped, their numbers follow k (`g6~45|0`), and the gap is that to the previous day that
 * reached k and skipped the same.
 */
export function contributionsOf(
  state: FunnelState,
  definition: FunnelDefinition,
  { open, zone }: { open: readonly Session[]; zone: string },
): Map<Day, Counters> {
  const days = new Map<Day, Counters>();
  if (definition.by === 'session') {
    for (const session of open) {
      const ts = state.times[0]!.find((one) => one >= session.start);
      if (ts === undefined || ts > session.end) continue;
      const day = localDay(session.start, zone);
      const times = timesFrom({ step: 0, ts }, state, definition, session.end);
      for (let k = 1; k <= times.length; k++) addOne(days, day, `s${k}`);
      addTimes(times, day, days);
    }
    return days;
  }
  const ways = waysOf(state, definition, zone);
  for (const { day, times } of ways) addTimes(times, day, days);
  // By a step and what was skipped before it.
  const previous = new Map<number, Day>();
  for (const [day, taken] of [
    ...state.settled,
    ...ways.map((way) => [way.day, takenIn(way.times)] as const),
  ]) {
    for (let step = 0; taken >> step > 0; step++) {
      if ((taken & (1 << step)) === 0) continue;
      const upTo = taken & ((2 << step) - 1);
      const before = previous.get(upTo);
      addOne(days, day, `g${stepLabel(upTo)}|${before === undefined ? 0 : day - before}`);
      previous.set(upTo, day);
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

function addTimes(times: Times, day: Day, days: Map<Day, Counters>): void {
  let before: number | undefined;
  let taken = 0;
  for (let step = 0; step < times.length; step++) {
    const ts = times[step];
    if (ts === undefined) continue;
    taken |= 1 << step;
    if (before !== undefined)
      addOne(days, day, `t${stepLabel(taken)}|${toThreeDigits(Math.floor((ts - before) / 1_000))}`);
    before = ts;
  }
}

const labels = new Map<number, string>();

/**
 * How fields name the last of some steps: its number, and those of the earlier ones that were skipped.
 * @param taken a bit for each step
 * @example stepLabel(0b100111) === '6~45'
 */
export function stepLabel(taken: number): string {
  let label = labels.get(taken);
  if (label === undefined) {
    const last = Math.floor(Math.log2(taken));
    const skipped = Array.from({ length: last }, (_, step) => (taken & (1 << step) ? '' : step + 1)).join('');
    label = skipped === '' ? String(last + 1) : `${last + 1}~${skipped}`;
    labels.set(taken, label);
  }
  return label;
}

/** The times of the steps from an entry on: each is the first one after the step before. */
function timesFrom(
  { step, ts }: Pick<Entry, 'step' | 'ts'>,
  state: FunnelState,
  { steps, window_hours, skips }: FunnelDefinition,
  end: number,
): Times {
  const limit = Math.min(end, ts + window_hours * HOUR_MS);
  const times: (number | undefined)[] = [];
  while (times.length < step) times.push(undefined);
  times.push(ts);
  let before = ts;
  for (let k = step + 1; k < steps.length; k++) {
    if (state.times[k]!.length === 0) {
      if (!skips) break;
      times.push(undefined);
      continue;
    }
    // One event takes one step. Where two steps ask for the same event, the second one has to come later.
    const isSame = steps[k]!.event === steps[k - 1]!.event;
    const next = state.times[k]!.find((one) => (isSame ? one > before : one >= before));
    if (next !== undefined && next <= limit) {
      times.push(next);
      before = next;
    } else if (skips) times.push(undefined);
    else break;
  }
  return times;
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
  const most = Math.max(...state.times.map(({ length }) => length));
  const events = definition.skips ? state.times.reduce((sum, { length }) => sum + length, 0) : most;
  if (events <= MAX_ENTRIES && most <= MAX_TIMES) return;
  const entries = entriesOf(state, definition, site.zone);
  if (entries.length <= MAX_ENTRIES && most <= MAX_TIMES) return;
  const inTime = (site.lateness_hours + definition.window_hours) * HOUR_MS + 2 * DAY_MS;
  let until = last - inTime;
  // Far too many for a person: half of them are settled, whether or not they can still change.
  if (entries.length > 2 * MAX_TIMES) until = Math.max(until, entries[MAX_TIMES]!.ts);
  if (most > 2 * MAX_TIMES) {
    const longest = state.times.find(({ length }) => length === most)!;
    until = Math.max(until, longest[MAX_TIMES]!);
  }
  // A day or session is settled as a whole, or not at all.
  const kept = entries.find(({ ts }) => ts > until);
  if (kept !== undefined) until = Math.min(until, kept.ts - 1);
  if (until <= state.settledUntil) return;
  if (definition.by === 'user') {
    for (const { ts, day, times } of waysOf(state, definition, site.zone)) {
      if (ts <= until) state.settled.push([day, takenIn(times)]);
    }
    const day = state.settled.at(-1)?.[0];
    // Otherwise a later first step of the last settled day would be another entry.
    if (day !== undefined) until = Math.max(until, dayStart(day + 1, site.zone) - 1);
  }
  state.settledUntil = until;
  state.times = state.times.map((times) => times.filter((ts) => ts > until));
}
