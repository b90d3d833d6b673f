import type { Route } from '../../shared/http/router.ts';
import type { HttpRequest } from '../../shared/http/stack.ts';
import { type CollectContext, collect } from './collect.ts';
import type { Format } from './format.ts';
import { gtagFormat } from './gtag.ts';
import { measurementProtocolFormat, validateMeasurement } from './measurement-protocol.ts';
import { plainFormat } from './plain.ts';
import { segmentFormat } from './segment.ts';
import { snippet } from './snippet.ts';

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
