import { randomUUID } from 'node:crypto';
import type { FootfallEvent } from '../event/event.ts';
import type { InvalidEvent, RawFormat } from '../event/invalid.ts';
import type { Site } from '../sites/site.ts';
import { pathInEvent } from './findings.ts';
import { incomingOf as fromMeasurements } from './formats/ga4/ga4-format.ts';
import { fromHit } from './formats/gtag/hits.ts';
import { incomingOf as fromPlain } from './formats/plain/plain-format.ts';
import { fromSegment } from './formats/segment/message.ts';
import type { Incoming } from './incoming.ts';
import { understand } from './understand.ts';

/** Reads an event that was kept in its own format. */
const READERS: Record<RawFormat, (raw: unknown, received: number) => Incoming[]> = {
  plain: (raw) => [fromPlain(raw, '')],
  segment: (raw, received) => [fromSegment(raw, { place: '', received })],
  measurement_protocol: (raw) => fromMeasurements(raw),
  gtag: (raw) => [fromHit(parametersOf(raw), 0, false)],
};

const parametersOf = (raw: unknown) =>
  new Map(Object.entries(Object(raw) as object).map(([name, value]) => [name, String(value)]));

/**
 * Takes an event that was kept because it was not understood, as if it came now in its own format, with the time of its
 * receipt and what was known of its visitor.
 * @param raw the event as it was sent, perhaps changed.
 * @returns the canonical event; or the first problem, with its path in `raw`.
 */
export function reread(
  raw: unknown,
  { received, via, invalid: { format, visitor = {} } }: InvalidEvent,
  site: Site,
): { event: FootfallEvent } | { path: string; message: string } {
  const incoming = READERS[format](raw, received);
  if (incoming.length !== 1) return { path: 'events', message: 'must hold one event: a letter counts once' };
  const { country, host, ...agent } = visitor;
  const understood = understand(incoming[0]!, {
    ...{ site, received, via, newId: randomUUID },
    visitor: { ...(country && { country }), ...(host && { host }), agent },
  });
  if ('event' in understood) {
    if (!understood.refund) return { event: understood.event };
    return {
      path: 'items',
      message: 'must hold only lines that were bought, or only lines that came back: a letter counts once',
    };
  }
  const [first] = understood.refusals;
  const path = first?.path ?? '';
  return {
    path: format === 'measurement_protocol' ? path : pathInEvent(path),
    message: first?.message ?? 'is not an event',
  };
}
