import type { IHeaders, Message } from 'kafkajs';
import type { FootfallEvent } from '../../../shared/event/event.ts';
import type { DeadLetterReason } from '../../../shared/event/outcome.ts';
import { partitionOf } from '../../../shared/event/partition.ts';
import { userKey } from '../../../shared/platform/user-key.ts';
import { PARTITIONS, SITES } from '../environment.ts';
import { POISON } from '../truth.ts';
import { between, type Fault, progress, type World } from '../world.ts';

/** Poison records among valid events. */

const HOUR = 3_600_000;

type Poison = Pick<Message, 'key' | 'value'> & { reason: DeadLetterReason; partition?: number };

function poison({ dice }: World, number: number): Poison {
  const now = Date.now();
  const event: FootfallEvent = {
    v: 1,
    id: `poison-${number}`,
    site: SITES[0]!.id,
    user: `poison-${dice.below(10)}`,
    name: 'page_view',
    ts: now,
    received: now,
  };
  const key = userKey(event);
  const text = (fields: object) => JSON.stringify({ ...event, ...fields });
  const records: Poison[] = [
    { reason: 'not_json', key, value: null },
    { reason: 'not_json', key, value: Buffer.from([0xff, 0x00, 0x80, 0xc3]) },
    { reason: 'not_json', key, value: JSON.stringify(event).slice(0, 40) },
    // Nearly as large as a broker takes (message.max.bytes).
    { reason: 'not_json', key, value: Buffer.alloc(1_000_000, 'x') },
    { reason: 'not_an_event', key, value: '[]' },
    { reason: 'not_an_event', key, value: text({ ts: 'yesterday' }) },
    { reason: 'not_an_event', key, value: text({ props: { deep: [[[[]]]] } }) },
    { reason: 'unknown_version', key, value: text({ v: 2 }) },
    { reason: 'unknown_site', key: 'nobody:u', value: text({ site: 'nobody', user: 'u' }) },
    { reason: 'wrong_key', key: null, value: text({}) },
    { reason: 'wrong_key', key: 'other:key', value: text({}) },
    { reason: 'wrong_key', key: Buffer.from([0xff, 0xfe]), value: text({}) },
    { reason: 'too_late', key, value: text({ ts: now - 100 * HOUR }) },
    {
      reason: 'wrong_partition',
      key,
      value: text({}),
      partition: (partitionOf(key, PARTITIONS) + 1) % PARTITIONS,
    },
  ];
  return records[number % records.length]!;
}

let numbers = 0;

async function send(world: World): Promise<void> {
  const { kafka, config } = world.environment;
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  try {
    for (let n = 14; n > 0; n--) {
      const { reason, ...record } = poison(world, numbers++);
      const headers: IHeaders = { [POISON]: reason };
      await producer.send({
        topic: config.kafka.eventsTopic,
        messages: [{ ...record, headers, value: record.value }],
      });
    }
  } finally {
    await producer.disconnect();
  }
}

export const recordFaults: Fault[] = [
  {
    name: 'poison records',
    run: send,
  },
  {
    name: 'poison records while aggregate is killed',
    async run(world) {
      const { consumer } = world.environment;
      await progress(world);
      const sending = send(world);
      await between(world, 50, 400);
      await consumer.restart();
      await sending;
    },
  },
];
