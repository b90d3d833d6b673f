import { readInstant, unitOf } from '../../../event/timestamps.ts';
import { type IncomingEvent, refusalsOfNumbers } from '../../incoming.ts';
import { listOf } from '../../values/lists.ts';
import { countryOf, type Fields, firstOf, idOf, objectOf, textOf } from '../common/convert-values.ts';
import { EventDraft } from '../common/event-draft.ts';
import { addEvent } from './ga4-event.ts';
import { checkEvent, checkRequest, checkTime, type Ga4Problem } from './ga4-problems.ts';

/** A parsed Measurement Protocol request: its problems as a whole, or its events one by one. */
export type Translated = { problems: Ga4Problem[] } | { events: Ga4Translation[] };
export type Ga4Translation = { problems: Ga4Problem[] } | { event: IncomingEvent };

/**
 * Converts a body of `POST /mp/collect` into plain events. Drops `user_properties`, `user_data`,
 * `ip_override` and `consent` (which is about ads alone).
 * @param isDebug checks as strictly as Google's validation server.
 */
export function fromMeasurementProtocol(body: unknown, isDebug: boolean): Translated {
  const strict = isDebug || objectOf(body).validation_behavior === 'ENFORCE_RECOMMENDATIONS';
  const problems = checkRequest(body, strict);
  if (problems.length > 0) return { problems };
  const request = objectOf(body);
  const late = checkTime(request.timestamp_micros, 'timestamp_micros');
  if (late.length > 0) return { problems: late };
  return {
    events: (listOf(request.events) as unknown[]).map((event, index) => {
      const place = `events[${index}]`;
      const numbers = refusalsOfNumbers(event, place).map(
        ({ path, message }): Ga4Problem => ({ path, message, code: 'VALUE_INVALID' }),
      );
      const wrong = numbers.length > 0 ? numbers : checkEvent(event, place, strict);
      return wrong.length > 0 ? { problems: wrong } : { event: translated(request, objectOf(event), index) };
    }),
  };
}

function translated(request: Fields, event: Fields, index: number): IncomingEvent {
  const place = `events[${index}]`;
  const [who, client] = firstOf(request, ['client_id', 'app_instance_id']) ?? ['client_id', undefined];
  const draft = new EventDraft('', {});
  draft.set('anonymous_id', client, who);
  draft.set('user_id', idOf(request.user_id), 'user_id');
  const isOwn = event.timestamp_micros !== undefined;
  const micros = isOwn ? event.timestamp_micros : request.timestamp_micros;
  const whenPath = isOwn ? `${place}.timestamp_micros` : 'timestamp_micros';
  draft.set('timestamp', instantOf(micros, draft, whenPath), whenPath);
  draft.set('country', countryOf(objectOf(request.user_location).country_id), 'user_location.country_id');
  const device = objectOf(request.device);
  draft.set('device', textOf(device.category, 100), 'device.category');
  draft.set('browser', textOf(device.browser, 100), 'device.browser');
  draft.set('os', textOf(device.operating_system, 100), 'device.operating_system');
  addEvent(draft, {
    name: event.name,
    params: objectOf(event.params),
    originOf: (param) =>
      param === 'name' || param === 'params' ? `${place}.${param}` : `${place}.params.${param}`,
  });
  if (isOfServer(draft.plain)) draft.set('server', true, `${place}.name`);
  return draft.finished(textOf(request.user_agent, 1_000));
}

const VIEWS: ReadonlySet<unknown> = new Set(['page_view', 'screen_view']);
const ORDERS: ReadonlySet<unknown> = new Set(['purchase', 'refund']);

/**
 * The protocol is made for servers. A visitor's device shows itself by a view, or by the page or screen that an event
 * names. An order is the server's all the same: it may come long after the visit, with the page of the checkout.
 */
const isOfServer = ({ name, page }: Fields): boolean =>
  !VIEWS.has(name) && (page === undefined || ORDERS.has(name));

/**
 * A time to ISO 8601. It should be in microseconds; another unit is told by its size, see unitOf.
 * @param micros a number or its digits, as {@link checkTime} has seen.
 */
function instantOf(micros: unknown, draft: EventDraft, path: string): unknown {
  if (micros === undefined || micros === '') return undefined;
  const number = Number(micros);
  const ms = readInstant(number);
  if (ms === undefined) return micros;
  const unit = unitOf(number);
  if (unit !== 'us') {
    draft.warn('time_unit', path, `was read as ${UNITS[unit]}, by its size: it should be microseconds`);
  }
  return new Date(ms).toISOString();
}

const UNITS = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', ns: 'nanoseconds' };
