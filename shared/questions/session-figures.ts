import * as z from 'zod';
import {
  BOUNCES,
  CARTED_SESSIONS,
  CHECKOUT_SESSIONS,
  CONVERTED_SESSIONS,
  SESSION_MS,
  SESSIONS,
  VIEWED_SESSIONS,
} from '../fold/counter-names.ts';
import type { Counters } from '../platform/counters.ts';
import { average, rate } from './arithmetic.ts';

export const rateSchema = z.number().nullable();

export const sessionFigures = {
  sessions: z
    .number()
    .int()
    .meta({ description: 'Sessions that began in the range; 30 minutes without an event end a session' }),
  engaged_sessions: z
    .number()
    .int()
    .meta({
      description:
        "Sessions of 10 seconds, with two views or with an order (GA4's engaged sessions). Events that clients send " +
        'by themselves, such as scroll and user_engagement, do not count for this',
    }),
  engagement_rate: rateSchema.meta({ description: 'engaged_sessions / sessions' }),
  bounces: z.number().int().meta({ description: 'Sessions that are not engaged' }),
  bounce_rate: rateSchema.meta({ description: 'bounces / sessions' }),
  session_ms_average: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'Time between the first and last event of a session, ms' }),
  viewed_sessions: z.number().int().meta({ description: 'Sessions with a view_item' }),
  view_rate: rateSchema.meta({ description: 'viewed_sessions / sessions' }),
  carted_sessions: z.number().int().meta({ description: 'Sessions with an add_to_cart' }),
  cart_rate: rateSchema.meta({ description: 'carted_sessions / sessions' }),
  checkout_sessions: z.number().int().meta({ description: 'Sessions with a begin_checkout' }),
  checkout_rate: rateSchema.meta({ description: 'checkout_sessions / sessions' }),
  converted_sessions: z.number().int().meta({ description: 'Sessions with an order' }),
  conversion_rate: rateSchema.meta({ description: 'converted_sessions / sessions' }),
};

export const SESSION_FIGURES = Object.keys(sessionFigures) as (keyof typeof sessionFigures)[];

export const sessionExample = {
  sessions: 5_020,
  engaged_sessions: 3_309,
  engagement_rate: 0.6592,
  bounces: 1_711,
  bounce_rate: 0.3408,
  session_ms_average: 214_730,
  viewed_sessions: 3_514,
  view_rate: 0.7,
  carted_sessions: 1_205,
  cart_rate: 0.24,
  checkout_sessions: 803,
  checkout_rate: 0.16,
  converted_sessions: 601,
  conversion_rate: 0.1197,
};

/** The figures of sessions among some counters. */
export function sessionFiguresOf(sums: Pick<Counters, 'get'>) {
  const sum = (counter: string) => sums.get(counter) ?? 0;
  const sessions = sum(SESSIONS);
  return {
    sessions,
    engaged_sessions: sessions - sum(BOUNCES),
    engagement_rate: rate(sessions - sum(BOUNCES), sessions),
    bounces: sum(BOUNCES),
    bounce_rate: rate(sum(BOUNCES), sessions),
    session_ms_average: average(sum(SESSION_MS), sessions),
    viewed_sessions: sum(VIEWED_SESSIONS),
    view_rate: rate(sum(VIEWED_SESSIONS), sessions),
    carted_sessions: sum(CARTED_SESSIONS),
    cart_rate: rate(sum(CARTED_SESSIONS), sessions),
    checkout_sessions: sum(CHECKOUT_SESSIONS),
    checkout_rate: rate(sum(CHECKOUT_SESSIONS), sessions),
    converted_sessions: sum(CONVERTED_SESSIONS),
    conversion_rate: rate(sum(CONVERTED_SESSIONS), sessions),
  };
}
