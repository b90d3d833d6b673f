import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { createPoller } from '../../src/poller.ts';

/**
 * A poller in a process of its own, so that a test can kill or freeze it. Appends the offsets of each batch to a
 * file. The invocation with the offset `hangAt` never ends; any other takes 20 ms.
 */
const [mappingJson, groupJson, file, hangAt] = process.argv.slice(2) as [string, string, string, string];
const mapping = JSON.parse(mappingJson);
const kafka = new Kafka({ brokers: mapping.bootstrapServers, logLevel: logLevel.NOTHING });

await createPoller({
  kafka,
  mapping,
  group: JSON.parse(groupJson),
  async invoke(payload) {
    const { records } = JSON.parse(payload) as { records: Record<string, { offset: number }[]> };
    const offsets = Object.values(records)
      .flat()
      .map(({ offset }) => offset);
    appendFileSync(file, `${offsets.join(',')}\n`);
    if (offsets.includes(Number(hangAt))) await new Promise(() => {});
    await sleep(20);
    return { statusCode: 200, payload: null };
  },
  log: { notice() {}, warning() {}, error() {}, debug() {} },
}).start();
