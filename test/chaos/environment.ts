import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { startRedis } from '../../local/services/redis.ts';
import type { Server } from '../../local/services/server.ts';
import { footfallDir, startServices } from '../../local/services/services.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { mappingOf } from '../../packages/serverless-offline-kafka/test/support/mapping.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { type Config, readConfig } from '../../shared/platform/config.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import { StoreReader } from '../../shared/shard/reader.ts';
import { siteOf } from '../support/shop.ts';
import { Child } from './child.ts';
import { Link } from './link.ts';
import { RedisPair } from './redis-pair.ts';

export const PARTITIONS = 6;

/** Far from UTC, on both sides, and one with half hours. */
export const SITES = [
  siteOf('madrid', { zone: 'Europe/Madrid', currency: 'EUR' }),
  siteOf('kolkata', { zone: 'Asia/Kolkata', currency: 'JPY' }),
];

/** A dead member holds its partitions for one session, so short sessions make a quick test. */
export const GROUP = { sessionTimeoutMs: 2_000, heartbeatMs: 300 };

const TOPICS = {
  EVENTS_TOPIC: 'events',
  DLQ_TOPIC: 'events.dlq',
  SIGNALS_TOPIC: 'signals',
  SITES_TOPIC: 'sites',
};

/** A whole installation: three brokers, Redis with a replica, and every function in a process of its own. */
export class Environment {
  readonly config: Config;
  readonly brokers: readonly Server[];
  /** Between the functions and each of the brokers. */
  readonly brokerFronts: readonly Link[];
  readonly redis: RedisPair;
  readonly collect: Child;
  readonly analytics: Child;
  readonly sweep: Child;
  readonly consumer: Child;
  /** Packs days all the time. */
  readonly packing: Child;
  /** Of this program, through the proxies: brokers lead their clients there. */
  readonly kafka: Kafka;
  readonly #folder: string;
  readonly #others: Child[] = [];
  #numbers = 0;

  private constructor(folder: string, brokers: readonly Server[], fronts: readonly Link[], redis: RedisPair) {
    this.#folder = folder;
    this.brokers = brokers;
    this.brokerFronts = fronts;
    this.redis = redis;
    this.config = readConfig(this.#env());
    this.kafka = new Kafka({
      brokers: this.config.kafka.brokers,
      requestTimeout: 5_000,
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 10 },
      logLevel: logLevel.NOTHING,
    });
    this.collect = this.#functionOf('collect');
    this.analytics = this.#functionOf('analytics');
    this.sweep = this.#functionOf('sweep');
    this.consumer = this.#consumerOf('consumer', 'aggregate');
    this.packing = this.#packingOf('packing');
  }

  static async open(): Promise<Environment> {
    const folder = await mkdtemp(join(tmpdir(), 'footfall-chaos-'));
    const fronts: Link[] = [];
    const { KAFKA_BROKERS: _, REDIS_URL: __, ...env } = process.env;
    const [services, replica] = await Promise.all([
      startServices({
        dataDir: folder,
        mode: 'embedded',
        env,
        kafka: {
          brokers: 3,
          advertise: async ({ id, port }) => {
            const front = await Link.open(port);
            fronts[id - 1] = front;
            return `127.0.0.1:${front.port}`;
          },
        },
      }),
      startRedis({
        folder: join(folder, 'replica'),
        fresh: false,
        cacheDir: join(footfallDir, 'cache'),
        port: undefined,
        env,
        log: () => {},
      }),
    ]);
    const redis = await RedisPair.open(services.redis!, replica);
    const environment = new Environment(folder, services.brokers, fronts, redis);
    await ensureTopics(environment.config.kafka);
    await addSites(environment.config, SITES);
    await Promise.all(environment.#own().map((child) => child.start()));
    return environment;
  }

  get reader(): StoreReader {
    return new StoreReader(this.redis.direct(), firstGeneration(this.config.kafka));
  }

  #env(): Record<string, string> {
    return {
      ...TOPICS,
      KAFKA_BROKERS: this.brokerFronts.map(({ port }) => `127.0.0.1:${port}`).join(),
      REDIS_URL: this.redis.url,
      EVENTS_PARTITIONS: String(PARTITIONS),
    };
  }

  #own(): Child[] {
    return [this.collect, this.analytics, this.sweep, this.consumer, this.packing];
  }

  #functionOf(name: string): Child {
    const handler = join(import.meta.dirname, '..', '..', 'functions', name, 'handler.ts');
    return new Child({
      name,
      script: 'function-child.ts',
      args: [handler],
      env: this.#env(),
      folder: this.#folder,
    });
  }

  #consumerOf(name: string, consumerGroupId: string): Child {
    const mapping = mappingOf(TOPICS.EVENTS_TOPIC, {
      bootstrapServers: this.config.kafka.brokers,
      consumerGroupId,
      batchingWindowMs: 20,
      retryBackoff: { initialMs: 50, maxMs: 500 },
    });
    return new Child({
      name,
      script: 'consumer-child.ts',
      args: [JSON.stringify(mapping), JSON.stringify(GROUP)],
      env: { ...this.#env(), AGGREGATE_GROUP: consumerGroupId },
      folder: this.#folder,
    });
  }

  #packingOf(name: string): Child {
    return new Child({
      name,
      script: 'packing-child.ts',
      args: [JSON.stringify(SITES)],
      env: this.#env(),
      folder: this.#folder,
    });
  }

  /** Another process that packs days. */
  async startPacking(): Promise<Child> {
    const child = this.#packingOf(`packing-${++this.#numbers}`);
    this.#others.push(child);
    await child.start();
    return child;
  }

  /** Another process with the consumer, in the same group or in a new one. */
  async startConsumer(group: 'same' | 'other'): Promise<Child> {
    const number = ++this.#numbers;
    const name = `consumer-${number}`;
    const child = this.#consumerOf(name, group === 'same' ? 'aggregate' : `aggregate-${number}`);
    this.#others.push(child);
    await child.start();
    return child;
  }

  /** The last lines of the processes' output, to explain a failure. */
  async said(): Promise<string> {
    const children = [...this.#own(), ...this.#others];
    const texts = await Promise.all(
      children.map(async ({ logFile }) => {
        const text = await readFile(logFile, 'utf8').catch(() => '');
        return `--- ${logFile}\n${text.trimEnd().split('\n').slice(-15).join('\n')}`;
      }),
    );
    return texts.join('\n');
  }

  async close(): Promise<void> {
    const children = [...this.#own(), ...this.#others];
    await Promise.all(children.map((child) => child.kill()));
    await Promise.all(this.brokerFronts.map((front) => front.close()));
    await Promise.all([...this.brokers.map((broker) => broker.kill()), this.redis.close()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
