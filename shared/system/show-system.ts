import * as z from 'zod';
import project from '../../package.json' with { type: 'json' };
import {
  currentGeneration,
  firstGeneration,
  type Generation,
  type GenerationState,
  type ListedGeneration,
  NO_GENERATIONS,
} from '../generations/generation.ts';
import { STATE_FORMAT } from '../generations/state-format.ts';
import { FootfallError } from '../platform/errors.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';
import { serverInfos } from '../platform/redis/server-info.ts';
import type { ShardHead } from '../shard/reader.ts';
import { mustBeInstallation, readAccess } from '../sites/access.ts';
import { inTime, lagsOf, readEnds } from '../status/freshness.ts';
import { ownTopics, presentTopic, topicSchema, withOffsets } from './own-topics.ts';
import type { SystemContext } from './system-context.ts';

const status = z.enum(['up', 'down']);
const bytes = z.number().int().nullable();
const orNull = (what: string) => z.number().int().nullable().meta({ description: what });

export const systemSchema = z
  .object({
    as_of: z.iso.datetime(),
    kafka: z.object({
      status,
      brokers: z
        .array(z.object({ id: z.number().int(), host: z.string(), port: z.number().int() }))
        .optional()
        .meta({ description: 'Absent when Kafka does not tell' }),
      controller: z
        .number()
        .int()
        .nullable()
        .optional()
        .meta({ description: 'The id of the broker that leads the others' }),
    }),
    redis: z.object({
      status,
      servers: z
        .array(
          z.object({
            address: z.string(),
            version: z.string().nullable(),
            used_memory: bytes.meta({ description: 'Bytes' }),
            maxmemory: bytes.meta({ description: 'Bytes; 0: no limit' }),
            policy: z.string().nullable().meta({ description: 'What happens when the memory is full' }),
            keys: orNull('Keys of the database, also those of other programs'),
          }),
        )
        .optional()
        .meta({
          description:
            'The server, or the primaries of a cluster. Absent when Redis is down; null: the server does not tell',
        }),
    }),
    topics: z
      .array(topicSchema)
      .optional()
      .meta({ description: 'The topics of this installation. Absent when Kafka is down' }),
    partitions: z
      .array(
        z.object({
          partition: z.number().int(),
          end: orNull('The offset of the next record; null: Kafka is down'),
          applied: orNull('The offset of the next record to apply; null: Redis is down'),
          lag_events: orNull('Accepted but not applied yet; null: Kafka or Redis is down'),
          lag_ms: orNull('The highest possible age of the oldest of them; null: any age, or not known'),
          applied_at: z.iso
            .datetime()
            .nullable()
            .meta({ description: 'When the last applied record was accepted; null: none, or Redis is down' }),
        }),
      )
      .meta({ description: 'Of the events topic: how far each shard of the current generation has come' }),
    generations: z
      .array(
        z.object({
          id: z.string(),
          format: z.number().int().meta({ description: 'State format of the programs that count it' }),
          topic: z.string(),
          partitions: z.number().int(),
          state: z.enum(['building', 'ready', 'live', 'old', 'freeing']),
          current: z.boolean().meta({ description: 'Whether the answers come from it' }),
          begun: z.iso.datetime().nullable().meta({ description: 'Null: with the installation' }),
          progress: z
            .object({
              applied: z.number().int().meta({ description: 'Offsets that are applied, of those Kafka has' }),
              left: z.number().int().meta({ description: 'Offsets that are still to be applied' }),
              share_done: z.number().min(0).max(1),
            })
            .optional()
            .meta({ description: 'Absent when Kafka or Redis is down, and while it is being freed' }),
        }),
      )
      .meta({
        description: 'The current one first. One is being built while its state is building or ready',
      }),
    versions: z.object({
      footfall: z.string(),
      state_format: z.number().int().meta({ description: 'Of the program that answers' }),
      node: z.string(),
    }),
  })
  .meta({
    id: 'System',
    examples: [
      {
        as_of: '2026-03-31T18:05:13.000Z',
        kafka: {
          status: 'up',
          brokers: [{ id: 1, host: 'kafka-1.internal', port: 9092 }],
          controller: 1,
        },
        redis: {
          status: 'up',
          servers: [
            {
              address: 'redis.internal:6379',
              version: '7.2.5',
              used_memory: 82_315_264,
              maxmemory: 8_589_934_592,
              policy: 'noeviction',
              keys: 48_210,
            },
          ],
        },
        topics: [
          {
            topic: 'events',
            holds: 'events',
            exists: true,
            partitions: [{ partition: 0, low: 0, end: 12_053 }],
          },
        ],
        partitions: [
          {
            partition: 0,
            end: 12_053,
            applied: 12_051,
            lag_events: 2,
            lag_ms: 640,
            applied_at: '2026-03-31T18:05:12.360Z',
          },
        ],
        generations: [
          {
            id: '5',
            format: 5,
            topic: 'events',
            partitions: 1,
            state: 'live',
            current: true,
            begun: null,
            progress: { applied: 12_051, left: 2, share_done: 0.999_834 },
          },
        ],
        versions: { footfall: '0.2.0', state_format: 5, node: 'v24.4.0' },
      },
    ],
  });
type System = z.infer<typeof systemSchema>;

/** More are never there at the same time, unless nothing was ever freed. */
const MAX_GENERATIONS = 8;

/**
 * `GET /v1/system`: Kafka and Redis answer independently of each other, so one that is away leaves the other's half.
 * @throws FootfallError `unauthorized` 401, `installation_only` 403, `wrong_partitions` and `bad_generations` 500.
 */
export async function showSystem(request: HttpRequest, context: SystemContext): Promise<HttpResponse> {
  mustBeInstallation(await readAccess(request, context));
  return json(200, { data: await readSystem(context) }, NOT_KEPT);
}

async function readSystem(context: SystemContext): Promise<System> {
  const asked = Date.now();
  const { current, all } = await knownGenerations(context);
  // The heads after the ends of the log: they then include all committed records, unless Redis has lost some.
  const [ends, brokers, topics, servers] = await Promise.all([
    readEnds(context.fetchOffsets),
    inTime(() => context.catalog.brokers(), 'Kafka did not say which brokers there are'),
    inTime(() => topicsOf(context, all), 'Kafka did not say which topics there are'),
    inTime(() => serverInfos(context.redis), 'Redis did not say how it is'),
  ]);
  const heads = servers && (await headsOf(context, current));
  const offsetsOf = (topic: string) =>
    topic === context.kafka.eventsTopic ? ends : topics?.find((one) => one.topic === topic)?.partitions;
  return {
    as_of: new Date(asked).toISOString(),
    kafka: ends ? { status: 'up', ...brokers } : { status: 'down' },
    redis: heads ? { status: 'up', servers: servers.map(presentServer) } : { status: 'down' },
    ...(topics && { topics: topics.map(presentTopic) }),
    partitions: partitionsOf(asked, current.partitions, ends, heads),
    generations: await Promise.all(
      all.map((one) => presentGeneration(context, one, current, offsetsOf(one.topic), heads)),
    ),
    versions: { footfall: project.version, state_format: STATE_FORMAT, node: process.version },
  };
}

/** There must be an answer also while it cannot be read which generation is current. */
async function knownGenerations({ sites, kafka }: SystemContext) {
  const known = await sites.generations().catch((error: unknown) => {
    if (error instanceof FootfallError && error.code === 'sites_unavailable') return undefined;
    throw error;
  });
  const current = known ? currentGeneration(known, kafka) : firstGeneration(kafka);
  const listed = (known ?? NO_GENERATIONS).generations;
  const first: ListedGeneration = listed.find(({ id }) => id === current.id) ?? { ...current, state: 'live' };
  const others = listed.filter(({ id }) => id !== current.id);
  return { current, all: [first, ...newestFirst(others)].slice(0, MAX_GENERATIONS) };
}

const newestFirst = (generations: readonly ListedGeneration[]) =>
  [...generations].sort((a, b) => b.started - a.started);

/** The installation's topics and those of its generations. */
async function topicsOf({ kafka, catalog }: SystemContext, generations: readonly Generation[]) {
  const own = ownTopics(kafka, generations);
  const existing = await catalog.topics();
  return withOffsets(catalog, own, existing);
}

/** The heads of a generation's shards; undefined when Redis does not answer in time. */
async function headsOf({ stores }: SystemContext, generation: Generation): Promise<ShardHead[] | undefined> {
  let wrong: unknown;
  const read = async () => {
    try {
      return await stores.of(generation).heads();
    } catch (error) {
      if (error instanceof FootfallError) wrong = error;
      throw error;
    }
  };
  const heads = await inTime(read, 'Redis did not say how far its shards are');
  if (wrong !== undefined) throw wrong;
  return heads;
}

const presentServer = (server: Awaited<ReturnType<typeof serverInfos>>[number]) => ({
  address: server.address,
  version: server.version,
  used_memory: server.usedMemory,
  maxmemory: server.maxMemory,
  policy: server.policy,
  keys: server.keys,
});

function partitionsOf(
  asked: number,
  count: number,
  ends: readonly PartitionOffsets[] | undefined,
  heads: readonly ShardHead[] | undefined,
): System['partitions'] {
  const lags = ends && heads && new Map(lagsOf(asked, ends, heads).map((lag) => [lag.partition, lag]));
  return Array.from({ length: count }, (_, partition) => {
    const head = heads?.[partition];
    const lag = lags?.get(partition);
    return {
      partition,
      end: ends?.find((one) => one.partition === partition)?.high ?? null,
      applied: head?.next ?? null,
      lag_events: lag?.lag ?? null,
      lag_ms: lag?.ageMs ?? null,
      applied_at: head?.timestamp === undefined ? null : new Date(head.timestamp).toISOString(),
    };
  });
}

/** Whether a generation's heads say how far it has come. */
const HAS_PROGRESS: Record<GenerationState, boolean> = {
  building: true,
  ready: true,
  live: true,
  old: true,
  freeing: false,
};

async function presentGeneration(
  context: SystemContext,
  { started, ...generation }: ListedGeneration,
  current: Generation,
  offsets: readonly PartitionOffsets[] | undefined,
  currentHeads: readonly ShardHead[] | undefined,
): Promise<System['generations'][number]> {
  const isCurrent = generation.id === current.id;
  const needsHeads = HAS_PROGRESS[generation.state] && offsets && currentHeads;
  const heads = isCurrent || !needsHeads ? currentHeads : await headsOf(context, { started, ...generation });
  return {
    ...generation,
    current: isCurrent,
    begun: started === 0 ? null : new Date(started).toISOString(),
    ...(needsHeads && heads && { progress: progressOf(heads, offsets) }),
  };
}

/** How much of what Kafka has of a topic is applied. What it has deleted does not count. */
function progressOf(heads: readonly ShardHead[], offsets: readonly PartitionOffsets[]) {
  let [applied, left] = [0, 0];
  for (const { partition, low, high } of offsets) {
    const next = heads[partition]?.next ?? 0;
    applied += Math.max(0, Math.min(next, high) - low);
    left += Math.max(0, high - Math.max(next, low));
  }
  return { applied, left, share_done: applied + left === 0 ? 1 : applied / (applied + left) };
}
