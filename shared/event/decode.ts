import type { KafkaRecord } from '../platform/kafka/record.ts';
import { DAY_MS, HOUR_MS } from '../platform/time.ts';
import { findAmountProblem, MAX_AMOUNT } from './amounts.ts';
import {
  CUSTOMER_TYPES,
  type Erases,
  EVENT_NAME,
  EVENT_VERSION,
  type FootfallEvent,
  type Item,
  MAX_ITEMS,
  MAX_PARTS,
  type Origin,
  VALUE_FIELDS,
} from './event.ts';
import { type InvalidEvent, readInvalid } from './invalid.ts';
import { KEPT_FIELDS, KEPT_ITEM_FIELDS, type KeptKind, MAX_INDEX, MAX_KEPT_TEXT } from './kept-fields.ts';
import { isOrderNote } from './order-note.ts';
import type { DeadLetterReason } from './outcome.ts';
import { partitionOf } from './partition.ts';
import { isPersonlessUser } from './personless.ts';
import { FIRST_INSTANT, LAST_INSTANT } from './timestamps.ts';
import { areFindings, type Finding, isWayIn, type WayIn } from './ways-in.ts';

/** A site's user, as a record's key names them. */
export interface UserRef {
  /** site:user. */
  key: string;
  site: string;
  user: string;
  /** The partition that the key belongs to. */
  home: number;
}

/** What decoding has to know of a site. */
export interface SiteTerms {
  lateness_hours: number;
}

/** The sites by their ids. */
export interface SiteLookup<S extends SiteTerms> {
  get(id: string): S | undefined;
}

/** A record that can't be counted, and why. */
export interface DeadLetter<S extends SiteTerms = SiteTerms> {
  record: KafkaRecord;
  event?: never;
  reason: DeadLetterReason;
  /** An explanation for people. */
  detail: string;
  /** The site, when it is known. */
  site?: S;
  /** For a record that another shard sent. */
  origin?: Origin | undefined;
  /** For the replay of a dead letter: its key. */
  replays?: string | undefined;
  /** What a site's quality counts of it: events that came over HTTP or from a file. */
  quality?: LetterQuality | undefined;
  /** It is a letter already, so the daily limit of `invalid` ones does not apply. */
  isKnown?: boolean;
}

/** What is known of an event that became a dead letter. */
export interface LetterQuality {
  via: WayIn | undefined;
  /** When it was received, ms. */
  received: number;
  findings: readonly Finding[];
  /** Bytes of a record with the reason `invalid`; undefined when it holds no event, and can only be counted. */
  bytes?: number | undefined;
}

/** An event that can be counted, or a dead letter. */
export type Decoded<S extends SiteTerms> =
  | { record: KafkaRecord; event: FootfallEvent; site: S; user: UserRef }
  | DeadLetter<S>;

/**
 * The users of some records, from the records' keys alone. The values can then be read one by one, and each is freed
 * once it is counted.
 * @param partitions how many partitions the topic has
 * @returns users by the key's bytes in base64. Different bytes that decode to the same text (broken UTF-8) give the
 *   same object.
 */
export function usersOf(records: readonly KafkaRecord[], partitions: number): Map<string, UserRef> {
  const byBytes = new Map<string, UserRef>();
  const byName = new Map<string, UserRef>();
  for (const { key: bytes } of records) {
    if (bytes === undefined || byBytes.has(bytes)) continue;
    const key = Buffer.from(bytes, 'base64').toString('utf8');
    const colon = key.indexOf(':');
    if (colon < 0) continue;
    let user = byName.get(key);
    if (!user) {
      const home = partitionOf(key, partitions);
      user = { key, site: key.slice(0, colon), user: key.slice(colon + 1), home };
      byName.set(key, user);
    }
    byBytes.set(bytes, user);
  }
  return byBytes;
}

/**
 * Reads one record of the events topic. Never throws because of what the record holds: a record that can't be counted
 * is returned with its reason, and can't stop a partition.
 * @param users of the batch, see {@link usersOf}
 * @example
 * const { event, reason } = decode(record, usersOf([record], 16), sites);
 */
export function decode<S extends SiteTerms>(
  record: KafkaRecord,
  users: ReadonlyMap<string, UserRef>,
  sites: SiteLookup<S>,
): Decoded<S> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(textOf(record.value ?? ''));
  } catch {
    return { record, reason: 'not_json', detail: 'The value is not JSON.' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { record, reason: 'not_an_event', detail: 'The value is not a JSON object.' };
  }
  const candidate = parsed as Record<string, unknown>;
  const replays = isText(candidate.replays, MAX_LETTER_KEY) ? candidate.replays : undefined;
  if (candidate.v !== EVENT_VERSION) {
    return { record, reason: 'unknown_version', detail: `v must be ${EVENT_VERSION}.`, replays };
  }
  if (candidate.invalid !== undefined) return invalidLetter(record, candidate, users, sites);
  const event = checked(candidate);
  if (typeof event === 'string') return { record, reason: 'not_an_event', detail: event, replays };
  const { origin } = event;
  const site = sites.get(event.site);
  if (!site) return { record, reason: 'unknown_site', detail: 'No site has this id.', origin, replays };
  if (!event.backfill && event.received - event.ts > site.lateness_hours * HOUR_MS) {
    const detail = `It happened more than ${site.lateness_hours} hours before it was received.`;
    return { record, reason: 'too_late', detail, site, origin, replays, quality: qualityOfLate(event) };
  }
  const user = users.get(record.key ?? '');
  if (!user || user.user !== event.user || user.site !== event.site) {
    return {
      record,
      reason: 'wrong_key',
      detail: 'The key must be the site and user of the event: site:user.',
      site,
      origin,
      replays,
    };
  }
  if (user.home !== record.partition) {
    const detail = 'The key belongs to another partition (murmur2, as in the Java client).';
    return { record, reason: 'wrong_partition', detail, site, origin, replays };
  }
  return { record, event, site, user };
}

/** What quality counts of an event that is too late. */
export const qualityOfLate = ({ via, received }: FootfallEvent): LetterQuality => ({
  via,
  received,
  findings: [['too_late', 'timestamp']],
});

/** An event that collect could not understand. Which shard holds it decides which daily limit it falls under. */
function invalidLetter<S extends SiteTerms>(
  record: KafkaRecord,
  candidate: Record<string, unknown>,
  users: ReadonlyMap<string, UserRef>,
  sites: SiteLookup<S>,
): DeadLetter<S> {
  const read = readInvalid(candidate);
  if (typeof read === 'string') return { record, reason: 'not_an_event', detail: read };
  const site = sites.get(read.site);
  if (!site) return { record, reason: 'unknown_site', detail: 'No site has this id.' };
  const user = users.get(record.key ?? '');
  if (!user || user.user !== read.user || user.site !== read.site) {
    return { record, reason: 'wrong_key', detail: 'The key must be the site and user of the record.', site };
  }
  if (user.home !== record.partition) {
    const detail = 'The key belongs to another partition (murmur2, as in the Java client).';
    return { record, reason: 'wrong_partition', detail, site };
  }
  const { via, received, invalid } = read;
  const bytes = invalid.event === undefined ? undefined : Math.floor(((record.value?.length ?? 0) * 3) / 4);
  return {
    ...{ record, reason: 'invalid', detail: detailOf(invalid), site },
    quality: { via, received, findings: invalid.findings, bytes },
  };
}

const detailOf = ({ path, message }: InvalidEvent['invalid']) =>
  (path === '' ? message : `${path}: ${message}`).slice(0, 300).toWellFormed();

/** A topic's name has at most 249 characters; partition and offset follow. */
const MAX_LETTER_KEY = 300;

/** Reused for every record: allocating a Buffer costs more than decoding into it. */
let scratch = Buffer.allocUnsafe(64 * 1024);

function textOf(base64: string): string {
  if (scratch.length < base64.length) scratch = Buffer.allocUnsafe(2 * base64.length);
  return scratch.toString('utf8', 0, scratch.write(base64, 0, 'base64'));
}

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max;

/** Valid names and currencies: there are few, and a look-up is cheaper than the pattern. */
const eventNames = new Set<unknown>();
const currencies = new Set<unknown>();

function matches(value: unknown, pattern: RegExp, seen: Set<unknown>): boolean {
  if (seen.has(value)) return true;
  if (typeof value !== 'string' || !pattern.test(value)) return false;
  if (seen.size < 10_000) seen.add(value);
  return true;
}

const isInstant = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= FIRST_INSTANT && (value as number) <= LAST_INSTANT;

const MAX_ENGAGED_MS = DAY_MS;

const isWhole = (value: unknown, max: number) =>
  Number.isSafeInteger(value) && Math.abs(value as number) <= max;

const isReserved = (user: unknown) => typeof user === 'string' && isPersonlessUser(user);

const isTextOrAbsent = (value: unknown) => value === undefined || typeof value === 'string';

/**
 * The canonical event, or what is wrong with it. Checked by hand, since this runs for every record; collect has checked
 * its events with zod, so this catches records of other programs. The event is copied into an object of one fixed
 * shape, which makes the fold fast.
 */
function checked(candidate: Record<string, unknown>): FootfallEvent | string {
  const { id, site, user, name, ts, received, known, backfill, clamped, items, currency, value, country } =
    candidate;
  if (!isText(id, 128)) return 'id must be a text of 1 to 128 characters.';
  if (!isText(site, 64)) return 'site must be a text of 1 to 64 characters.';
  // Half a surrogate pair has no bytes of its own: different such users would share a key in Redis.
  if (!isText(user, 256) || !user.isWellFormed()) {
    return 'user must be a well-formed text of 1 to 256 characters.';
  }
  if (!matches(name, EVENT_NAME, eventNames)) return `name must match ${EVENT_NAME}.`;
  if (!isInstant(ts)) return 'ts must be a whole number of ms, of the years 1900 to 9999.';
  if (!isInstant(received)) return 'received must be a whole number of ms, of the years 1900 to 9999.';
  if (known !== undefined && known !== true) return 'known must be true or absent.';
  if (backfill !== undefined && backfill !== true) return 'backfill must be true or absent.';
  if (clamped !== undefined && clamped !== true) return 'clamped must be true or absent.';
  const { personless, server, session_id, engaged_ms } = candidate;
  if (personless !== undefined && personless !== true) return 'personless must be true or absent.';
  // Such an id would share the state of events without a person.
  if (personless === undefined && (isPersonlessUser(user) || isReserved(candidate.identifies))) {
    return 'user and identifies must be no name of events without a person.';
  }
  if (server !== undefined && server !== true) return 'server must be true or absent.';
  if (session_id !== undefined && !(isText(session_id, 100) && session_id.isWellFormed())) {
    return 'session_id must be a well-formed text of 1 to 100 characters.';
  }
  const { via, put_right } = candidate;
  if (via !== undefined && !isWayIn(via)) return 'via must name a way in.';
  if (put_right !== undefined && !areFindings(put_right)) return 'put_right must be codes and paths.';
  if (engaged_ms !== undefined && !isWhole(engaged_ms, MAX_ENGAGED_MS)) {
    return 'engaged_ms must be a whole number of ms, a day at most.';
  }
  if (country !== undefined && !isText(country, 64)) return 'country must be a text.';
  if (items !== undefined) {
    if (!Array.isArray(items) || items.length > MAX_ITEMS)
      return `items must be an array of at most ${MAX_ITEMS} lines.`;
    for (const item of items as unknown[]) {
      const problem = findItemProblem(item);
      if (problem) return problem;
    }
  }
  const lines = items as Item[] | undefined;
  const amounts = findAmountProblem({ value, items: lines });
  if (amounts) return `${amounts.path} ${amounts.message}.`;
  let money: boolean =
    value !== undefined ||
    lines?.some(({ amount, discount }) => amount !== undefined || discount !== undefined) === true;
  let hasKept = false;
  // By the names that the event has. Looking up each field that it may have would cost a quarter of decoding.
  for (const field in candidate) {
    const kind = KEPT.get(field);
    if (kind === undefined) continue;
    if (!isKept(candidate[field], kind)) return `${field} must be ${KEPT_RULES[kind]}.`;
    hasKept = true;
    money ||= kind === 'amount';
  }
  if (currency === undefined ? money : !matches(currency, /^[A-Z]{3}$/, currencies)) {
    return 'currency must be an ISO 4217 code wherever there is money.';
  }
  const misfit = findTimelineProblem(candidate);
  if (misfit) return misfit;
  const { transaction_id, page, search_term, props, identifies, origin, joins, erases, replays } = candidate;
  const { referrer, source, medium, campaign, channel, device, browser, os, bot } = candidate;
  // One after the other: by their names, in a loop, this would take a tenth of decoding.
  const isMisspelt =
    isIllFormed(country) ||
    isIllFormed(page) ||
    isIllFormed(referrer) ||
    isIllFormed(source) ||
    isIllFormed(medium) ||
    isIllFormed(campaign) ||
    isIllFormed(device) ||
    isIllFormed(browser) ||
    isIllFormed(os) ||
    isIllFormed(search_term);
  if (isMisspelt) return findValueProblem(candidate)!;
  if (identifies !== undefined && (!isText(identifies, 256) || !identifies.isWellFormed())) {
    return 'identifies must be a well-formed text of 1 to 256 characters.';
  }
  if (origin !== undefined && !isOrigin(origin))
    return 'origin must name a partition, an offset, a part and a generation.';
  if (joins !== undefined && !(origin !== undefined && isJoin(joins))) {
    return 'joins must hold the state of a user, in a record with an origin.';
  }
  if (channel !== undefined && !isWellFormed(channel)) return 'channel must be a well-formed text.';
  // Shards send each other only events of people.
  if (bot !== undefined && !(isText(bot, 100) && bot.isWellFormed() && origin === undefined)) {
    return 'bot must be a well-formed text of 1 to 100 characters, in a record without an origin.';
  }
  const { order, visitor, returned } = candidate;
  for (const name of [visitor, returned]) {
    if (name !== undefined && !(origin !== undefined && isText(name, 256))) {
      return 'visitor and returned must be texts of 1 to 256 characters, in a record with an origin.';
    }
  }
  if (order !== undefined && !(origin !== undefined && isOrderNote(order))) {
    return 'order must say something of an order, in a record with an origin.';
  }
  if (erases !== undefined && !isErasure(erases)) return 'erases must name a receipt.';
  // Records of other shards are compared by their origin alone.
  if (replays !== undefined && !(isText(replays, MAX_LETTER_KEY) && origin === undefined)) {
    return 'replays must name a dead letter, in a record without an origin.';
  }
  const event = {
    v: EVENT_VERSION,
    id,
    site,
    user,
    known,
    name,
    ts,
    received,
    clamped,
    backfill,
    personless,
    server,
    session_id,
    engaged_ms,
    via,
    put_right,
    items,
    currency,
    value,
    transaction_id,
    country,
    page,
    referrer,
    source,
    medium,
    campaign,
    channel,
    device,
    browser,
    os,
    search_term,
    item_list_id: undefined,
    item_list_name: undefined,
    promotion_id: undefined,
    promotion_name: undefined,
    creative_name: undefined,
    creative_slot: undefined,
    coupon: undefined,
    affiliation: undefined,
    location_id: undefined,
    tax: undefined,
    shipping: undefined,
    discount: undefined,
    payment_type: undefined,
    shipping_tier: undefined,
    customer_type: undefined,
    bot,
    props,
    identifies,
    origin,
    joins,
    visitor,
    returned,
    order,
    erases,
    replays,
  };
  if (hasKept) copyKept(candidate, event);
  return event as FootfallEvent;
}

const isIllFormed = (value: unknown) => value !== undefined && !isWellFormed(value);

/** Two values that differ only in halves of surrogate pairs are the same in Redis, and one would hide the other. */
function findValueProblem(event: Record<string, unknown>): string | undefined {
  for (const field of VALUE_FIELDS) {
    const value = event[field];
    if (value !== undefined && !isWellFormed(value)) return `${field} must be a well-formed text.`;
  }
  return undefined;
}

const isWellFormed = (value: unknown) => typeof value === 'string' && value.isWellFormed();

function isOrigin(value: unknown): value is Origin {
  if (typeof value !== 'object' || value === null) return false;
  const { partition, offset, part, generation } = value as Record<string, unknown>;
  const isNumber = (number: unknown) => Number.isSafeInteger(number) && (number as number) >= 0;
  if (!isText(generation, 32)) return false;
  return isNumber(partition) && isNumber(offset) && isNumber(part) && (part as number) < MAX_PARTS;
}

function isJoin(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { user, state } = value as Record<string, unknown>;
  return isText(user, 256) && typeof state === 'string';
}

function isErasure(value: unknown): value is Erases {
  if (typeof value !== 'object' || value === null) return false;
  const { receipt, of } = value as Record<string, unknown>;
  return isText(receipt, 64) && (of === undefined || (Number.isSafeInteger(of) && (of as number) > 0));
}

function findItemProblem(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return 'items must be objects.';
  const { id, name, brand, category } = item as Record<string, unknown>;
  // Two ids that differ only in halves of surrogate pairs are the same in Redis, and one would hide the other.
  if (!isText(id, 128) || !id.isWellFormed()) {
    return 'items[].id must be a well-formed text of 1 to 128 characters.';
  }
  if (!isTextOrAbsent(name)) return 'items[].name must be a text.';
  if (brand !== undefined && !isWellFormed(brand)) return 'items[].brand must be a well-formed text.';
  if (category !== undefined && !isWellFormed(category)) {
    return 'items[].category must be a well-formed text.';
  }
  return findKeptItemProblem(item as Record<string, unknown>);
}

const KEPT: ReadonlyMap<string, KeptKind> = new Map(Object.entries(KEPT_FIELDS));
const KEPT_OF_ITEM: ReadonlyMap<string, KeptKind> = new Map(
  Object.entries(KEPT_ITEM_FIELDS).map(([field, [kind]]) => [field, kind]),
);

/** The fields are in the event's shape already, so it stays one shape. */
function copyKept(candidate: Record<string, unknown>, event: Record<string, unknown>): void {
  for (const field of KEPT.keys()) event[field] = candidate[field];
}

/** By the names that the item has: there are few, and most items have none of the fields. */
function findKeptItemProblem(item: Record<string, unknown>): string | undefined {
  for (const field in item) {
    const kind = KEPT_OF_ITEM.get(field);
    if (kind !== undefined && !isKept(item[field], kind))
      return `items[].${field} must be ${KEPT_RULES[kind]}.`;
  }
  return undefined;
}

const KEPT_RULES: Readonly<Record<KeptKind, string>> = {
  text: `a well-formed text of 1 to ${MAX_KEPT_TEXT} characters`,
  amount: `a whole number of minor units, ${MAX_AMOUNT} at most`,
  index: `a whole number from 0 to ${MAX_INDEX}`,
  customer_type: CUSTOMER_TYPES.join(' or '),
};

function isKept(value: unknown, kind: KeptKind): boolean {
  switch (kind) {
    case 'text':
      return isText(value, MAX_KEPT_TEXT) && value.isWellFormed();
    case 'amount':
      return isWhole(value, MAX_AMOUNT);
    case 'index':
      return isWhole(value, MAX_INDEX) && (value as number) >= 0;
    case 'customer_type':
      return (CUSTOMER_TYPES as readonly unknown[]).includes(value);
  }
}

/** Checks what only the timeline keeps. Answers promise these types, and nested arrays could exhaust the stack. */
function findTimelineProblem(event: Record<string, unknown>): string | undefined {
  const { transaction_id, props } = event;
  if (!isTextOrAbsent(transaction_id)) return 'transaction_id must be a text.';
  if (props === undefined) return undefined;
  if (typeof props !== 'object' || props === null || Array.isArray(props)) return 'props must be an object.';
  for (const value of Object.values(props)) {
    if (typeof value === 'object') return 'props must be texts, numbers, true or false.';
  }
  return undefined;
}
