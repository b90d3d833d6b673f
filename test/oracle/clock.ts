/** Clocks as Intl reads them. */

export const DAY = 24 * 60 * 60 * 1_000;

export interface Reading {
  date: string;
  /** How long ago (ms) the clock's hour and its minute began. */
  intoHour: number;
  intoMinute: number;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
/** By zone and instant: each question reads the same few thousand. */
const readings = new Map<string, Map<number, Reading>>();

/** The reading of a wall clock. */
export function wallClock(ts: number, zone: string): Reading {
  const known = readings.get(zone) ?? new Map<number, Reading>();
  readings.set(zone, known);
  let reading = known.get(ts);
  if (!reading) {
    if (known.size > 100_000) known.clear();
    reading = readClock(ts, zone);
    known.set(ts, reading);
  }
  return reading;
}

/** When the clock's hour began: the first instant of an unbroken stretch in which the clock shows this hour. */
export function hourStart(ts: number, zone: string): number {
  const { intoHour, intoMinute } = wallClock(ts, zone);
  if (wallClock(ts - intoHour, zone).intoHour === 0) return ts - intoHour;
  let first = ts - intoMinute;
  while (wallClock(first - 60_000, zone).intoHour === wallClock(first, zone).intoHour - 60_000)
    first -= 60_000;
  return first;
}

function readClock(ts: number, zone: string): Reading {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      era: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    clocks.set(zone, clock);
  }
  const parts = Object.fromEntries(clock.formatToParts(ts).map(({ type, value }) => [type, value]));
  const intoSecond = ((ts % 1_000) + 1_000) % 1_000;
  const intoMinute = Number(parts.second) * 1_000 + intoSecond;
  return {
    date: `${parts.year!.padStart(4, '0')}-${parts.month}-${parts.day}`,
    intoHour: Number(parts.minute) * 60_000 + intoMinute,
    intoMinute,
  };
}
