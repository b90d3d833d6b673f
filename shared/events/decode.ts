import type { Site, Sites } from '../sites.ts';
import { HOUR_MS } from '../time.ts';
import { EVENT_NAME, EVENT_VERSION, eventKey, type FootfallEvent, type Item } from './event.ts';
import type { DeadLetterReason } from './outcome.ts';
import { partitionOf } from './partition.ts';

/** A record as Kafka has it. */
export interface KafkaRecord {
  topic: string;
  partition: number;
  offset: number;
  /** ms since the epoch. */
  timestamp: number;
  /** The value's bytes in base64, as Lambda hands them over. Empty for a record without a value. */
  value: string;
}

export type Decoded =
  | { record: KafkaRecord; event: FootfallEvent; site: Site; key: string }
  | { record: KafkaRecord; event?: never; reason: DeadLetterReason; detail: string };

/** A site's user, with the Kafka key that names both. */
export interface UserRef {
  key: string;
  site: string;
  user: string;
}

/**
 * Reads the records of one partition.
 * @returns each record decoded, in the given order, and the users that the events are of, each once.
 */
export function decodeBatch(
  records: readonly KafkaRecord[],
  sites: Sites,
  partitions: number,
): { decoded: Decoded[]; users: UserRef[] } {
  const users = new Map<string, UserRef>();
  const decoded = records.map((record): Decoded => {
    const one = decode(record, sites);
    if (!one.event || users.has(one.key)) return one;
    const { key, event } = one;
    if (partitionOf(key, partitions) !== record.partition) {
      const detail = 'Its site and user belong to another partition (murmur2 of site:user).';
      return { record, reason: 'wrong_partition', detail };
    }
    users.set(key, { key, site: event.site, user: event.user });
    return one;
  });
  return { decoded, users: [...users.values()] };
}

/**
 * Reads one record of the events topic. Never throws for what the record holds: whatever can't be counted
 * comes back with its reason, so that one bad record can't stop a partition.
 */
function decode(record: KafkaRecord, sites: Sites): Decoded {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(record.value, 'base64').toString('utf8'));
  } catch {
    return { record, reason: 'not_json', detail: 'The value is no JSON.' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { record, reason: 'not_an_event', detail: 'The value is no JSON object.' };
  }
  const candidate = parsed as Record<string, unknown>;
  if (candidate.v !== EVENT_VERSION) {
    return { record, reason: 'unknown_version', detail: `v must be ${EVENT_VERSION}.` };
  }
  const problem = findProblem(candidate);
  if (problem) return { record, reason: 'not_an_event', detail: problem };
  const event = parsed as FootfallEvent;
  const site = sites.get(event.site);
  if (!site) return { record, reason: 'unknown_site', detail: 'No site has this id.' };
  if (!event.backfill && event.received - event.ts > site.lateness_hours * HOUR_MS) {
    const detail = `It happened more than ${site.lateness_hours} hours before it was received.`;
    return { record, reason: 'too_late', detail };
  }
  return { record, event, site, key: eventKey(event) };
}

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max;

/** Names seen to be right: there are few, and a look-up is cheaper than the pattern. */
const eventNames = new Set<unknown>();

function isEventName(name: unknown): boolean {
  if (eventNames.has(name)) return true;
  if (typeof name !== 'string' || !EVENT_NAME.test(name)) return false;
  if (eventNames.size < 10_000) eventNames.add(name);
  return true;
}

/** An instant that a Date can hold. */
const isInstant = (value: unknown) => Number.isSafeInteger(value) && Math.abs(value as number) <= 8.64e15;

/**
 * The canonical event's shape by hand: this runs for every record, and collect has already checked each event
 * with zod; what remains to be caught is other programs' records. Returns what is wrong, or undefined.
 */
function findProblem(event: Record<string, unknown>): string | undefined {
  if (!isText(event.id, 128)) return 'id must be a text of 1 to 128 characters.';
  if (!isText(event.site, 64)) return 'site must be a text of 1 to 64 characters.';
  if (!isText(event.user, 256)) return 'user must be a text of 1 to 256 characters.';
  if (!isEventName(event.name)) return `name must match ${EVENT_NAME}.`;
  if (!isInstant(event.ts)) return 'ts must be a whole number of ms since the epoch.';
  if (!isInstant(event.received)) return 'received must be a whole number of ms since the epoch.';
  if (event.known !== undefined && event.known !== true) return 'known must be true or absent.';
  if (event.backfill !== undefined && event.backfill !== true) return 'backfill must be true or absent.';
  if (event.country !== undefined && !isText(event.country, 64)) return 'country must be a text.';
  if (event.value !== undefined && !Number.isSafeInteger(event.value)) {
    return 'value must be a whole number of minor units.';
  }
  let money = event.value !== undefined;
  if (event.items !== undefined) {
    if (!Array.isArray(event.items)) return 'items must be an array.';
    for (const item of event.items as unknown[]) {
      const problem = findItemProblem(item);
      if (problem) return problem;
      money ||= (item as Item).amount !== undefined;
    }
  }
  if (event.currency !== undefined ? !/^[A-Z]{3}$/.test(String(event.currency)) : money) {
    return 'currency must be an ISO 4217 code wherever there is money.';
  }
  return undefined;
}

function findItemProblem(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return 'items must be objects.';
  const { id, quantity, amount } = item as Record<string, unknown>;
  if (!isText(id, 128)) return 'items[].id must be a text of 1 to 128 characters.';
  if (!Number.isSafeInteger(quantity)) return 'items[].quantity must be a whole number.';
  if (amount !== undefined && !Number.isSafeInteger(amount)) {
    return 'items[].amount must be a whole number of minor units.';
  }
  return undefined;
}
