import * as z from 'zod';
import { FootfallError } from '../../../platform/errors.ts';
import { type Endpoint, jsonAnswer, problemAnswer, retryAnswer } from '../../../platform/http/endpoint.ts';
import { type HttpRequest, type HttpResponse, json } from '../../../platform/http/stack.ts';
import { findSite } from '../../../sites/source.ts';
import type { CollectContext } from '../../collect.ts';

/**
 * What Segment's browser and app libraries ask for before they send: which integrations a write key has. They have one,
 * which sends to this host. analytics.js calls it `CDNSettings`.
 */

const tracked = { __default: { enabled: true, integrations: {} } };

const settings = z
  .looseObject({
    integrations: z.looseObject({
      'Segment.io': z.looseObject({
        apiKey: z.string(),
        apiHost: z.string().meta({ description: 'This host, with `/v1`' }),
        protocol: z.enum(['http', 'https']),
      }),
    }),
    plan: z.looseObject({}).meta({ description: 'All events are sent' }),
    metrics: z.looseObject({ sampleRate: z.literal(0) }).meta({
      description: 'The library measures nothing about itself; it would send that to Segment',
    }),
  })
  .meta({
    id: 'SegmentSettings',
    examples: [settingsOf('shop-write-key', { apiHost: 'footfall.example/v1', protocol: 'https' })],
  });

function settingsOf(
  writeKey: string,
  { apiHost, protocol }: { apiHost: string; protocol: 'http' | 'https' },
) {
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost,
        protocol,
        type: 'browser',
        versionSettings: { componentTypes: ['browser'] },
        unbundledIntegrations: [],
        addBundledMetadata: false,
      },
    },
    plan: { track: tracked, identify: tracked, group: tracked },
    edgeFunction: {},
    analyticsNextEnabled: true,
    middlewareSettings: {},
    enabledMiddleware: {},
    metrics: { sampleRate: 0 as const },
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  };
}

/** The host that the client asked. Every gateway says whether that was over https; `npm start` has no https. */
function hostOf({ headers, requestContext }: HttpRequest) {
  const apiHost = `${headers.host ?? requestContext.domainName}/v1`;
  const proto = headers['x-forwarded-proto']?.split(',', 1)[0]?.trim();
  return { apiHost, protocol: proto === 'https' ? ('https' as const) : ('http' as const) };
}

/**
 * `GET /v1/projects/{writeKey}/settings`.
 * @throws FootfallError `unknown_key` 404, `rate_limited` 429, `sites_unavailable` 503.
 */
async function answerSettings(request: HttpRequest, { sites, limit }: CollectContext): Promise<HttpResponse> {
  const { writeKey = '' } = request.pathParameters ?? {};
  const address = request.requestContext.http.sourceIp;
  try {
    await findSite(sites, (known) => {
      if (!known.forWriteKey(writeKey)) throw new FootfallError('unauthorized', 401, 'Unknown write key.');
    });
  } catch (error) {
    if (!(error instanceof FootfallError) || error.status !== 401) throw error;
    // Limits guesses of keys.
    await limit({ address, cost: 1 });
    throw new FootfallError('unknown_key', 404, 'No site has this write key.');
  }
  return json(200, settingsOf(writeKey, hostOf(request)), { 'cache-control': 'private, max-age=300' });
}

export const settingsEndpoint: Endpoint<CollectContext> = {
  method: 'GET',
  path: '/v1/projects/{writeKey}/settings',
  id: 'read_segment_settings',
  tag: 'segment',
  summary: 'The settings that analytics.js and the app libraries ask for first',
  description: `Set \`cdnURL\` of analytics.js to this host, and the library learns where to send. A browser may keep the
answer for five minutes.`,
  access: [],
  parameters: z.object({ writeKey: z.string().meta({ description: 'A write key of the site' }) }),
  responses: {
    200: jsonAnswer('The settings', settings),
    404: problemAnswer('No site has this write key'),
    429: retryAnswer('Too many wrong keys from this address'),
    503: retryAnswer('The sites cannot be read'),
  },
  handler: answerSettings,
};
