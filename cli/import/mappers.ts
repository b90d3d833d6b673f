import { ga4Mapper } from './ga4-events.ts';
import { invoiceMapper } from './invoice-events.ts';
import type { Mapper } from './mapper.ts';
import { matomoMapper } from './matomo-events.ts';
import { rowMapper } from './order-events.ts';
import type { Plan } from './plan.ts';
import { segmentMapper } from './segment-events.ts';
import type { Reading } from './values.ts';

/**
 * The mapper of a plan's shape.
 * @param now when the import takes place, ms since the epoch. Later times are refused.
 */
export function mapperOf(plan: Plan, now: number, reading: Reading): Mapper {
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
