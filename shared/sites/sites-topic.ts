import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { kafkaClient } from '../platform/kafka/client.ts';
import { FencedProducer, isFenced } from '../platform/kafka/fenced-producer.ts';
import { KafkaOutage } from '../platform/kafka/outage.ts';
import { readRange } from '../platform/kafka/read-range.ts';
import { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import { TOPIC } from '../platform/kafka/topics.ts';
import type { SiteState } from './state.ts';

/** A transaction takes some 50 ms; of a writer that died in one, readers wait for so long. */
const TRANSACTION_MS = 10_000;

/** A transaction that is committed is marked so in some ms, when all is well. */
const MARKING_MS = 5_000;

/** From where to where a topic goes. */
interface Ends {
  low: number;
  high: number;
}

/** What a record holds, a site as a rule: its key, and which change wrote it, by which a writer knows its own. */
type Stored = Keyed & { change: string };

/** What is stored under its id. */
export type Keyed = { id: string };

/** Undefined for what is no site; whoever uses it finds that out. */
function changeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as Partial<Stored> | null)?.change;
  } catch {
    return undefined;
  }
}

/** The topic of the sites, in which the last record of a site holds all of it. It is compacted, so it keeps that. */
export class SiteLog {
  readonly #kafka: Config['kafka'];
  readonly #offsets: TopicOffsets;

  constructor(kafka: Config['kafka']) {
    this.#kafka = kafka;
    this.#offsets = new TopicOffsets(kafka, kafka.sitesTopic);
  }

  /** @throws FootfallError `bad_sites_topic`, or what kafkajs throws when Kafka is away. */
  async ends(): Promise<Ends> {
    const partitions = await this.#offsets.fetch();
    if (partitions.length !== 1) {
      const message = `The topic ${this.#kafka.sitesTopic} has ${partitions.length} partitions, and must have one.`;
      throw new FootfallError('bad_sites_topic', 500, message);
    }
    return partitions[0]!;
  }

  /**
   * The sites as of the topic's end.
   * @param base what is known already; only what comes after it is read then. One that is beyond the end is of
   *   another topic, and is forgotten.
   * @returns also which changes were read.
   * @throws what {@link readRange} throws.
   */
  async read({ low, high }: Ends, base?: SiteState): Promise<{ state: SiteState; changes: Set<string> }> {
    const known = base && base.next <= high ? base : { next: low, sites: new Map<string, string>() };
    const sites = new Map(known.sites);
    const changes = new Set<string>();
    if (known.next < high) {
      await readRange(
        this.#kafka,
        0,
        Math.max(known.next, low),
        high,
        async (records) => {
          for (const { key, value } of records) {
            if (key === undefined || value === undefined) continue;
            const text = Buffer.from(value, 'base64').toString();
            sites.set(Buffer.from(key, 'base64').toString(), text);
            const change = changeOf(text);
            if (change !== undefined) changes.add(change);
          }
        },
        this.#kafka.sitesTopic,
      );
    }
    return { state: { next: high, sites }, changes };
  }

  /**
   * Waits until readers see what lies before an offset. Brokers answer a commit when it is sure, and mark the records
   * as committed a moment later; until then the end that they tell readers of is before them (KIP-98, "last stable
   * offset").
   * @throws an error when that takes too long, or what kafkajs throws.
   */
  async visible(next: number): Promise<void> {
    const until = performance.now() + MARKING_MS;
    while ((await this.ends()).high < next) {
      if (performance.now() > until)
        throw new KafkaOutage('Kafka has not marked a transaction as committed in time.');
      await sleep(10);
    }
  }

  /**
   * Opens the one writer, which shuts out all that were opened before.
   * @throws FootfallError `bad_sites_topic` when the topic would forget sites; what kafkajs throws when Kafka is away.
   */
  async open(): Promise<SiteWriter> {
    await this.#checkCompaction();
    const { sitesTopic } = this.#kafka;
    const producer = await FencedProducer.open(this.#kafka, `${sitesTopic}-writer`, TRANSACTION_MS);
    return new SiteWriter(sitesTopic, producer);
  }

  async #checkCompaction(): Promise<void> {
    const admin = kafkaClient(this.#kafka, 'footfall-sites').admin();
    try {
      await admin.connect();
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          {
            type: TOPIC,
            name: this.#kafka.sitesTopic,
            configNames: ['cleanup.policy'],
          },
        ],
      });
      const policy = resources[0]?.configEntries.find(
        ({ configName }) => configName === 'cleanup.policy',
      )?.configValue;
      if (policy === 'compact') return;
      const message = `The topic ${this.#kafka.sitesTopic} would forget sites: set its cleanup.policy to compact.`;
      throw new FootfallError('bad_sites_topic', 500, message);
    } finally {
      await admin.disconnect();
    }
  }

  close(): Promise<void> {
    return this.#offsets.close();
  }
}

/** Writes once; to be closed then. */
export class SiteWriter {
  readonly #topic: string;
  readonly #producer: FencedProducer;

  constructor(topic: string, producer: FencedProducer) {
    this.#topic = topic;
    this.#producer = producer;
  }

  /**
   * Stores sites and what else has an id, all or none; resolves when it is committed.
   * @returns the offset after them, and their records by id; `undefined` when another writer was opened meanwhile:
   *   then it was either stored before that, or never will be.
   * @throws what kafkajs throws when Kafka is away; then it may have been stored, or not.
   */
  async write(
    sites: readonly Keyed[],
    change: string,
  ): Promise<{ next: number; texts: Map<string, string> } | undefined> {
    const texts = new Map(
      sites.map((site) => [site.id, JSON.stringify({ ...site, change } satisfies Stored)]),
    );
    try {
      const [written] = await this.#producer.commit((transaction) =>
        transaction.send({
          topic: this.#topic,
          acks: -1,
          messages: [...texts].map(([key, value]) => ({ key, value, partition: 0 })),
        }),
      );
      return { next: Number(written!.baseOffset) + texts.size, texts };
    } catch (error) {
      if (isFenced(error)) return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}
