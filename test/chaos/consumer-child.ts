import { Kafka, logLevel } from 'kafkajs';
import { handler } from '../../functions/aggregate/handler.ts';
import type { Mapping } from '../../local/kafka-event-source/mapping.ts';
import { createPoller } from '../../local/kafka-event-source/poller.ts';

/** The poller of the Kafka event source and the aggregate function in a process of their own, to be killed. */
const [mappingJson, groupJson] = process.argv.slice(2) as [string, string];
const mapping: Mapping = JSON.parse(mappingJson);
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
  async invoke(payload) {
    try {
      await handler(JSON.parse(payload));
      return { statusCode: 200, payload: null };
    } catch (error) {
      return { statusCode: 200, functionError: 'Unhandled', payload: { errorMessage: String(error) } };
    }
  },
  log: { notice: say, debug() {}, warning: say, error: say },
});
process.on('SIGTERM', () => void poller.stop().then(() => process.exit()));
await poller.start();
process.send?.({ ready: true });
