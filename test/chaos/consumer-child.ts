import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { handler } from '../../functions/aggregate/handler.ts';
import type { Mapping } from '../../packages/serverless-offline-kafka/src/mapping.ts';
import { createPoller } from '../../packages/serverless-offline-kafka/src/poller.ts';
import { invokeInProcess } from '../support/invoke-in-process.ts';

/** The poller of the Kafka event source and the aggregate function in a process of their own, to be killed. */
const [mappingJson, groupJson] = process.argv.slice(2) as [string, string];
const mapping: Mapping = JSON.parse(mappingJson);
const HEAL_EVERY_MS = 1_500;
const say = (line: string) => console.error(`${new Date().toISOString()} ${process.pid} ${line}`);

const poller = createPoller({
  kafka: new Kafka({
    brokers: mapping.bootstrapServers,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 10 },
    requestTimeout: 10_000,
    logLevel: logLevel.NOTHING,
  }),
  mapping,
  group: JSON.parse(groupJson),
  invoke: invokeInProcess(handler),
  log: { notice: say, debug() {}, warning: say, error: say },
});
process.on('SIGTERM', () => void poller.stop().then(() => process.exit()));
await poller.start();
// As the schedule does every minute: restores what Redis lost of partitions without new records. A failure is repaired
// by the next run.
void (async () => {
  for (;;) {
    await sleep(HEAL_EVERY_MS);
    await handler({} as Parameters<typeof handler>[0]).catch((error) => say(`healing: ${error}`));
  }
})();
process.send?.({ ready: true });
