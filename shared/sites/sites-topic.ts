import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../platform/config.ts';
import { FootfallError } from '../platform/errors.ts';
import { withAdmin } from '../platform/kafka/client.ts';
import { FencedProducer, isFenced } from '../platform/kafka/fenced-producer.ts';
import { KafkaOutage } from '../platform/kafka/outage.ts';
import { readRange } from '../platform/kafka/read-range.ts';
import { TopicOffsets } from '../platform/kafka/topic-offsets.ts';
import { TOPIC } from '../platform/kafka/topics.ts';
import type { SitesState } from './sites-state.ts';

/** A transaction takes some 50 ms. If its writer dies, readers wait this long. */
const TRANSACTION_MS = 10_000;

/** How long to wait until brokers mark a committed transaction; normally they take a few ms. */
const VISIBLE_LIMIT_MS = 5_000;

/** Offsets of the first record and after the last. */
interface Ends {
  low: number;
  high: number;
}

/**
 * What a record holds, usually a site: its id, and the change that wrote it, by which a writer recognizes its
 * own.
 */
type Stored = Keyed & { change: string };

/** Anything stored under its id. */
export type Keyed = { id: string };

/** Undefined when the text is not a record of ours; the reader of the record finds that out. */
function changeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as Partial<Stored> | null)?.change;
  } catch {
    return undefined;
  }
}

/**
 * The topic of the sites. The last record of a site holds all of it, and the topic is compacted, so Kafka
 * keeps that record.
 */
export class SitesTopic {
  readonly #kafka: Config['kafka'];
  readonly #offsets: TopicOffsets;

  constructor(kafka: Config['kafka']) {
    this.#kafka = kafka;
    this.#offsets = new TopicOffsets(kafka, kafka.sitesTopic);
  }

  /**
   * First and end offset of the topic. @throws FootfallError `bad_sites_topic`; errors of kafkajs when Kafka
   * is unreachable.
   */
  async ends(): Promise<Ends> {
    const partitions = await this.#offsets.fetch();
    if (partitions.length !== 1) {
      const message = `The topic ${this.#kafka.sitesTopic} has ${partitions.length} partitions but must have exactly one.`;
      throw new FootfallError('bad_sites_topic', 500, message);
    }
    return partitions[0]!;
  }

  /**
   * The sites as of the given end of the topic.
   * @param base an earlier state: only later records are read. A base beyond the end belongs to a deleted
   *   topic and is ignored.
   * @returns the sites, and the ids of the changes that were read.
   * @throws errors of {@link readRange}.
   */
  async read({ low, high }: Ends, base?: SitesState): Promise<{ state: SitesState; changes: Set<string> }> {
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
   * Waits until readers see all records before an offset. Brokers confirm a commit before they mark its
   * records as committed; until then they report an end that excludes them (KIP-98, "last stable offset").
   * @throws an error when that takes longer than 5 s; errors of kafkajs.
   */
  async visible(next: number): Promise<void> {
    const until = performance.now() + VISIBLE_LIMIT_MS;
    while ((await this.ends()).high < next) {
      if (performance.now() > until)
        throw new KafkaOutage('Kafka did not mark a transaction as committed within 5 s.');
      await sleep(10);
    }
  }

  /**
   * Opens the only writer; the brokers reject all writers that were opened before.
   * @throws FootfallError `bad_sites_topic` when the topic is not compacted and would lose sites; errors of
   *   kafkajs when Kafka is unreachable.
   */
  async open(): Promise<SitesTransaction> {
    await this.#checkCompaction();
    const { sitesTopic } = this.#kafka;
    const producer = await FencedProducer.open(this.#kafka, `${sitesTopic}-writer`, TRANSACTION_MS);
    return new SitesTransaction(sitesTopic, producer);
  }

  async #checkCompaction(): Promise<void> {
    const name = this.#kafka.sitesTopic;
    const { resources } = await withAdmin(this.#kafka, 'footfall-sites', (admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: TOPIC, name, configNames: ['cleanup.policy'] }],
      }),
    );
    const entries = resources[0]?.configEntries ?? [];
    if (
      entries.some(
        ({ configName, configValue }) => configName === 'cleanup.policy' && configValue === 'compact',
      )
    )
      return;
    const message = `The topic ${name} would lose sites: set its cleanup.policy to compact.`;
    throw new FootfallError('bad_sites_topic', 500, message);
  }

  close(): Promise<void> {
    return this.#offsets.close();
  }
}

/** One transaction on the sites topic. The caller closes it. */
export class SitesTransaction {
  readonly #topic: string;
  readonly #producer: FencedProducer;

  constructor(topic: string, producer: FencedProducer) {
    this.#topic = topic;
    this.#producer = producer;
  }

  /**
   * Stores records, all or none; resolves when the transaction is committed.
   * @returns the offset after them, and their text by id; undefined when another writer was opened in
   *   between. The records were then either stored before that, or never will be.
   * @throws errors of kafkajs when Kafka is unreachable; the records may be stored or not.
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
