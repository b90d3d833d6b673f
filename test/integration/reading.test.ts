import { Kafka, logLevel } from 'kafkajs';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { openReading } from '../../shared/platform/kafka/reading.ts';
import { closing } from '../support/closing.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { waitFor } from '../support/wait-for.ts';

test('a reading that ends while it joins leaves no consumer and no group behind', async () => {
  const { kafka } = await freshConfig({ partitions: 1 });
  const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const admin = closing(client.admin(), (one) => one.disconnect());
  await admin.connect();
  const producer = closing(new EventProducer(kafka), (one) => one.close());
  const groups = async () => {
    const { groups } = await admin.listGroups();
    return groups.map(({ groupId }) => groupId).filter((id) => id.startsWith('footfall-catch-up-'));
  };
  const before = await groups();
  let batches = 0;
  const reading = await openReading(client, {
    ...{ topic: kafka.eventsTopic, positions: new Map([[0, 0]]), maxWaitTimeInMs: 200 },
    onNothing: () => {},
    onFailed: (error) => {
      throw error;
    },
    eachBatch: async () => {
      batches++;
    },
  });
  // It is still joining its group at this point.
  await reading.end();
  await producer.send(kafka.eventsTopic, [{ key: 'a:b', value: 'x' }]);
  await waitFor('no group', async () => (await groups()).every((id) => before.includes(id)));
  expect(batches).toBe(0);
});
