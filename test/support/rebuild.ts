import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { begin, buildUp, noteState } from '../../cli/rebuild/build.ts';
import { type RebuildContext, withContext } from '../../cli/rebuild/context.ts';
import { type Filling, openFilling } from '../../cli/rebuild/fill.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { CartClaims } from '../../shared/carts/cart-claims.ts';
import { SignalWriter } from '../../shared/carts/signals-topic.ts';
import { takeOverCarts } from '../../shared/carts/take-over-carts.ts';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import type { Config } from '../../shared/platform/config.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import { readOverview } from '../../shared/questions/overview.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { Trimmer } from '../../shared/shard/trimmer.ts';
import { openSites, type SiteDirectory } from '../../shared/sites/directory.ts';
import type { Site } from '../../shared/sites/site.ts';
import type { SweepContext } from '../../shared/sweep/sweep-shards.ts';
import { eventStream, hardSites } from '../oracle/streams.ts';
import { type Aggregating, startAggregating } from './aggregating.ts';
import { closing } from './closing.ts';
import { envOf } from './env-of.ts';
import { freshConfig } from './fresh-config.ts';
import { ask } from './http.ts';
import { analyticsRoutes } from './routes.ts';
import { siteOf } from './shop.ts';

/** The seed of the random samples: a test's name says it, and FOOTFALL_SEED repeats it. */
export const seed = Number(process.env.FOOTFALL_SEED ?? Date.now() % 1e9);
export const PARTITIONS = 3;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Far in the future, so that nothing expires while a test looks at it. */
export const START = Date.parse('2031-06-10T08:00:00Z');
/** The day of {@link START} in every site's time zone. */
export const START_DAY = { from: '2031-06-10', to: '2031-06-10' };

export const [madrid, newYork] = hardSites as [Site, Site];
/** A site for many events of little variety. */
export const load = siteOf('load');
const sites = [madrid, newYork, load];

let count = 0;

/** A valid event; by default ben views an item in the New York shop at {@link START}. */
export const eventOf = (fields: Partial<FootfallEvent>): FootfallEvent => ({
  ...{ v: EVENT_VERSION, id: `e${count++}`, site: newYork.id, user: 'ben', name: 'view_item', ts: START },
  received: fields.ts ?? START,
  ...fields,
});

/** A random stream of at least `least` events of a site, with visitors, orders, bots and repetitions. */
export function sampleOf(site: Site, least: number, from = START): FootfallEvent[] {
  const options = { sites: [site], receivedFrom: from, receivedFor: 12 * HOUR, history: [from - 9 * DAY] };
  const [events] = fc.sample(
    eventStream({ ...options, maxEvents: 90, identities: true, orders: true }).filter(
      ({ length }) => length >= least,
    ),
    { numRuns: 1, seed },
  );
  return events!;
}

interface Told {
  data: { total: number };
  meta: { complete: boolean | null };
}

/** An installation with a Kafka and Redis of its own. */
export interface Installed {
  config: Config;
  producer: EventProducer;
  /** Sends records with these values, which need not be events. */
  spoil(site: Site, values: readonly string[]): Promise<void>;
  /** Starts a process that counts, with connections and memory of its own. */
  process(): Promise<Aggregating>;
  /** The analytics function, in a process of its own, and the sites and generations that it knows. */
  analytics: { get: (site: string, target: string) => Promise<Told>; directory: SiteDirectory };
  reader(generation: Generation): StoreReader;
  /** What the command of a rebuild works with. */
  tools<T>(use: (tools: RebuildContext) => Promise<T>): Promise<T>;
}

/** @param keyPrefix of the Redis keys on one server. In a cluster each test has a prefix anyway. */
export async function install({ partitions = PARTITIONS, keyPrefix = '' } = {}): Promise<Installed> {
  const fresh = await freshConfig({ partitions, sites });
  const address = fresh.redis.cluster ? fresh.redis : { ...fresh.redis, keyPrefix };
  const config = { ...fresh, redis: address, answerMaxAgeMs: 0 };
  await addSites(config, sites);
  const { kafka } = config;
  const redis = closing(connectRedis(config.redis, { enableAutoPipelining: true }), (one) =>
    one.disconnect(),
  );
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const offsets = closing(new TopicOffsets(kafka), (one) => one.close());
  const directory = closing(openSites(kafka, redis), (one) => one.close());
  const handler = httpStack(routerOf(analyticsRoutes(analyticsContexts(config, redis, offsets, directory))));
  return {
    config,
    producer,
    spoil: (site, values) =>
      producer.send(
        kafka.eventsTopic,
        values.map((value, i) => ({ key: `${site.id}:spoilt-${i}`, value })),
      ),
    process: async () => {
      const one = await startAggregating(config);
      return closing(one, () => one.stop());
    },
    analytics: {
      get: async (site, target) => {
        const headers = { authorization: `Bearer ${site}-read-key` };
        const { status, body } = await ask<Told>(handler, 'GET', target, { headers });
        expect(status).toBe(200);
        return body;
      },
      directory,
    },
    reader: (generation) => new StoreReader(redis, generation),
    tools: (use) =>
      withContext(
        config,
        {
          log: () => {},
          signal: new AbortController().signal,
        },
        use,
      ),
  };
}

/** Begins a rebuild and fills the new generation until it is ready, as `footfall rebuild start` does. */
export async function build(
  tools: RebuildContext,
): Promise<{ live: Generation; next: Generation; filling: Filling }> {
  const { live, next } = await begin(tools);
  const filling = openFilling(tools, next);
  expect(await buildUp(tools, filling)).toBe(true);
  await noteState(tools, next, 'ready');
  return { live, next, filling };
}

/** Pretends that the last switch was long ago, so that no program can still be on the generation before. */
export const asIfLongAgo = ({ writer }: RebuildContext): Promise<void> =>
  writer.changeGenerations((known) => {
    const current = Object.entries(known.current).map(([place, one]) => [place, { ...one, since: 0 }]);
    return { generations: { ...known, current: Object.fromEntries(current) }, result: undefined };
  });

/** Counts all events of a generation's `load` site at {@link START_DAY}. */
export const countLoad = async (store: StoreReader): Promise<number> =>
  (await readOverview(store, load, START_DAY)).total_events;

/** What the sweep works with in a generation. */
export function sweepContext(
  { redis, config }: RebuildContext,
  generation: Generation,
  takeOver: () => Promise<void>,
) {
  return {
    claims: new CartClaims(redis, generation),
    trimmer: new Trimmer(redis, generation),
    openWriter: () => SignalWriter.open(config.kafka),
    takeOver,
    sites: [load],
    partitions: 2,
    cartAbandonedMinutes: 60,
  } satisfies SweepContext;
}

/** Carries signalled carts over from the generations before, as the sweep does after a switch. */
export const takingOver =
  ({ redis, directory, config }: RebuildContext) =>
  async (): Promise<void> =>
    takeOverCarts(redis, await directory.generations(), { kafka: config.kafka, sites: [load] });

/** `footfall rebuild <args>` in a process that can be killed. */
export function startCommand({ config }: Installed, ...args: string[]) {
  const env = {
    ...process.env,
    ...envOf(config),
  };
  const child = spawn(process.execPath, ['cli/main.ts', 'rebuild', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  // Results are on stdout, progress on stderr.
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, output }));
  const wait = async (ms: number) => {
    const ending = await Promise.race([ended, sleep(ms)]);
    if (ending) throw new Error(`The command ended with ${ending.code}: ${output}`);
  };
  const command = {
    /** Waits some ms; throws when the command ends first. */
    wait,
    kill: (signal: 'SIGKILL' | 'SIGINT' = 'SIGKILL') => child.kill(signal),
    ended,
    /** Waits for a text in the output. @returns the output up to then. */
    said: async (text: string) => {
      while (!output.includes(text)) await wait(10);
      return output;
    },
  };
  return closing(command, ({ kill }) => kill());
}
