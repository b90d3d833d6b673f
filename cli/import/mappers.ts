import { findAmountProblem } from '../../shared/event/amounts.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { ga4Mapper } from './ga4-events.ts';
import { invoiceMapper } from './invoice-events.ts';
import type { Mapper } from './mapper.ts';
import { matomoMapper } from './matomo-events.ts';
import { rowMapper } from './order-events.ts';
import type { Plan } from './plan.ts';
import { Reject } from './reject.ts';
import { segmentMapper } from './segment-events.ts';
import type { Reading } from './values.ts';

/**
 * The mapper of a plan's shape.
 * @param now when the import takes place, ms since the epoch. Later times are refused.
 */
export function mapperOf(plan: Plan, now: number, reading: Reading): Mapper {
  const mapper = mapperOfShape(plan, now, reading);
  return {
    survey: (row) => mapper.survey(row),
    map: (row, fingerprint, note) => mapper.map(row, fingerprint, note).map(countable),
  };
}

/** @throws Reject for an event that aggregate would not count. */
function countable(event: FootfallEvent): FootfallEvent {
  const problem = findAmountProblem(event);
  if (problem) throw new Reject(`${problem.path} ${problem.message}.`);
  return event;
}

function mapperOfShape(plan: Plan, now: number, reading: Reading): Mapper {
  switch (plan.shape) {
    case 'row':
      return rowMapper(plan, now, reading);
    case 'invoice':
      return invoiceMapper(plan, now, reading);
    case 'segment':
      return segmentMapper(plan, now);
    case 'ga4':
      return ga4Mapper(plan, now);
    case 'matomo':
      return matomoMapper(plan, now);
  }
}
