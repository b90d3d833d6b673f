import fc from 'fast-check';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { type ChunkDelta, noOutcomes } from '../../shared/fold/chunk-delta.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import type { Head } from '../../shared/shard/committer.ts';
import { ShardStore } from '../../shared/shard/shard-store.ts';
import { distinct, type Numbers, recount } from '../oracle/naive.ts';
import { stored } from '../oracle/stored.ts';
import { batchSizes, cut, eventStream, hardSites, recordsOf, USERS } from '../oracle/streams.ts';
import { type Consumer, openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { generationOf } from '../support/generation.ts';
import { ledgerOf } from '../support/ledger.ts';
import { openReader } from '../support/reader.ts';
import { loseAll } from '../support/redis-data.ts';

const PARTITIONS = 3;
const numRuns = Math.ceil(Number(process.env.FOOTFALL_RUNS ?? 100) / 10);
const config = await freshConfig({ partitions: PARTITIONS, sites: hardSites });
const { redis, reader } = openReader(config);
const consumer = openConsumer(config);
const second = openConsumer(config);

beforeEach(() => loseAll(redis));

/** Received within the last hours, so that Redis still keeps its minutes. */
const recently = { receivedFrom: Date.now() - 12 * 3_600_000, receivedFor: 12 * 3_600_000 };

/** What the store has, without the days' totals, which are no answer to any question. */
const inStore = () => stored(reader, hardSites, USERS);
const expected = (events: readonly FootfallEvent[]): Numbers =>
  Object.fromEntries(
    Object.entries(recount(events, hardSites)).filter(([name]) => !name.startsWith('days /')),
  );

async function applyInOrder(to: Consumer, records: KafkaRecord[], sizes: readonly number[]): Promise<void> {
  for (const batch of cut(records, sizes)) await to.apply(batch);
}

async function expectCountedOnce(events: readonly FootfallEvent[]): Promise<void> {
  expect(await inStore()).toEqual(expected(events));
  const ledger = await ledgerOf(reader);
  const of = (outcome: string) =>
    [...ledger].reduce((sum, [name, count]) => (name.endsWith(`:${outcome}`) ? sum + count : sum), 0);
  const bots = events.filter(({ bot }) => bot !== undefined).length;
  expect({
    applied: of('applied'),
    duplicate: of('duplicate'),
    bots: of('bot'),
    refused: of('deadLettered'),
  }).toEqual({
    applied: distinct(events).length,
    duplicate: events.length - bots - distinct(events).length,
    bots,
    refused: 0,
  });
}

/** A stream that is the same in each run of the test: what is looked at is its delivery. */
function someEvents(count: number): FootfallEvent[] {
  const options = { ...recently, maxEvents: count };
  const [events] = fc.sample(
    eventStream(options).filter((list) => list.length >= count * 0.9),
    { numRuns: 1, seed: 7 },
  );
  return events!;
}

test('batches that are delivered one to three times, in any order, count once', async () => {
  const deliveries = fc.array(fc.constantFrom(1, 1, 2, 3), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(eventStream(recently), batchSizes, deliveries, async (events, sizes, times) => {
      await loseAll(redis);
      await Promise.all(
        recordsOf(events, PARTITIONS).map(async (records) => {
          const batches = cut(records, sizes);
          for (const [i, batch] of batches.entries()) {
            for (let time = 0; time < times[i % times.length]!; time++) await consumer.apply(batch);
            // An earlier one comes once more: a late retry, or a consumer that went back to its last commit.
            await consumer.apply(batches[Math.floor(i / 2)]!);
          }
        }),
      );
      await expectCountedOnce(events);
    }),
    { numRuns },
  );
});

test('two consumers of the same partitions at the same time count everything once', async () => {
  await fc.assert(
    fc.asyncProperty(eventStream(recently), batchSizes, batchSizes, async (events, one, two) => {
      await loseAll(redis);
      await Promise.all(
        recordsOf(events, PARTITIONS).flatMap((records) => [
          applyInOrder(consumer, records, one),
          applyInOrder(second, records, two),
        ]),
      );
      await expectCountedOnce(events);
    }),
    { numRuns },
  );
});

/** Reads, and then waits with its commit until it is let go. */
class ZombieStore extends ShardStore {
  reached = Promise.withResolvers<void>();
  release = Promise.withResolvers<void>();

  override prepare(partition: number, head: Head, chunk: ChunkDelta) {
    const prepared = super.prepare(partition, head, chunk);
    const commit = async () => {
      this.reached.resolve();
      await this.release.promise;
      return prepared.commit();
    };
    return { ...prepared, commit };
  }
}

const nothing = noOutcomes();

function openZombie() {
  let store: ZombieStore | undefined;
  const zombie = openConsumer(config, {
    store: (redis) => {
      store = new ZombieStore(redis, generationOf(PARTITIONS, config.kafka.eventsTopic));
      return store;
    },
  });
  return { zombie, store: store! };
}

test('an invocation that was given up and commits late changes nothing', async () => {
  const events = someEvents(60);
  const all = recordsOf(events, PARTITIONS);
  const records = all[0]!;
  const { zombie, store } = openZombie();
  const undead = zombie.apply(records.slice(0, 5));
  await store.reached.promise;
  for (const list of all) await applyInOrder(consumer, list, [5]);
  store.release.resolve();
  expect(await undead).toEqual(nothing);
  await expectCountedOnce(events);
});

test('an invocation that was overtaken half-way applies the other half', async () => {
  const events = someEvents(60);
  const all = recordsOf(events, PARTITIONS);
  const records = all[0]!;
  const { zombie, store } = openZombie();
  const slow = zombie.apply(records);
  await store.reached.promise;
  await consumer.apply(records.slice(0, 4));
  store.release.resolve();
  const counts = await slow;
  expect(counts.applied + counts.duplicate + counts.bot).toBe(records.length - 4);
  for (const list of all.slice(1)) await applyInOrder(consumer, list, [9]);
  await expectCountedOnce(events);
});

test('an invocation from before Redis lost its data changes nothing, even when its version comes again', async () => {
  const events = someEvents(60);
  const all = recordsOf(events, PARTITIONS);
  const records = all[0]!;
  await applyInOrder(consumer, records.slice(0, 6), [2]);
  const { zombie, store } = openZombie();
  const undead = zombie.apply(records.slice(6, 9));
  await store.reached.promise;
  await loseAll(redis);
  // Three commits as before, so the head has the version that the zombie has read, at another offset.
  await applyInOrder(second, records.slice(0, 12), [4]);
  store.release.resolve();
  expect(await undead).toEqual(nothing);
  for (const list of all) await applyInOrder(consumer, list, [50]);
  await expectCountedOnce(events);
});
