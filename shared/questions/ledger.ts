import * as z from 'zod';
import { OUTCOMES } from '../event/outcome.ts';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';
import { isLostField, lostRange, SKIPPED } from '../platform/redis/fields.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { readEnds } from '../status/freshness.ts';
import { question, rowsIn } from './question.ts';

const records = z.number().int();
const outcomes = z.object({
  applied: records.meta({ description: 'Counted' }),
  duplicate: records.meta({ description: 'Their ids were counted before' }),
  forwarded: records.meta({
    description: 'Of a visitor who became a user: counted in the user’s partition',
  }),
  bot: records.meta({ description: 'Of bots: counted separately' }),
  joined: records.meta({ description: 'What another partition knew of such a visitor; not events' }),
  erasure: records.meta({ description: 'Erasures of users, by their ids; not events' }),
  erased: records.meta({
    description: 'Of a user who was erased before they arrived',
  }),
  other_generation: records.meta({
    description: 'What partitions sent each other in another generation; not events',
  }),
  dead_lettered: records,
  refused: records.meta({
    description: 'Not understood, beyond the daily limit of dead letters: only counted in /v1/quality',
  }),
});

const exampleOutcomes: z.infer<typeof outcomes> = {
  applied: 48_210,
  duplicate: 12,
  forwarded: 90,
  bot: 31,
  joined: 4,
  erasure: 0,
  erased: 0,
  other_generation: 0,
  dead_lettered: 0,
  refused: 0,
};

export const ledgerSchema = z
  .object({
    totals: outcomes.meta({ description: 'Records of this site' }),
    partitions: z.array(
      z.object({
        partition: z.number().int(),
        next: z.number().int().meta({ description: 'The next offset to be applied' }),
        end: records.nullable().meta({ description: 'The end of the log; null: Kafka is away' }),
        in_flight: records.nullable().meta({ description: 'Accepted and not applied yet, for all sites' }),
        ...outcomes.shape,
      }),
    ),
    unattributed: records.meta({ description: 'Dead letters whose site is unknown' }),
    lost: z
      .array(z.object({ partition: z.number().int(), from: z.number().int(), to: z.number().int() }))
      .meta({
        description: 'Offsets, both inclusive, that Kafka deleted before they were applied; for all sites',
      }),
    balanced: z.boolean().meta({
      description: 'In each partition every applied offset has one outcome, of some site, or is lost',
    }),
  })
  .meta({
    id: 'Ledger',
    examples: [
      {
        totals: exampleOutcomes,
        partitions: [
          {
            partition: 0,
            next: 48_347,
            end: 48_351,
            in_flight: 4,
            ...exampleOutcomes,
          },
        ],
        unattributed: 0,
        lost: [],
        balanced: true,
      },
    ],
  });

/** The outcome of every record: no accepted record is missing. */
export async function readLedger(
  store: StoreReader,
  site: Site,
  fetchOffsets: () => Promise<PartitionOffsets[]>,
): Promise<z.infer<typeof ledgerSchema>> {
  const shards = await store.ledgers();
  const ends = await readEnds(fetchOffsets);
  const outcomesOf = (sums: ReadonlyMap<string, number>) => ({
    applied: sums.get(`${site.id}:applied`) ?? 0,
    duplicate: sums.get(`${site.id}:duplicate`) ?? 0,
    forwarded: sums.get(`${site.id}:forwarded`) ?? 0,
    bot: sums.get(`${site.id}:bot`) ?? 0,
    joined: sums.get(`${site.id}:joined`) ?? 0,
    erasure: sums.get(`${site.id}:erasure`) ?? 0,
    erased: sums.get(`${site.id}:erased`) ?? 0,
    other_generation: sums.get(`${site.id}:otherGeneration`) ?? 0,
    dead_lettered: sums.get(`${site.id}:deadLettered`) ?? 0,
    refused: sums.get(`${site.id}:refused`) ?? 0,
  });
  const partitions = shards.map(({ partition, next, sums }) => {
    const end = ends?.find((one) => one.partition === partition)?.high ?? null;
    const in_flight = end === null ? null : Math.max(0, end - next);
    return { partition, next, end, in_flight, ...outcomesOf(sums) };
  });
  const totals = outcomesOf(new Map());
  for (const partition of partitions) {
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += partition[name];
  }
  const lost = shards.flatMap(({ partition, sums }) =>
    [...sums.keys()].filter(isLostField).map((field) => ({ partition, ...lostRange(field) })),
  );
  return {
    totals,
    partitions,
    unattributed: shards.reduce((sum, { sums }) => sum + (sums.get('-:deadLettered') ?? 0), 0),
    lost,
    balanced: shards.every(({ next, sums }) => next === accountedFor(sums)),
  };
}

/** The number of a shard's offsets that have an outcome, of any site, or are lost. */
export function accountedFor(sums: ReadonlyMap<string, number>): number {
  let count = 0;
  for (const [field, amount] of sums) {
    if (isLostField(field) || field === SKIPPED) count += amount;
    else if (OUTCOMES.some((outcome) => field.endsWith(`:${outcome}`))) count += amount;
  }
  return count;
}

export const ledgerQuestion = question({
  path: '/v1/ledger',
  summary: 'What became of every event that was accepted',
  answer: ledgerSchema,
  cached: 'never',
  csv: rowsIn(ledgerSchema, 'partitions'),
  read: ({ store, site, fetchOffsets }) => readLedger(store, site, fetchOffsets),
});
