import { FootfallError } from '../../../platform/errors.ts';
import { readJson } from '../../../platform/http/body.ts';
import { type HttpRequest, type HttpResponse, json } from '../../../platform/http/stack.ts';
import type { Site, Sites } from '../../../sites/site.ts';
import { findSite } from '../../../sites/source.ts';
import type { CollectContext } from '../../collect.ts';
import type { Format, Sender, Verdict } from '../../format.ts';
import type { Incoming } from '../../incoming.ts';
import { type Refusal, translate } from '../../plain-event.ts';
import { MAX_EVENTS } from '../../request-limits.ts';
import { listOf } from '../../values/lists.ts';
import type { Warning } from '../../values/warning.ts';
import { summaryOf, warningsOf } from '../../verdicts.ts';
import { objectOf } from '../common/convert-values.ts';
import type { Ga4Problem } from './ga4-problems.ts';
import { fromMeasurementProtocol } from './measurement.ts';

/** "The post body must be smaller than 130kB" (Google, "Send Measurement Protocol events", "Limitations"). */
const MAX_BODY_BYTES = 130_000;

/** Further messages are of little use, and an answer has a size limit. */
const MAX_MESSAGES = 100;

/** GA4's Measurement Protocol: `POST /mp/collect?measurement_id=…&api_secret=…`. */
export const measurementProtocolFormat: Format = {
  rawFormat: 'measurement_protocol',
  senderOf,
  eventsOf: (request) => incomingOf(readJson(request, MAX_BODY_BYTES)),
  answer,
};

/** The events of a body. What is wrong with the body is wrong with each of them. */
export function incomingOf(body: unknown): Incoming[] {
  const translated = fromMeasurementProtocol(body, false);
  const events = listOf(objectOf(body).events);
  const rawOf = (event: unknown) => () => ({ ...envelopeOf(body), events: [event] });
  if ('problems' in translated) {
    const refusals = translated.problems.map(refusalOf);
    const sent = Array.isArray(events) && events.length > 0 ? events.slice(0, MAX_EVENTS) : undefined;
    return (
      sent?.map((event) => ({ refusals, raw: rawOf(event) })) ?? [{ refusals, raw: () => envelopeOf(body) }]
    );
  }
  return translated.events.map((one, index) => ({
    ...('problems' in one ? { refusals: one.problems.map(refusalOf) } : one.event),
    raw: rawOf((events as unknown[])[index]),
  }));
}

/** What a request says, as far as it is used: no address of the visitor. */
const ENVELOPE = [
  ...['client_id', 'app_instance_id', 'user_id', 'timestamp_micros', 'user_agent'],
  ...['user_location', 'device', 'consent', 'validation_behavior', 'events'],
];

const envelopeOf = (body: unknown) =>
  Object.fromEntries(Object.entries(objectOf(body)).filter(([name]) => ENVELOPE.includes(name)));

/**
 * `POST /debug/mp/collect`: reports problems like Google's validation server and stores nothing. Checks
 * everything that `/mp/collect` checks, and recommendations it does not enforce.
 * @throws FootfallError as {@link measurementProtocolFormat}.
 */
export async function validateMeasurement(
  request: HttpRequest,
  { sites, limit }: Pick<CollectContext, 'sites' | 'limit'>,
): Promise<HttpResponse> {
  await limit({ address: request.requestContext.http.sourceIp, cost: 1 });
  const { site } = await findSite(sites, (known) => senderOf(request, known));
  const translated = fromMeasurementProtocol(readJson(request, MAX_BODY_BYTES), true);
  const ofEvents =
    'problems' in translated
      ? translated.problems
      : translated.events.flatMap((one) => {
          if ('problems' in one) return one.problems;
          const result = translate(one.event.plain, site, Date.now(), () => 'none');
          const refusals = 'refusals' in result ? result.refusals : [result.deadLetter ?? []].flat();
          const problems = refusals.map(({ code, path, message }): Ga4Problem => {
            const isInvalid = code === 'invalid_event';
            return {
              path: one.event.pathOf(path),
              message,
              code: isInvalid ? 'VALUE_INVALID' : 'VALUE_OUT_OF_BOUNDS',
            };
          });
          return [...problems, ...warningsOf(one.event, result).map(problemOfWarning)];
        });
  const problems = [...streamProblems(request.queryStringParameters, site), ...ofEvents];
  const validationMessages = problems.slice(0, MAX_MESSAGES).map(({ path, message, code }) => ({
    fieldPath: path,
    description: message,
    validationCode: code,
  }));
  return json(200, { validationMessages });
}

/**
 * `api_secret` is a write key, and decides whose the events are. The stream does not: another site could have listed
 * it first.
 */
function senderOf({ queryStringParameters: query }: HttpRequest, sites: Sites): Sender {
  const key = query?.api_secret ?? '';
  const site = sites.forWriteKey(key);
  if (!site) throw new FootfallError('unauthorized', 401, 'api_secret must be a write key of a site.');
  return { site, key };
}

/** For `/debug`: a stream that the site does not list is probably a mistake of the client. */
function streamProblems(
  query: HttpRequest['queryStringParameters'],
  { measurement_ids }: Site,
): Ga4Problem[] {
  const path = query?.firebase_app_id === undefined ? 'measurement_id' : 'firebase_app_id';
  const stream = query?.[path];
  if (stream === undefined) {
    const message = 'is missing. Google requires it. The events count for the site of api_secret.';
    return [{ code: 'VALUE_REQUIRED', path, message }];
  }
  if (measurement_ids.length === 0 || measurement_ids.includes(stream)) return [];
  const message =
    'is not one of the measurement ids of the site. The events count for the site of api_secret.';
  return [{ code: 'VALUE_INVALID', path, message }];
}

const problemOfWarning = ({ path, message }: Warning): Ga4Problem => ({
  code: 'VALUE_INVALID',
  path,
  message: `Put right: ${message}`,
});

const refusalOf = ({ path, message }: Ga4Problem): Refusal => ({ code: 'invalid_event', path, message });

/**
 * 204, like Google. If some events are not counted, 200 and a list of them: these requests have no ids, so
 * after an error the client would send the counted events again.
 */
function answer(verdicts: Verdict[]): HttpResponse {
  const summary = summaryOf(verdicts);
  return summary.accepted === verdicts.length ? { statusCode: 204 } : json(200, summary);
}
