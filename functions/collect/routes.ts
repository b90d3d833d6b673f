import { type CollectContext, collect } from '../../shared/intake/collect.ts';
import type { Format } from '../../shared/intake/format.ts';
import {
  measurementProtocolFormat,
  validateMeasurement,
} from '../../shared/intake/formats/ga4/ga4-format.ts';
import { gtagFormat } from '../../shared/intake/formats/gtag/gtag-format.ts';
import { plainFormat } from '../../shared/intake/formats/plain/plain-format.ts';
import { segmentFormat } from '../../shared/intake/formats/segment/segment-format.ts';
import { snippet } from '../../shared/intake/snippet.ts';
import type { Route } from '../../shared/platform/http/router.ts';
import type { HttpRequest } from '../../shared/platform/http/stack.ts';

/** Segment's paths: those of its HTTP API, the short ones of its browser and app libraries, and old servers' import. */
const SEGMENT = {
  track: ['/v1/track', '/v1/t'],
  page: ['/v1/page', '/v1/p'],
  screen: ['/v1/screen', '/v1/s'],
  identify: ['/v1/identify', '/v1/i'],
  group: ['/v1/group', '/v1/g'],
  alias: ['/v1/alias', '/v1/a'],
  batch: ['/v1/batch', '/v1/b', '/v1/import'],
} as const;

/** All the ways in. */
export function collectRoutes(context: CollectContext): Route[] {
  const takes = (format: Format) => (request: HttpRequest) => collect(format, request, context);
  const segment = Object.entries(SEGMENT).flatMap(([type, paths]) => {
    const handler = takes(segmentFormat(type as keyof typeof SEGMENT));
    return paths.map((path): Route => ({ method: 'POST', path, handler }));
  });
  const validate = (request: HttpRequest) => validateMeasurement(request, context);
  return [
    { method: 'POST', path: '/v1/events', handler: takes(plainFormat) },
    ...segment,
    { method: 'POST', path: '/mp/collect', handler: takes(measurementProtocolFormat) },
    { method: 'POST', path: '/debug/mp/collect', handler: validate },
    { method: 'GET', path: '/g/collect', handler: takes(gtagFormat) },
    { method: 'POST', path: '/g/collect', handler: takes(gtagFormat) },
    { method: 'GET', path: '/f.js', handler: snippet },
  ];
}
