import { type Fields, firstOf, objectOf, textOf } from '../common/convert-values.ts';
import type { EventDraft } from '../common/event-draft.ts';

/** Names of a visit in `context` and in `properties`. */
export const SESSION_IDS = ['sessionId', 'session_id'];
/** Destinations whose options name the visit (Segment, "Amplitude (Actions) Destination"). */
const DESTINATIONS = ['Actions Amplitude', 'Amplitude'];

/** The last word of a server library's name: `analytics-python`, `@segment/analytics-node`, `rudder-sdk-ruby`. */
const SERVER_LIBRARY =
  /(?:^|[^a-z])(?:node|python|ruby|php|java|go|golang|net|dotnet|rust|clojure|elixir|perl)$/i;
/** Calls that report what a visitor's device shows, whoever passes them on. */
const VIEWS: ReadonlySet<unknown> = new Set(['page', 'screen']);

/**
 * Adds the visit, and whether a server sent the message.
 * @param properties of a track, page or screen call.
 */
export function addVisit(
  draft: EventDraft,
  message: Fields,
  { type, context, properties }: { type: string; context: Fields; properties: Fields },
): void {
  const options = DESTINATIONS.map((name) => objectOf(objectOf(message.integrations)[name]).session_id);
  const ofContext = firstOf(context, SESSION_IDS);
  const ofProperties = firstOf(properties, SESSION_IDS);
  const found =
    ofContext?.[1] ?? ofProperties?.[1] ?? options.find((id) => id !== undefined && id !== '' && id !== -1);
  const place = ofContext ? `context.${ofContext[0]}` : `properties.${ofProperties?.[0] ?? SESSION_IDS[0]}`;
  draft.set('session_id', textOf(found, 100), place);
  if (!VIEWS.has(type) && isOfServer(message, context)) draft.set('server', true, 'context.library.name');
}

/** RudderStack's SDKs name the channel; of others, the library tells. */
function isOfServer(message: Fields, context: Fields): boolean {
  const channel = message.channel ?? context.channel;
  if (typeof channel === 'string' && channel !== '') return channel.toLowerCase() === 'server';
  const { name } = objectOf(context.library);
  return typeof name === 'string' && SERVER_LIBRARY.test(name);
}
