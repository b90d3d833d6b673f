import type { FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { FunnelStore } from '../../shared/funnels/store.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import type { PartitionOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import type { RedisClient } from '../../shared/platform/redis/connection.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { OpenErasures } from '../../shared/privacy/open-erasures.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import { analyticsContexts } from '../../shared/questions/analytics-context.ts';
import type { StoreReader } from '../../shared/shard/reader.ts';
import { type Site, Sites, siteSchema } from '../../shared/sites/site.ts';
import { KEY_KINDS, keyHash, storedKey } from '../../shared/sites/site-keys.ts';
import { fixedSites, type SiteSource } from '../../shared/sites/source.ts';
import type { SitesWriter } from '../../shared/sites/writer.ts';
import { type ApiClient, clientOf } from './client.ts';
import { unlimited } from './collecting.ts';
import { openConsumer } from './consumer.ts';
import { freshConfig, type TestConfig } from './fresh-config.ts';
import { type Answer, ask, type RequestOptions } from './http.ts';
import { openReader } from './reader.ts';
import { loseAll } from './redis-data.ts';
import { analyticsRoutes, collectRoutes, privacyRoutes, sitesRoutes } from './routes.ts';

/** A site that keeps its numbers for ten years, with the keys `<id>-write-key`, `<id>-read-key` and `<id>-admin-key`. */
export const siteOf = (id: string, fields: Partial<Site> = {}): Site =>
  siteSchema.parse({
    id,
    retention_days: 3_650,
    keys: KEY_KINDS.map((kind) => storedKey(kind, `${id}-${kind}-key`, 0)),
    ...fields,
  });

export interface Shop {
  /** Sends events to a site and counts them. @returns the verdicts */
  send(site: string, ...events: object[]): Promise<{ status: string; id?: string }[]>;
  /** Sends events that wait in the log until {@link Shop.apply}. */
  leave(site: string, ...events: object[]): Promise<{ status: string; id?: string }[]>;
  /** Counts events that are canonical already, such as the simulator's. */
  count(events: Iterable<FootfallEvent>): Promise<void>;
  /** Counts everything that waits in the log, and then what shards have sent to each other. */
  apply(): Promise<void>;
  /**
   * Counts what waits in the shard of a site's user.
   * @param options.records only the first of them
   * @param options.withoutSite a site that the consumer does not know
   */
  applyShardOf(
    site: string,
    user: string,
    options?: { records?: number; withoutSite?: string },
  ): Promise<void>;
  /** Empties Redis; the whole log waits again. */
  forget(): Promise<void>;
  /** The events that came over HTTP, as they are in the log, partition by partition. */
  events(): FootfallEvent[];
  /** The end offsets of the log. */
  ends(): Promise<PartitionOffsets[]>;
  /** A user of the site whose name begins with `name`, in none of the shards of these users. */
  userElsewhere(site: string, name: string, ...users: string[]): string;
  /** A user of the site whose name begins with `name`, in the shard of this user. */
  userBeside(site: string, name: string, user: string): string;
  reader: StoreReader;
  /** Called when a shard has sent records to others and not committed yet. An error from it is a crash. */
  onForward: () => void;
  /** Asks with the site's read key; the answer is checked against the OpenAPI document. */
  get<T = { data: never; meta: never }>(
    site: string,
    target: string,
    options?: RequestOptions,
  ): Promise<Answer<T>>;
  /** The client of the OpenAPI document, with a key of the site. */
  client(site: string, kind?: 'read' | 'admin' | 'write'): ApiClient;
  /** Another process of the same functions: connections and memory of its own. */
  process(): Pick<Shop, 'get'>;
  redis: RedisClient;
  config: TestConfig;
  /** The HTTP handler of all functions. */
  handler: ReturnType<typeof httpStack>;
}

/**
 * The whole way of an event without a broker: over HTTP into a log in this process, from there by the consumer
 * into a Redis database of its own, and back over HTTP.
 * @param options.answerMaxAgeMs 0: new events are in the answers at once.
 * @param options.adminKey of the installation; absent: it has none.
 */
export async function openShop(
  sites: Site[],
  {
    answerMaxAgeMs = 0,
    partitions = 4,
    adminKey,
  }: { answerMaxAgeMs?: number; partitions?: number; adminKey?: string } = {},
): Promise<Shop> {
  const adminKeyHash = adminKey === undefined ? undefined : keyHash(adminKey);
  const config = { ...(await freshConfig({ partitions, sites })), answerMaxAgeMs, adminKeyHash };
  const topic = config.kafka.eventsTopic;
  const logs: KafkaRecord[][] = Array.from({ length: partitions }, () => []);
  const applied = logs.map(() => 0);

  const partitionOfUser = (site: string, user: string) => partitionOf(userKey({ site, user }), partitions);
  const publish = async (events: Iterable<FootfallEvent>) => {
    for (const event of events) {
      const key = userKey(event);
      const partition = partitionOfUser(event.site, event.user);
      const log = logs[partition]!;
      log.push({
        topic,
        partition,
        offset: log.length,
        timestamp: event.received,
        key: Buffer.from(key).toString('base64'),
        value: Buffer.from(JSON.stringify(event)).toString('base64'),
      });
    }
  };
  const ends = async (): Promise<PartitionOffsets[]> =>
    logs.map((log, partition) => ({ partition, low: 0, high: log.length }));

  let directory = new Sites(sites);
  const read = async () => directory;
  const known: SiteSource = {
    ...fixedSites(directory),
    ...{ current: read, refreshed: read, complete: read },
  };
  const writer: Pick<SitesWriter, 'change'> = {
    change: async (make) => {
      const { changed, result } = make(directory);
      const others = directory.all().filter((site) => !changed.some(({ id }) => id === site.id));
      directory = new Sites([...others, ...changed]);
      return result;
    },
  };
  const { reader, redis } = openReader(config);
  const receipts = new Receipts(redis, firstGeneration(config.kafka));
  const routesOn = (connection: RedisClient) =>
    analyticsRoutes(analyticsContexts(config, connection, { fetch: ends }, known));
  const handler = httpStack(
    routerOf([
      ...collectRoutes({ sites: known, publish, limit: unlimited, countryHeader: config.countryHeader }),
      ...routesOn(redis),
      ...sitesRoutes({
        ...{ sites: known, writer, adminKeyHash },
        funnels: { current: async () => new FunnelStore(redis, firstGeneration(config.kafka)) },
      }),
      ...privacyRoutes({
        ...{
          ...{ sites: known, adminKeyHash },
          stores: { current: async () => ({ store: reader, receipts, open: new OpenErasures(redis) }) },
          publish,
        },
        // Tests apply an erasure after asking for it.
        waitMs: 0,
      }),
    ]),
  );
  const consumer = openConsumer(config, {
    source: known,
    forward: async (events) => {
      await publish(events);
      shop.onForward();
    },
  });
  const applyShard = async (partition: number, most = Infinity) => {
    const records = logs[partition]!.slice(applied[partition]).slice(0, most);
    if (records.length === 0) return;
    await consumer.apply(records);
    applied[partition] = records.at(-1)!.offset + 1;
  };
  const isBehind = () => logs.some((log, partition) => applied[partition]! < log.length);
  const apply = async () => {
    // What a shard sends to one before it is counted in the next round.
    while (isBehind()) for (const partition of logs.keys()) await applyShard(partition);
  };
  const leave: Shop['leave'] = async (site, ...events) => {
    const answer = await ask<{ events: { status: string; id?: string }[] }>(handler, 'POST', '/v1/events', {
      headers: { authorization: `Bearer ${site}-write-key` },
      body: JSON.stringify({ events }),
    });
    return answer.body.events;
  };
  const shop: Shop = {
    handler,
    apply,
    ends,
    forget: async () => {
      await loseAll(redis);
      applied.fill(0);
    },
    events: () =>
      logs
        .flat()
        .map(({ value }): FootfallEvent => JSON.parse(Buffer.from(value!, 'base64').toString()))
        .filter(({ origin, erases }) => !origin && !erases),
    applyShardOf: async (site, user, { records, withoutSite } = {}) => {
      const others = directory.all().filter(({ id }) => id !== withoutSite);
      consumer.context.sites = fixedSites(new Sites(others));
      await applyShard(partitionOfUser(site, user), records).finally(() => {
        consumer.context.sites = known;
      });
    },
    userElsewhere: (site, name, ...users) => {
      const taken = users.map((user) => partitionOfUser(site, user));
      for (let n = 1; ; n++) {
        if (!taken.includes(partitionOfUser(site, `${name}-${n}`))) return `${name}-${n}`;
      }
    },
    userBeside: (site, name, user) => {
      for (let n = 1; ; n++) {
        if (partitionOfUser(site, `${name}-${n}`) === partitionOfUser(site, user)) return `${name}-${n}`;
      }
    },
    reader,
    onForward: () => {},
    leave,
    count: async (events) => {
      await publish(events);
      await apply();
    },
    send: async (site, ...events) => {
      const verdicts = await leave(site, ...events);
      await apply();
      return verdicts;
    },
    redis,
    config,
    process: () => {
      const other = httpStack(routerOf(routesOn(openReader(config).redis)));
      return { get: (site, target, options) => askAs(other, site, target, options) };
    },
    client: (site, kind = 'read') => clientOf(handler, `${site}-${kind}-key`),
    get: (site, target, options) => askAs(handler, site, target, options),
  };
  return shop;
}

function askAs<T>(
  handler: Shop['handler'],
  site: string,
  target: string,
  options: RequestOptions = {},
): Promise<Answer<T>> {
  const headers = { authorization: `Bearer ${site}-read-key`, ...options.headers };
  return ask(handler, 'GET', target, { ...options, headers });
}
