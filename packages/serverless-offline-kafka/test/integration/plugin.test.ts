import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { committed, functionOf, makeTopic, poll, produce } from '../support/kafka.ts';
import { mappingOf } from '../support/mapping.ts';
import { eventsIn, runOffline } from '../support/offline.ts';
import { waitFor } from '../support/wait-for.ts';

/** The plugin inside serverless-offline, with the service in test/fixtures/service. */

const folder = mkdtempSync(join(tmpdir(), 'serverless-offline-kafka-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('serverless offline start invokes the function with records, handles its errors, and ends at Ctrl-C', async () => {
  const [topic, failedTopic] = await Promise.all([makeTopic(1), makeTopic(1)]);
  const consumerGroupId = `${topic}-plugin`;
  const file = join(folder, 'events');
  const values = ['a', 'throw once', 'b', 'c', 'report once', 'report always', 'd', 'e', 'f'];
  await produce(
    topic,
    values.map((value) => ({ value })),
  );
  const batches = () =>
    eventsIn(file).map(({ records }) => records[`${topic}-0`]!.map(({ offset }) => offset));

  await runOffline({
    serviceDir: join(import.meta.dirname, '..', 'fixtures', 'service'),
    env: {
      SOURCE_TOPIC: topic,
      FAILED_TOPIC: failedTopic,
      CONSUMER_GROUP: consumerGroupId,
      EVENTS_FILE: file,
    },
    isDone: () => batches().at(-1)?.includes(8) ?? false,
  });
  expect(batches()).toEqual([
    [0, 1, 2],
    [0, 1, 2],
    [3, 4, 5],
    [4, 5],
    [6, 7, 8],
  ]);
  for (const event of eventsIn(file)) {
    expect(event).toMatchObject({
      eventSource: 'SelfManagedKafka',
      bootstrapServers: process.env.KAFKA_BROKERS,
    });
  }
  expect(await committed(mappingOf(topic, { consumerGroupId }))).toEqual({ 0: values.length });

  const failed = functionOf();
  await poll(mappingOf(failedTopic), failed.invoke).start();
  await waitFor('the discarded record', () => failed.calls.length > 0);
  expect(failed.calls[0]!.values.map((value) => JSON.parse(value))).toMatchObject([
    {
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
      responseContext: { statusCode: 200 },
      KafkaBatchInfo: { batchSize: 1, recordInfo: { offset: '5' } },
      payload: { records: { [`${topic}-0`]: [{ offset: 5 }] } },
    },
  ]);
});
