import { z } from 'zod';
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
  duplicate: records.meta({ description: 'Their ids had been counted' }),
  forwarded: records.meta({
    description: 'Of a visitor who is known to be a user: counted in the user’s partition',
  }),
  bot: records.meta({ description: 'Of bots: counted apart' }),
  joined: records.meta({ description: 'What another partition knew of such a visitor; no events' }),
  erasure: records.meta({ description: 'Erasures of users, by the ids that they had; no events' }),
  erased: records.meta({
    description: 'Happened, or were received, before their user was erased, and came later',
  }),
  other_generation: records.meta({
    description: 'What partitions have sent each other in another counting of the same log; no events',
  }),
  dead_lettered: records,
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
};

export const ledgerSchema = z
  .object({
    totals: outcomes.meta({ description: 'Records of this site' }),
    partitions: z.array(
      z.object({
        partition: z.number().int(),
        next: z.number().int().meta({ description: 'The offset that is applied next' }),
        end: records.nullable().meta({ description: 'Where the log ends; null: Kafka is away' }),
        in_flight: records.nullable().meta({ description: 'Accepted and not applied yet, of all sites' }),
        ...outcomes.shape,
      }),
    ),
    unattributed: records.meta({ description: 'Dead letters of no site, since nobody can tell of which' }),
    lost: z
      .array(z.object({ partition: z.number().int(), from: z.number().int(), to: z.number().int() }))
      .meta({
        description: 'Offsets, both inclusive, that Kafka deleted before they were applied; of all sites',
      }),
    balanced: z.boolean().meta({
      description: 'In each partition every applied offset has one outcome, of whatever site, or is lost',
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

/** What became of every record: nothing that was accepted is missing. */
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

/** Offsets of a shard that have an outcome, of any site, or none since nobody has the record. */
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
