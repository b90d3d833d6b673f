import { z } from 'zod';
import { freshnessSchema } from './freshness.ts';
import { type Condition, type ConditionSources, readCondition } from './system-status.ts';

const dependency = z.enum(['up', 'down']);

/** A lag this old is one that somebody would notice, ms: a batch waits for a second, and a cold start takes some. */
const BEHIND_MS = 60_000;

/** Without these nothing is right that is answered. */
const FATAL = ['redis_down', 'kafka_down', 'ahead'] as const;
/** With these what is answered is late, or less than it should be. */
const PARTIAL = ['behind', 'healing', 'lost'] as const;

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']).meta({
      description:
        'ok: all numbers are right and new. degraded: they are behind, being healed, or without what was lost. ' +
        'unavailable: something is away, or what comes is not counted; comes with 503',
    }),
    reasons: z.array(z.enum([...FATAL, ...PARTIAL])).meta({
      description: 'Why it is not ok; docs/runbook.md says what to do about each',
    }),
    redis: dependency,
    kafka: dependency,
    freshness: freshnessSchema.optional().meta({ description: 'Absent when Redis is down' }),
    lost: z.number().int().optional().meta({
      description: 'Records that Kafka deleted before they were applied; absent when Redis is down',
    }),
    ahead: z
      .number()
      .int()
      .optional()
      .meta({
        description:
          'Records that Redis has applied and Kafka does not have: the topic was made anew, and what comes is ' +
          'skipped until it is as long as before. Empty Redis then. Absent when Redis or Kafka is down',
      }),
    healing: z
      .object({
        partitions: z.number().int().meta({ description: 'Of which something is missing' }),
        records_left: z.number().int().meta({ description: 'Still to be read from Kafka again' }),
        share_done: z.number().min(0).max(1).meta({
          description:
            'Of what Kafka has of these partitions and was applied once; 1 when nothing is missing',
        }),
      })
      .optional()
      .meta({
        description:
          'What Redis has lost and is given back: it is behind what its consumer group had committed. Absent when ' +
          'Redis or Kafka is down, or the group is not known (AGGREGATE_GROUP)',
      }),
    open_dead_letters: z.number().int().optional().meta({
      description: 'Dead letters that nobody has replayed or dismissed; absent when they can not be counted',
    }),
  })
  .meta({
    id: 'Health',
    examples: [
      {
        status: 'ok',
        reasons: [],
        redis: 'up',
        kafka: 'up',
        freshness: {
          as_of: '2026-03-31T18:05:13.000Z',
          applied: 48_210,
          lag_events: 0,
          lag_ms: 0,
          complete: true,
        },
        lost: 0,
        ahead: 0,
        healing: { partitions: 0, records_left: 0, share_done: 1 },
        open_dead_letters: 0,
      },
    ],
  });

type Health = z.infer<typeof healthSchema>;

/** Whether the services behind are there, each asked for itself, and how far the numbers are behind. */
export async function readHealth(sources: ConditionSources): Promise<Health> {
  return healthOf(await readCondition(sources));
}

/** What a condition means to who reads the numbers. */
export function healthOf(condition: Condition): Health {
  const { freshness, lost, ahead, healing, deadLetters } = condition;
  const reasons: Health['reasons'] = [];
  if (!condition.redis) reasons.push('redis_down');
  if (!condition.kafka) reasons.push('kafka_down');
  if (ahead) reasons.push('ahead');
  // Of an age that nothing tells, nobody can say that it is small.
  if (freshness?.lag_events && (freshness.lag_ms ?? Infinity) > BEHIND_MS) reasons.push('behind');
  if (healing?.recordsLeft) reasons.push('healing');
  if (lost) reasons.push('lost');
  const isFatal = reasons.some((reason) => FATAL.some((one) => one === reason));
  return {
    status: reasons.length === 0 ? 'ok' : isFatal ? 'unavailable' : 'degraded',
    reasons,
    redis: condition.redis ? 'up' : 'down',
    kafka: condition.kafka ? 'up' : 'down',
    freshness,
    lost,
    ahead,
    healing: healing && {
      partitions: healing.partitions,
      records_left: healing.recordsLeft,
      share_done: healing.shareDone,
    },
    open_dead_letters: deadLetters,
  };
}
