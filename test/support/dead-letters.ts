import { LetterReplayer, type LetterReplayerParts } from '../../shared/dead-letters/letter-replayer.ts';
import type { Replay } from '../../shared/dead-letters/letter-writer.ts';
import { openDeadLetters } from '../../shared/dead-letters/open-dead-letters.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import type { RedisClient } from '../../shared/platform/redis/connection.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { type Site, Sites } from '../../shared/sites/site.ts';
import { keyHash } from '../../shared/sites/site-keys.ts';
import { fixedSites, type SiteSource } from '../../shared/sites/source.ts';
import { closing } from './closing.ts';
import { openConsumer } from './consumer.ts';
import { freshConfig, type TestConfig } from './fresh-config.ts';
import { type Answer, ask } from './http.ts';
import { ledgerOf } from './ledger.ts';
import { openReader } from './reader.ts';
import { loseAll } from './redis-data.ts';
import { deadLettersRoutes } from './routes.ts';
import { siteOf } from './shop.ts';

/** A site that is known from the beginning, and one that may become known later. */
export const shop = siteOf('shop');
export const late = siteOf('late');

/** A time that is too late for an event without `backfill`. */
export const longAgo = () => Date.now() - 100 * 3_600_000;
/** The patch that lets a late event count. */
export const BACKFILL = [{ op: 'add' as const, path: '/backfill', value: true }];

/** An administrator with 25 s to finish. */
export const by = (who = 'installation') => ({ by: who, deadline: performance.now() + 25_000 });

export class Crash extends Error {}

/** Ends a process before or after a step, once. */
export function crashAt(step: Parameters<AtStep>[0], when: 'before' | 'after'): AtStep {
  let left = 1;
  return (...at) => {
    if (at[0] === step && at[1] === when && left-- > 0) throw new Crash(`${when} ${step}`);
  };
}

const ADMIN_KEY = 'the-admin-key-of-this-installation';

/** What an answer may hold. */
export interface Data {
  letters: { letter: string; status: string; reason: string; site?: string; [name: string]: unknown }[];
  next_cursor?: string;
  counts: { day: string; reason: string; site?: string; status: string; letters: number }[];
  open: number;
  replayed: number;
  discarded: number;
  already: { letter: string; status: string }[];
  refused: { letter: string; code: string }[];
  remaining: number;
  [name: string]: unknown;
}

/** A process of the function, with connections and memory of its own, which a test can end at a step. */
export interface Desk extends LetterReplayerParts {
  replayer: LetterReplayer;
  ask(
    method: string,
    target: string,
    body?: unknown,
    options?: { key?: string },
  ): Promise<Answer<{ data: Data; code: string; errors?: { path: string; code: string }[] }>>;
}

/** Called before and after each step that leaves something behind. An error from it ends the process there. */
export type AtStep = (
  step: 'open' | 'replay' | 'publish' | 'done' | 'discard',
  when: 'before' | 'after',
) => unknown;

export interface LetterShop {
  config: TestConfig;
  redis: RedisClient;
  /** Sets the known sites; `counting` are those that aggregate knows. */
  know(sites: readonly Site[], counting?: readonly Site[]): void;
  /** Publishes events as other programs do. @returns the keys of the dead letters that they may become. */
  send(...events: (Partial<FootfallEvent> & { key?: string; bytes?: Buffer })[]): Promise<string[]>;
  /** Counts everything in the log, with a consumer that commits what it reads. */
  apply(): Promise<void>;
  /** Empties Redis and fills it again from the log's beginning. */
  refill(): Promise<void>;
  desk(atStep?: AtStep): Desk;
  /**
   * How many records the topic of dead letters has. Its end would tell of markers of transactions, too, and Kafka writes
   * these a moment after a transaction has ended.
   */
  letterRecords(): Promise<number>;
  ledger(): Promise<Record<string, number>>;
}

export async function openLetterShop(
  initial: readonly Site[],
  { partitions = 2, maxRecords = Infinity }: { partitions?: number; maxRecords?: number } = {},
): Promise<LetterShop> {
  const config = await freshConfig({ partitions, sites: initial });
  const { kafka } = config;
  let known = new Sites(initial);
  const source: SiteSource = {
    ...fixedSites(known),
    current: async () => known,
    refreshed: async () => known,
    complete: async () => known,
  };
  const consumer = openConsumer(config);
  consumer.context.sites = source;
  const { reader, redis } = openReader(config);
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  const letterOffsets = closing(new TopicOffsets(kafka, kafka.dlqTopic), (one) => one.close());
  const applied: number[] = Array.from({ length: partitions }, () => 0);
  let sent = 0;

  const apply = async () => {
    for (const { partition, high } of await offsets.fetch()) {
      if (applied[partition]! >= high) continue;
      await readRange(kafka, partition, applied[partition]!, high, async (records) => {
        for (let i = 0; i < records.length; i += maxRecords) {
          await consumer.apply(records.slice(i, i + maxRecords));
        }
      });
      applied[partition] = high;
    }
  };

  return {
    config,
    redis,
    know: (sites, counting = sites) => {
      known = new Sites(sites);
      consumer.context.sites = fixedSites(new Sites(counting));
    },
    send: async (...events) => {
      const before = await offsets.fetch();
      const records = events.map(({ key, bytes, ...fields }) => {
        const event = eventOf({ id: `e-${++sent}`, ...fields });
        return { key: key ?? userKey(event), value: bytes ?? Buffer.from(JSON.stringify(event)) };
      });
      await producer.send(kafka.eventsTopic, records);
      const after = await offsets.fetch();
      return after.flatMap(({ partition, high }) => {
        const { high: from } = before.find((one) => one.partition === partition)!;
        return Array.from({ length: high - from }, (_, i) => `${kafka.eventsTopic}-${partition}-${from + i}`);
      });
    },
    apply,
    refill: async () => {
      await loseAll(redis);
      // The poller goes on where it was: the next record has a gap before it, which is filled first.
      for (const { partition, low, high } of await offsets.fetch()) {
        if (high === low) continue;
        await readRange(kafka, partition, high - 1, high, async (records) => {
          await consumer.apply(records);
        });
        applied[partition] = high;
      }
    },
    desk: (atStep = () => {}) => {
      const { replayer: _, close, ...parts } = openDeadLetters(kafka, openReader(config).redis, source);
      closing(null, close);
      const steps: LetterReplayerParts = {
        ...parts,
        openWriter: async () => {
          await atStep('open', 'before');
          const writer = await parts.openWriter();
          const write = writer.write.bind(writer);
          writer.write = async (actions) => {
            const step = actions[0]!.action.action;
            await atStep(step, 'before');
            const written = await write(actions);
            await atStep(step, 'after');
            return written;
          };
          try {
            await atStep('open', 'after');
          } catch (error) {
            // An ended process keeps no connection open.
            await writer.close();
            throw error;
          }
          return writer;
        },
        publish: async (replays: readonly Replay[]) => {
          await atStep('publish', 'before');
          await parts.publish(replays);
          await atStep('publish', 'after');
        },
      };
      const replayer = closing(new LetterReplayer(steps), (one) => one.close());
      const handler = httpStack(
        routerOf(
          deadLettersRoutes({
            ...steps,
            ...{ replayer, sites: source, adminKeyHash: keyHash(ADMIN_KEY), timeMs: 25_000 },
          }),
        ),
      );
      return {
        ...steps,
        replayer,
        ask: (method, target, body, { key = ADMIN_KEY } = {}) =>
          ask(handler, method, target, {
            headers: { authorization: `Bearer ${key}` },
            ...(body !== undefined && { body: JSON.stringify(body) }),
          }),
      };
    },
    letterRecords: async () => {
      const { low, high } = (await letterOffsets.fetch())[0]!;
      let count = 0;
      if (high > low) {
        await readRange({ ...kafka, eventsTopic: kafka.dlqTopic }, 0, low, high, async (records) => {
          count += records.length;
        });
      }
      return count;
    },
    ledger: async () => Object.fromEntries(await ledgerOf(reader)),
  };
}

function eventOf(fields: Partial<FootfallEvent> & { id: string }): FootfallEvent {
  const now = Date.now();
  return {
    v: EVENT_VERSION,
    site: 'shop',
    user: 'ana',
    name: 'view_item',
    ts: now,
    received: now,
    ...fields,
  };
}
