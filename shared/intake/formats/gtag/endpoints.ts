import * as z from 'zod';
import { type Endpoint, problemAnswer, unauthorizedAnswer } from '../../../platform/http/endpoint.ts';
import { type CollectContext, collect } from '../../collect.ts';
import { collectRefusals } from '../../responses.ts';
import { gtagFormat } from './gtag-format.ts';

const common: Omit<Endpoint<CollectContext>, 'method' | 'id' | 'summary'> = {
  path: '/g/collect',
  tag: 'ga4',
  description: `Version 2 of Google's collect endpoint (\`v=2\`). \`tid\` is the site's measurement id, \`cid\` the
visitor, \`uid\` the user, \`en\` the event, \`ep.\` and \`epn.\` its parameters, \`pr1\` … its items, \`cu\` the currency,
\`dl\` the page, \`dr\` the referrer (\`ir=1\`: not to be counted), \`sid\` the visit, \`_et\` the time in the foreground.
With \`gcs=G100\` or \`G110\` the visitor refused consent: the hit counts for no person. A hit with \`_p\` and \`_s\` that is sent again is counted once. No secret is
needed. A write key decides whose the hit is, where there is one: \`write_key\` in the query, or \`write_key\` among the
parameters of gtag.js' \`config\` (\`ep.write_key\`).`,
  access: [],
  query: z.looseObject({
    tid: z
      .string()
      .optional()
      .meta({ description: 'A measurement id of the site; with several, the first known one counts' }),
    write_key: z
      .string()
      .optional()
      .meta({ description: 'A write key of the site; it decides, and not `tid`' }),
    en: z.string().optional().meta({ description: 'Event name, where the body does not say it' }),
    cid: z.string().optional(),
  }),
  responses: {
    204: { description: 'At least one hit is stored, on all in-sync replicas' },
    400: problemAnswer('No hit could be accepted'),
    401: unauthorizedAnswer('write_key is not a write key, or tid is not a measurement id, of a site'),
    ...collectRefusals,
  },
  handler: (request, context) => collect(gtagFormat, request, context),
};

export const gtagEndpoints: readonly Endpoint<CollectContext>[] = [
  { ...common, method: 'GET', id: 'send_hit', summary: 'Take a hit of gtag.js' },
  {
    ...common,
    method: 'POST',
    id: 'send_hits',
    summary: 'Take hits of gtag.js, one for each line of the body',
    body: {
      content: {
        'text/plain': { schema: z.string().meta({ description: 'Each line is a query of its own' }) },
      },
    },
  },
];
