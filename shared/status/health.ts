import * as z from 'zod';
import type { PerGeneration } from '../generations/generation.ts';
import { FootfallError } from '../platform/errors.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import { freshnessSchema } from './freshness.ts';
import { readSystemStatus, type StatusSources, type SystemStatus } from './system-status.ts';

const dependency = z.enum(['up', 'down']);

/** A lag older than this is one that people notice, ms. A batch waits for a second, and a cold start takes some. */
const BEHIND_MS = 60_000;

/** With these no number can be trusted. */
const FATAL = ['redis_down', 'kafka_down', 'ahead'] as const;
/** With these the numbers are late or incomplete. */
const PARTIAL = ['redis_full', 'behind', 'healing', 'lost'] as const;

/** From here Redis refuses what needs memory, percent of its limit. */
const FULL_PERCENT = 100;

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']).meta({
      description:
        'ok: all numbers are right and new. degraded: they are behind, being refilled, or lack what was lost. ' +
        'unavailable: Kafka or Redis is away, or new events are not counted; comes with 503',
    }),
    reasons: z.array(z.enum([...FATAL, ...PARTIAL])).meta({
      description: 'Why the status is not ok; docs/runbook.md says what to do about each',
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
          'Records that Redis has applied and Kafka does not have: the topic was made again, and new events are ' +
          'skipped until it is as long as before. Then empty Redis. Absent when Redis or Kafka is down',
      }),
    healing: z
      .object({
        partitions: z.number().int().meta({ description: 'Partitions with missing records' }),
        records_left: z.number().int().meta({ description: 'Records still to be read from Kafka again' }),
        share_done: z.number().min(0).max(1).meta({
          description:
            'The applied share of what Kafka has of these partitions and was applied before; 1 when nothing is missing',
        }),
      })
      .optional()
      .meta({
        description:
          'Redis is behind what its consumer group had committed: it lost data and is being refilled. Absent when ' +
          'Redis or Kafka is down, or the group is not known (AGGREGATE_GROUP)',
      }),
    redis_memory_percent: z
      .number()
      .min(0)
      .optional()
      .meta({
        description:
          'Share of its memory limit (`maxmemory`) that Redis uses, in percent, in a cluster that of the fullest server. ' +
          'From 100 on it refuses writes: `redis_full`. Absent when Redis has no limit, or does not say',
      }),
    open_dead_letters: z.number().int().optional().meta({
      description:
        'Dead letters that were neither replayed nor discarded; absent when they cannot be counted',
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
        redis_memory_percent: 41.7,
        open_dead_letters: 0,
      },
    ],
  });

type Health = z.infer<typeof healthSchema>;

/** What the system's status means to a reader of the numbers. */
export function healthOf(system: SystemStatus): Health {
  const { freshness, lost, ahead, healing, deadLetters, memory } = system;
  const reasons: Health['reasons'] = [];
  if (!system.redis) reasons.push('redis_down');
  if (!system.kafka) reasons.push('kafka_down');
  if (ahead) reasons.push('ahead');
  if (memory !== undefined && memory >= FULL_PERCENT) reasons.push('redis_full');
  // A lag of unknown age may be any age.
  if (freshness?.lag_events && (freshness.lag_ms ?? Infinity) > BEHIND_MS) reasons.push('behind');
  if (healing?.recordsLeft) reasons.push('healing');
  if (lost) reasons.push('lost');
  const isFatal = reasons.some((reason) => FATAL.some((one) => one === reason));
  return {
    status: reasons.length === 0 ? 'ok' : isFatal ? 'unavailable' : 'degraded',
    reasons,
    redis: system.redis ? 'up' : 'down',
    kafka: system.kafka ? 'up' : 'down',
    freshness,
    lost,
    ahead,
    healing: healing && {
      partitions: healing.partitions,
      records_left: healing.recordsLeft,
      share_done: healing.shareDone,
    },
    // To a tenth. Without a limit there is no share.
    redis_memory_percent: memory ? Math.round(memory * 10) / 10 : undefined,
    open_dead_letters: deadLetters,
  };
}

/**
 * `GET /v1/health` and `/v1/health/ready`: 200, or 503 when the status is `unavailable`.
 * @throws FootfallError `wrong_partitions` and `bad_generations` 500.
 */
export async function answerHealth(
  _request: HttpRequest,
  contexts: Pick<PerGeneration<StatusSources>, 'current' | 'first'>,
): Promise<HttpResponse> {
  // There must be an answer also while it cannot be read which generation is current.
  const sources = await contexts.current().catch((error: unknown) => {
    if (error instanceof FootfallError && error.code === 'sites_unavailable') return contexts.first();
    throw error;
  });
  const data = healthOf(await readSystemStatus(sources));
  return json(data.status === 'unavailable' ? 503 : 200, { data }, NOT_KEPT);
}

/** `GET /v1/health/live`: asks neither Kafka nor Redis. */
export async function answerLive(): Promise<HttpResponse> {
  return json(200, { data: { status: 'ok' } }, NOT_KEPT);
}
