import * as z from 'zod';
import type { CollectContext } from '../../shared/intake/collect.ts';
import { ga4Endpoints } from '../../shared/intake/formats/ga4/endpoints.ts';
import { gtagEndpoints } from '../../shared/intake/formats/gtag/endpoints.ts';
import { plainEndpoints } from '../../shared/intake/formats/plain/endpoints.ts';
import { segmentEndpoints } from '../../shared/intake/formats/segment/endpoints.ts';
import { snippet } from '../../shared/intake/snippet.ts';
import type { Endpoint } from '../../shared/platform/http/endpoint.ts';

const snippetEndpoint: Endpoint<CollectContext> = {
  method: 'GET',
  path: '/f.js',
  id: 'read_snippet',
  tag: 'collect',
  summary: "The script for a shop's pages",
  description:
    'Sends page views, and the events that a page hands to it: `<script async src="/f.js" data-key="WRITE_KEY"></script>`',
  access: [],
  responses: {
    200: {
      description: 'Less than 2 kB, packed',
      headers: { ETag: { required: true, schema: { type: 'string' } } },
      content: { 'text/javascript': { schema: z.string() } },
    },
    304: { description: 'The script has not changed since If-None-Match' },
  },
  handler: snippet,
};

/** All the ways in. */
export const collectEndpoints: readonly Endpoint<CollectContext>[] = [
  ...plainEndpoints,
  snippetEndpoint,
  ...segmentEndpoints,
  ...ga4Endpoints,
  ...gtagEndpoints,
];
