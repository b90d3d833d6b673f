import { z } from 'zod';
import { BOUNCES, CONVERTED_SESSIONS, SESSION_MS, SESSIONS } from '../fold/counter-names.ts';
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
  converted_sessions: z.number().int().meta({ description: 'Sessions with an order' }),
  conversion_rate: rateSchema.meta({ description: 'converted_sessions / sessions' }),
};

export const sessionExample = {
  sessions: 5_020,
  engaged_sessions: 3_309,
  engagement_rate: 0.6592,
  bounces: 1_711,
  bounce_rate: 0.3408,
  session_ms_average: 214_730,
  converted_sessions: 601,
  conversion_rate: 0.1197,
};

/** The figures of sessions among some counters. */
export function sessionFiguresOf(sums: Counters) {
  const sum = (counter: string) => sums.get(counter) ?? 0;
  const sessions = sum(SESSIONS);
  return {
    sessions,
    engaged_sessions: sessions - sum(BOUNCES),
    engagement_rate: rate(sessions - sum(BOUNCES), sessions),
    bounces: sum(BOUNCES),
    bounce_rate: rate(sum(BOUNCES), sessions),
    session_ms_average: average(sum(SESSION_MS), sessions),
    converted_sessions: sum(CONVERTED_SESSIONS),
    conversion_rate: rate(sum(CONVERTED_SESSIONS), sessions),
  };
}
