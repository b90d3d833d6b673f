import { randomUUID } from 'node:crypto';
import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import type { Discarded } from './deliver-batch.ts';
import { type EncodedRecord, encodeEvent, envelopeOf, eventBytes } from './lambda-event.ts';
import type { Mapping } from './mapping.ts';

/** Discarded records, and the partition of the source topic that they come from. */
export type DiscardedFromPartition = Discarded & { partition: number };

/**
 * An on-failure destination in the cluster of the source. It receives one message for each discarded record,
 * under the record's own key.
 */
export class OnFailureTopic {
  readonly #mapping: Mapping;
  readonly #topic: string;
  readonly #producer: Producer;
  #connected: Promise<void> | undefined;

  constructor(kafka: Kafka, mapping: Mapping, topic: string) {
    this.#mapping = mapping;
    this.#topic = topic;
    this.#producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  /**
   * Sends the records, and resolves when all in-sync replicas have them. Each record is a request of its own,
   * because kafkajs 2.2.4 may report a request to several partitions as done when one of them was never sent
   * (src/producer/sendMessages.js).
   * @throws what kafkajs throws when the topic or the cluster is not available.
   */
  async send(discarded: DiscardedFromPartition): Promise<void> {
    this.#connected ??= this.#producer.connect();
    await this.#connected.catch((error) => {
      this.#connected = undefined;
      throw error;
    });
    const discardedAt = new Date();
    for (const record of discarded.records) {
      const value = JSON.stringify(invocationRecord(this.#mapping, record, discarded, discardedAt));
      await this.#producer.send({ topic: this.#topic, acks: -1, messages: [{ key: record.key, value }] });
    }
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
  }
}

/**
 * The message about one discarded record: why it was discarded, and the event that contained it (AWS, "Using a
 * Kafka topic as an on-failure destination"). A self-managed cluster has no `eventSourceArn`.
 */
function invocationRecord(
  mapping: Mapping,
  record: EncodedRecord,
  { partition, condition, invokeCount, invocation }: DiscardedFromPartition,
  discardedAt: Date,
): unknown {
  const envelope = envelopeOf(mapping.topic, partition, mapping.bootstrapServers);
  return {
    requestContext: {
      requestId: invocation?.requestId ?? randomUUID(),
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: invokeCount,
    },
    responseContext: invocation
      ? {
          statusCode: invocation.statusCode,
          executedVersion: '$LATEST',
          ...(invocation.functionError !== undefined && { functionError: invocation.functionError }),
        }
      : null,
    version: '1.0',
    timestamp: discardedAt.toISOString(),
    KafkaBatchInfo: {
      batchSize: 1,
      bootstrapServers: mapping.bootstrapServers.join(','),
      payloadSize: eventBytes(envelope, [record]),
      recordInfo: { offset: String(record.offset), timestamp: new Date(record.timestamp).toISOString() },
    },
    payload: JSON.parse(encodeEvent([{ envelope, records: [record] }])),
  };
}
