import { FootfallError } from '../../shared/errors.ts';
import type { Ga4Problem } from '../../shared/events/ga4/check.ts';
import { fromMeasurementProtocol } from '../../shared/events/ga4/measurement-protocol.ts';
import { type Refusal, translate } from '../../shared/events/plain.ts';
import { readJson } from '../../shared/http/body.ts';
import { type HttpRequest, type HttpResponse, json } from '../../shared/http/stack.ts';
import type { Site, Sites } from '../../shared/sites.ts';
import type { Format, Verdict } from './format.ts';
import { refuseAll } from './limits.ts';
import { isMeasurementIdOf } from './measurement-ids.ts';

/** "The post body must be smaller than 130kB" (Google, "Send Measurement Protocol events", "Limitations"). */
const MAX_BODY_BYTES = 130_000;

/** GA4's Measurement Protocol: `POST /mp/collect?measurement_id=…&api_secret=…`. */
export const measurementProtocolFormat: Format = {
  siteOf,
  eventsOf: (request) => {
    const translated = fromMeasurementProtocol(readJson(request, MAX_BODY_BYTES), false);
    if ('problems' in translated) throw refusedRequest(translated.problems);
    return translated.events.map((one) =>
      'problems' in one ? { refusals: one.problems.map(refusalOf) } : one.event,
    );
  },
  answer,
};

/**
 * `POST /debug/mp/collect`: what is wrong, as Google's validation server says it, and nothing is stored. It checks
 * all that is checked when it counts, and limits that are not enforced then.
 * @throws FootfallError as {@link measurementProtocolFormat} does.
 */
export async function validateMeasurement(request: HttpRequest, sites: Sites): Promise<HttpResponse> {
  const site = siteOf(request, sites);
  const translated = fromMeasurementProtocol(readJson(request, MAX_BODY_BYTES), true);
  const problems =
    'problems' in translated
      ? translated.problems
      : translated.events.flatMap((one) => {
          if ('problems' in one) return one.problems;
          const result = translate(one.event.plain, site, Date.now(), () => 'none');
          const refusals = 'refusals' in result ? result.refusals : [];
          return refusals.map(({ code, path, message }): Ga4Problem => {
            const isInvalid = code === 'invalid_event';
            return {
              path: one.event.pathOf(path),
              message,
              code: isInvalid ? 'VALUE_INVALID' : 'VALUE_OUT_OF_BOUNDS',
            };
          });
        });
  const validationMessages = problems.map(({ path, message, code }) => ({
    fieldPath: path,
    description: message,
    validationCode: code,
  }));
  return json(200, { validationMessages });
}

/** `api_secret` is a write key, and the stream that is named has to be of the same site. */
function siteOf({ queryStringParameters: query }: HttpRequest, sites: Sites): Site {
  const site = sites.forWriteKey(query?.api_secret ?? '');
  if (!site) throw new FootfallError('unauthorized', 401, 'api_secret must be a write key of a site.');
  const stream = query?.measurement_id ?? query?.firebase_app_id;
  if (stream === undefined || !isMeasurementIdOf(site, stream)) {
    const message = "measurement_id (firebase_app_id for apps) must be one of the key's site.";
    throw new FootfallError('wrong_site', 403, message);
  }
  return site;
}

const refusalOf = ({ path, message }: Ga4Problem): Refusal => ({ code: 'invalid_event', path, message });

const refusedRequest = (problems: Ga4Problem[]) =>
  new FootfallError('invalid_events', 400, 'No event could be accepted.', {
    details: { errors: problems.map(refusalOf) },
  });

/**
 * 204 as Google answers. When some events were refused it is 200 and says which: these requests have no ids, so
 * that one which failed altogether would be sent again and count twice.
 */
function answer(verdicts: Verdict[]): HttpResponse {
  const refused = verdicts.filter(({ status }) => status === 'refused').length;
  if (refused === verdicts.length) throw refuseAll(verdicts);
  if (refused === 0) return { statusCode: 204 };
  return json(200, { accepted: verdicts.length - refused, refused, events: verdicts });
}
