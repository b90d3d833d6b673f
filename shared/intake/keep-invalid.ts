import { EVENT_NAME, EVENT_VERSION } from '../event/event.ts';
import { type InvalidEvent, invalidUser, type KnownVisitor, type RawFormat } from '../event/invalid.ts';
import type { WayIn } from '../event/ways-in.ts';
import type { Site } from '../sites/site.ts';
import { saidBy, type Visitor } from './enrich/enrich.ts';
import { type Found, findingsOf, pathInEvent } from './findings.ts';
import type { Incoming } from './incoming.ts';
import { MAX_BODY_BYTES } from './request-limits.ts';
import { readConsent } from './values/flags.ts';
import { isNoPerson, isNoUserAgent } from './values/placeholders.ts';

/** The largest event that is kept, in bytes of its JSON: an order of 2,000 lines has some 200,000. */
const MAX_EVENT_BYTES = 256_000;

/** What is known of the events of one request. */
interface Surroundings {
  site: Site;
  received: number;
  via: WayIn;
  format: RawFormat;
  visitor: Visitor;
}

/**
 * Makes the records of one request's events that could not be understood. Together they are not larger than a request
 * may be: what a batch says for all of its events is repeated in each.
 */
export class InvalidEvents {
  readonly records: InvalidEvent[] = [];
  readonly #surroundings: Surroundings;
  readonly #visitor: KnownVisitor | undefined;
  #bytesLeft = MAX_BODY_BYTES;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#visitor = knownOf(surroundings.visitor);
  }

  /** @param found at least one problem; the first one is named in the letter. */
  add(one: Incoming, found: readonly Found[]): void {
    const { site, received, via, format } = this.#surroundings;
    const [{ path, message }] = found as [Found];
    const { plain } = one;
    // Nothing is kept that recognizes a visitor who refused consent, and every format has its own names for it.
    const isNamed = readConsent(fieldsOf(plain).consent) !== false;
    const raw = isNamed && this.#bytesLeft > 0 ? one.raw?.() : undefined;
    const { event, userAgent } = withoutUserAgent(raw);
    const visitor =
      userAgent === undefined ? this.#visitor : knownOf({ ...this.#surroundings.visitor, userAgent });
    const name = nameOf(plain, event);
    const people = isNamed ? peopleOf(plain, event) : [];
    this.records.push({
      ...{ v: EVENT_VERSION, site: site.id, user: invalidUser(received) },
      ...(name !== undefined && { name }),
      ...{ received, via },
      ...(people.length > 0 && { people }),
      invalid: {
        format,
        path: cut(pathInRaw(path, format), 300),
        message: cut(message, 500),
        findings: findingsOf(found),
        ...(visitor && { visitor }),
        ...this.#kept(event),
      },
    });
  }

  #kept(event: unknown): { event?: unknown } {
    if (typeof event !== 'object' || event === null || Object.keys(event).length === 0) return {};
    const text = JSON.stringify(event, finite);
    const bytes = Buffer.byteLength(text);
    this.#bytesLeft -= bytes;
    return bytes > MAX_EVENT_BYTES || this.#bytesLeft < 0 ? {} : { event: JSON.parse(text) as unknown };
  }
}

/** JSON has no NaN and no Infinity; as texts, they stay what they are, and stay refused where a number is expected. */
const finite = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

const cut = (text: string, max: number) => text.slice(0, max).toWellFormed();

/** The path inside the event as the letter holds it. A measurement is kept with its request, as its first event. */
const pathInRaw = (path: string, format: RawFormat) =>
  format === 'measurement_protocol' ? path.replace(/^events\[\d+\]/, 'events[0]') : pathInEvent(path);

/** Only what the user agent says is kept, not itself. */
function knownOf(visitor: Visitor): KnownVisitor | undefined {
  const { country, host } = visitor;
  const known = { ...(country && { country }), ...(host && { host }), ...saidBy(visitor) };
  return Object.keys(known).length > 0 ? known : undefined;
}

/** User agents are not stored: what an event's own one says takes its place. */
function withoutUserAgent(event: unknown): { event: unknown; userAgent?: string } {
  const { user_agent: own, context, ...rest } = fieldsOf(event);
  const { userAgent: ofContext, ...others } = fieldsOf(context);
  const said = [own, ofContext].find((one) => typeof one === 'string' && !isNoUserAgent(one));
  if (own === undefined && ofContext === undefined) return { event };
  return {
    event: { ...rest, ...(context !== undefined && { context: others }) },
    ...(said !== undefined && { userAgent: said as string }),
  };
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** The name of the event, as far as it can be read. */
function nameOf(plain: unknown, event: unknown): string | undefined {
  const { name, events } = fieldsOf(event);
  const first = Array.isArray(events) ? fieldsOf(events[0]).name : undefined;
  return [fieldsOf(plain).name, name, first].find(
    (one): one is string => typeof one === 'string' && EVENT_NAME.test(one),
  );
}

/** Fields of all formats that hold the id of a person. */
const PEOPLE = [
  ...['user_id', 'anonymous_id', 'userId', 'anonymousId', 'previousId'],
  ...['client_id', 'app_instance_id', 'uid', 'cid'],
];

/** Ids that the event names, each once. */
function peopleOf(...said: unknown[]): string[] {
  const ids = said.flatMap((fields) => PEOPLE.map((name) => fieldsOf(fields)[name]));
  const texts = ids.flatMap((id) =>
    (typeof id === 'string' || typeof id === 'number') && !isNoPerson(id) ? [String(id)] : [],
  );
  return [...new Set(texts)].filter((id) => id.length <= 256 && id.isWellFormed());
}
