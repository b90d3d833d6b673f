import { randomUUID } from 'node:crypto';
import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import type { Discarded } from './delivery.ts';
import { type EncodedRecord, encodeEvent, envelopeOf, eventBytes } from './event-shape.ts';
import type { Mapping } from './mapping.ts';

/**
 * What an on-failure topic gets for one record: why it was given up, and the event it was in (AWS "Using a
 * Kafka topic as an on-failure destination"). A self-managed cluster has no `eventSourceArn`.
 * @param at when it was given up.
 */
function invocationRecord(
  mapping: Mapping,
  partition: number,
  record: EncodedRecord,
  { condition, invokeCount, invocation }: Discarded,
  at: Date,
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
    timestamp: at.toISOString(),
    KafkaBatchInfo: {
      batchSize: 1,
      bootstrapServers: mapping.bootstrapServers.join(','),
      payloadSize: eventBytes(envelope, [record]),
      recordInfo: { offset: String(record.offset), timestamp: new Date(record.timestamp).toISOString() },
    },
    payload: JSON.parse(encodeEvent(envelope, [record])),
  };
}

/** An on-failure destination in the cluster of the source: one message for each record, under its own key. */
export class TopicDestination {
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
   * Resolves when all in-sync replicas have the records. Each goes by itself: kafkajs may call a send of several
   * partitions done of which one was never sent (2.2.4, src/producer/sendMessages.js).
   */
  async send(discarded: Discarded & { partition: number }): Promise<void> {
    this.#connected ??= this.#producer.connect();
    await this.#connected.catch((error) => {
      this.#connected = undefined;
      throw error;
    });
    const at = new Date();
    for (const record of discarded.records) {
      const value = JSON.stringify(
        invocationRecord(this.#mapping, discarded.partition, record, discarded, at),
      );
      await this.#producer.send({ topic: this.#topic, acks: -1, messages: [{ key: record.key, value }] });
    }
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
  }
}
