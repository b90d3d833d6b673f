import { DAY_MS, type Day, formatDay, parseDay } from '../platform/time.ts';
import type { EVENT_VERSION } from './event.ts';
import { FIRST_INSTANT, LAST_INSTANT } from './timestamps.ts';
import { areFindings, type Finding, isWayIn, type WayIn } from './ways-in.ts';

/** Formats in which the log keeps events that were not understood. */
export const RAW_FORMATS = ['plain', 'segment', 'measurement_protocol', 'gtag'] as const;
export type RawFormat = (typeof RAW_FORMATS)[number];

/** What collect knows of the visitor from the request's headers, to be used when the event is replayed. */
export interface KnownVisitor {
  country?: string;
  host?: string;
  device?: string;
  browser?: string;
  os?: string;
  bot?: string;
}

/**
 * The record of an event that collect could not understand, and that came with a valid key. aggregate makes it a dead
 * letter with the reason `invalid`, or only counts it beyond the site's daily limit.
 */
export interface InvalidEvent {
  v: typeof EVENT_VERSION;
  site: string;
  /** {@link invalidUser}: all such events of a site's UTC day lie in one shard, which holds the exact daily limit. */
  user: string;
  /** The event's name, when it could be read. */
  name?: string;
  /** When collect received it, ms. */
  received: number;
  via: WayIn;
  /** Ids of the person, as far as they could be read: an erased person's event is not shown. */
  people?: string[];
  invalid: {
    format: RawFormat;
    /** Where the first problem is in `event`; empty: the whole event. */
    path: string;
    message: string;
    /** All problems. */
    findings: Finding[];
    visitor?: KnownVisitor;
    /** The event in its own format. Absent: too large, or not an object; such an event is only counted. */
    event?: unknown;
  };
}

const PREFIX = 'invalid:';

/** The second half of the record's key: the UTC day of its receipt. @param received ms */
export const invalidUser = (received: number): string =>
  PREFIX + formatDay(Math.floor(received / DAY_MS)).replaceAll('-', '');

/** The day of {@link invalidUser}; undefined for other users. */
export function dayOfInvalidUser(user: string): Day | undefined {
  const [, year, month, day] = /^invalid:(\d{4})(\d{2})(\d{2})$/.exec(user) ?? [];
  return year === undefined ? undefined : parseDay(`${year}-${month}-${day}`);
}

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length <= max && value.isWellFormed();

/** Reads such a record; a text says what is wrong with it. */
export function readInvalid(candidate: Record<string, unknown>): InvalidEvent | string {
  const { site, user, received, via, invalid, people = [] } = candidate;
  if (!isText(site, 64) || site === '') return 'site must be a text of 1 to 64 characters.';
  if (
    !Number.isSafeInteger(received) ||
    (received as number) < FIRST_INSTANT ||
    (received as number) > LAST_INSTANT
  ) {
    return 'received must be a whole number of ms, of the years 1900 to 9999.';
  }
  if (user !== invalidUser(received as number)) return 'user must name the UTC day of received.';
  if (!isWayIn(via)) return 'via must name a way in.';
  if (!Array.isArray(people) || !people.every((one) => isText(one, 256))) return 'people must be texts.';
  if (typeof invalid !== 'object' || invalid === null) return 'invalid must be an object.';
  const { format, path, message, findings } = invalid as Record<string, unknown>;
  if (!RAW_FORMATS.includes(format as RawFormat)) {
    return `invalid.format must be one of ${RAW_FORMATS.join(', ')}.`;
  }
  if (!isText(path, 300) || !isText(message, 500)) return 'invalid must have a path and a message.';
  if (!areFindings(findings)) return 'invalid.findings must be codes and paths.';
  return candidate as unknown as InvalidEvent;
}
