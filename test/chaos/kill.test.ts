import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { addSites } from '../../local/sites/demo.ts';
import { eventKey, type FootfallEvent } from '../../shared/events/event.ts';
import { TopicOffsets } from '../../shared/kafka/offsets.ts';
import { distinct, recount } from '../oracle/naive.ts';
import { stored } from '../oracle/stored.ts';
import { eventStream, hardSites } from '../oracle/streams.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { shardKeys } from '../support/generation.ts';
import { mappingOf } from '../support/mapping.ts';
import { type ReadMessage, readMessages } from '../support/read-topic.ts';
import { openReader } from '../support/reader.ts';
import { loseAll, redisEnv } from '../support/redis-data.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * A consumer that is killed again and again while events come in. `npm run test:chaos` kills it twenty times;
 * FOOTFALL_CHAOS_KILLS says how often, FOOTFALL_CHAOS_SEED makes the same events and the same pauses again.
 */
const KILLS = Number(process.env.FOOTFALL_CHAOS_KILLS ?? 4);
const seed = Number(process.env.FOOTFALL_CHAOS_SEED ?? Date.now() % 1e9);
const PARTITIONS = 4;
/** A killed member holds its partitions for one session, so short ones make a quick test. */
const group = { sessionTimeoutMs: 1_000, heartbeatMs: 200 };

const config = await freshConfig({ partitions: PARTITIONS, sites: hardSites });
const { kafka } = config;
await addSites(config, hardSites);
const { redis, reader } = openReader(config);
const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });

const mapping = mappingOf(kafka.eventsTopic, {
  batchingWindowMs: 20,
  retryBackoff: { initialMs: 50, maxMs: 500 },
});

function startConsumer(): ChildProcess {
  const script = new URL('./consumer-child.ts', import.meta.url).pathname;
  return spawn(process.execPath, [script, JSON.stringify(mapping), JSON.stringify(group)], {
    // Metrics go to stdout.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: '--disable-warning=TimeoutNegativeWarning',
      EVENTS_TOPIC: kafka.eventsTopic,
      DLQ_TOPIC: kafka.dlqTopic,
      EVENTS_PARTITIONS: String(PARTITIONS),
      ...redisEnv(config.redis),
      SITES_TOPIC: kafka.sitesTopic,
    },
  });
}

async function kill(consumer: ChildProcess): Promise<void> {
  const ended = once(consumer, 'exit');
  consumer.kill('SIGKILL');
  await ended;
}

/** Random numbers below 1 that a seed repeats (mulberry32, public domain). */
function random(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const dice = random(seed);

/**
 * Streams of the same users, after which there are others: of one user 100 sessions at least are open to late events,
 * and the naive count knows no such bound.
 */
const STREAMS_A_CROWD = 40;

/** Events without end; every stream has ids of its own. */
function* events(): Generator<FootfallEvent> {
  const options = { receivedFrom: Date.now() - 12 * 3_600_000, receivedFor: 12 * 3_600_000, maxEvents: 100 };
  for (let number = 0; ; number++) {
    const [stream] = fc.sample(eventStream(options), { numRuns: 1, seed: seed + number });
    const crowd = Math.floor(number / STREAMS_A_CROWD);
    for (const event of stream!) {
      const user = crowd === 0 ? event.user : `${event.user} ${crowd}`;
      yield { ...event, user, id: `${number}-${event.id}` };
    }
  }
}

const BROKEN: ((event: FootfallEvent) => string | Buffer | null)[] = [
  () => null,
  () => Buffer.from([0xff, 0x00, 0x80]),
  (event) => JSON.stringify(event).slice(0, 40),
  (event) => JSON.stringify({ ...event, v: 2 }),
  (event) => JSON.stringify({ ...event, ts: 'yesterday' }),
];

/** Sends until it is stopped: 5 % of the events once more, long after, and 1 % of the records broken. */
class Load {
  /** Every text that is an event. */
  readonly valid = new Set<string>();
  sent = 0;
  #stopped = false;

  async run(): Promise<void> {
    const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    try {
      const source = events();
      const earlier: Message[] = [];
      while (!this.#stopped) {
        const messages: Message[] = [];
        while (messages.length < 60) {
          const event = source.next().value as FootfallEvent;
          const value = JSON.stringify(event);
          const message = { key: eventKey(event), value };
          this.valid.add(value);
          messages.push(message);
          earlier[Math.floor(dice() * 1_000)] = message;
          const again = earlier[Math.floor(dice() * 1_000)];
          if (again && dice() < 0.05) messages.push(again);
          if (dice() < 0.01) {
            const broken = BROKEN[Math.floor(dice() * BROKEN.length)]!(event);
            messages.push({ key: message.key, value: broken });
          }
        }
        await producer.send({ topic: kafka.eventsTopic, messages });
        this.sent += messages.length;
        await sleep(20);
      }
    } finally {
      await producer.disconnect();
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}

interface Snapshot {
  nexts: number[];
  applied: number[];
  duplicate: number;
  bots: number;
  refused: number;
}

/** The heads and ledgers at one moment. */
async function snapshot(): Promise<Snapshot> {
  const transaction = redis.multi();
  for (let p = 0; p < PARTITIONS; p++)
    transaction.hget(shardKeys.head(p), 'next').hgetall(shardKeys.ledger(p));
  const answers = (await transaction.exec())!.map(([, answer]) => answer);
  const nexts = answers.filter((_, i) => i % 2 === 0).map(Number);
  const ledgers = answers.filter((_, i) => i % 2 === 1) as Record<string, string>[];
  const of = (ledger: Record<string, string>, outcome: string) =>
    Object.entries(ledger).reduce(
      (sum, [name, n]) => (name.endsWith(`:${outcome}`) ? sum + Number(n) : sum),
      0,
    );
  const total = (outcome: string) => ledgers.reduce((sum, ledger) => sum + of(ledger, outcome), 0);
  return {
    nexts,
    applied: ledgers.map((ledger) => of(ledger, 'applied')),
    duplicate: total('duplicate'),
    bots: total('bot'),
    refused: total('deadLettered'),
  };
}

const progress = async () => (await snapshot()).nexts.reduce((sum, next) => sum + next, 0);

const parse = ({ value }: ReadMessage) => JSON.parse(value!.toString()) as FootfallEvent;

/** What a snapshot should say by the topic's records below its heads. */
function judge(
  { nexts, applied, duplicate, bots, refused }: Snapshot,
  byPartition: ReadMessage[][],
  valid: Set<string>,
) {
  const rows = nexts.map((next, p) => {
    const below = byPartition[p]!.filter(({ offset }) => Number(offset) < next);
    const events = below.filter(({ value }) => valid.has(String(value))).map(parse);
    const ofBots = events.filter(({ bot }) => bot !== undefined).length;
    return {
      records: below.length,
      events: events.length,
      distinct: distinct(events).length,
      bots: ofBots,
    };
  });
  const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);
  const records = sum(rows.map((row) => row.records));
  return {
    applied: sum(applied),
    lost: sum(rows.map((row, p) => Math.max(0, row.distinct - applied[p]!))),
    doubled: sum(rows.map((row, p) => Math.max(0, applied[p]! - row.distinct))),
    duplicates: duplicate,
    'bots more or less': sum(rows.map((row) => row.bots)) - bots,
    refused,
    'not in the ledger': records - sum(applied) - duplicate - bots - refused,
  };
}

test(
  `killed ${KILLS} times under load, the consumer has lost nothing and counted nothing twice`,
  async () => {
    const load = new Load();
    const loading = load.run();
    const snapshots: Snapshot[] = [];
    let consumer = startConsumer();
    try {
      for (let number = 1; number <= KILLS; number++) {
        const before = await progress();
        // Now and then before it has done anything; else somewhere in its work.
        if (dice() < 0.1) await sleep(1_000 * dice());
        else {
          await waitFor('progress', async () => (await progress()) > before, {
            timeoutMs: 30_000,
            everyMs: 5,
          });
          await sleep(400 * dice());
        }
        await kill(consumer);
        snapshots.push(await snapshot());
        // Half-way through, Redis loses its memory as well.
        if (number === Math.ceil(KILLS / 2)) await loseAll(redis);
        consumer = startConsumer();
      }
      load.stop();
      await loading;
      await waitFor(
        'the consumer to catch up',
        async () => {
          const ends = await offsets.fetch();
          const { nexts } = await snapshot();
          return ends.every(({ partition, high }) => nexts[partition] === high);
        },
        { timeoutMs: 60_000 },
      );
    } finally {
      load.stop();
      await loading;
      await kill(consumer);
    }
    snapshots.push(await snapshot());

    const messages = await readMessages(kafka, kafka.eventsTopic, load.sent);
    const byPartition = Array.from({ length: PARTITIONS }, (_, p) =>
      messages.filter(({ partition }) => partition === p),
    );
    const table = snapshots.map((one) => judge(one, byPartition, load.valid));
    const names = snapshots.map((_, i) => (i < KILLS ? `kill ${i + 1}` : 'end'));
    console.log(`${load.sent} records, FOOTFALL_CHAOS_SEED=${seed}`);
    console.table(Object.fromEntries(names.map((name, i) => [name, table[i]])));
    const none = { lost: 0, doubled: 0, 'bots more or less': 0, 'not in the ledger': 0 };
    for (const row of table) expect(row).toMatchObject(none);

    const all = messages.filter(({ value }) => load.valid.has(String(value))).map(parse);
    const expected = Object.entries(recount(all, hardSites)).filter(([name]) => !name.startsWith('days /'));
    const users = [...new Set(all.map(({ user }) => user))];
    expect(await stored(reader, hardSites, users)).toEqual(Object.fromEntries(expected));

    // Each broken record is kept at least once, with its bytes; twice where a kill came between that and the commit.
    const broken = messages.filter(({ value }) => !load.valid.has(String(value)));
    const dlq = (await offsetsOf(kafka.dlqTopic)).reduce((sum, high) => sum + high, 0);
    const letters = new Map(
      (dlq > 0 ? await readMessages(kafka, kafka.dlqTopic, dlq) : []).map(({ key, value }) => [
        String(key),
        String(value ?? ''),
      ]),
    );
    const kept = broken.map(({ partition, offset, value }): [string, string] => [
      `${kafka.eventsTopic}-${partition}-${offset}`,
      String(value ?? ''),
    ]);
    expect([...letters].sort()).toEqual(kept.sort());
  },
  120_000 + KILLS * 15_000,
);

async function offsetsOf(topic: string): Promise<number[]> {
  const admin = client.admin();
  await admin.connect();
  try {
    return (await admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high));
  } finally {
    await admin.disconnect();
  }
}
