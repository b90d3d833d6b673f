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
  bounces: z.number().int().meta({ description: 'Sessions of one event' }),
  bounce_rate: rateSchema,
  session_ms_average: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'Time between the first and last event of a session, ms' }),
  converted_sessions: z.number().int().meta({ description: 'Sessions with a purchase' }),
  conversion_rate: rateSchema.meta({ description: 'converted_sessions / sessions' }),
};

export const sessionExample = {
  sessions: 5_020,
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
    bounces: sum(BOUNCES),
    bounce_rate: rate(sum(BOUNCES), sessions),
    session_ms_average: average(sum(SESSION_MS), sessions),
    converted_sessions: sum(CONVERTED_SESSIONS),
    conversion_rate: rate(sum(CONVERTED_SESSIONS), sessions),
  };
}
