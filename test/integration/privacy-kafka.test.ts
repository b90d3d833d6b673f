import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_VERSION, type FootfallEvent } from '../../shared/event/event.ts';
import { firstGeneration } from '../../shared/generations/generation.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { routerOf } from '../../shared/platform/http/router.ts';
import { httpStack } from '../../shared/platform/http/stack.ts';
import { KafkaOutage } from '../../shared/platform/kafka/outage.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { readRange } from '../../shared/platform/kafka/read-range.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { erasePerson } from '../../shared/privacy/erase-person.ts';
import { OpenErasures } from '../../shared/privacy/open-erasures.ts';
import { Receipts } from '../../shared/privacy/receipts-store.ts';
import type { PrivacyContext } from '../../shared/privacy/requests.ts';
import { Sites } from '../../shared/sites/site.ts';
import { fixedSites } from '../../shared/sites/source.ts';
import { closing } from '../support/closing.ts';
import { openConsumer } from '../support/consumer.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ask } from '../support/http.ts';
import { admin, MINUTE, type Receipt } from '../support/privacy.ts';
import { openReader } from '../support/reader.ts';
import { keyNames, loseAll } from '../support/redis-data.ts';
import { privacyRoutes } from '../support/routes.ts';
import { scan } from '../support/scan.ts';
import { siteOf } from '../support/shop.ts';

describe('an erasure through Kafka', () => {
  const site = siteOf('kafka', { zone: 'Europe/Madrid', currency: 'EUR' });
  const open = async () => {
    const config = await freshConfig({ partitions: 3, sites: [site] });
    const { redis, reader } = openReader(config);
    const producer = closing(new EventProducer(config.kafka), (one) => one.close());
    const consumer = openConsumer(config);
    const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());
    const next = [0, 0, 0];
    /** Applies what is new in Kafka, as Lambda's poller does. */
    const poll = async () => {
      for (const { partition, high } of await offsets.fetch()) {
        if (high === next[partition]) continue;
        await readRange(config.kafka, partition, next[partition]!, high, async (records) => {
          await consumer.apply(records);
        });
        next[partition] = high;
      }
    };
    const receipts = new Receipts(redis, firstGeneration(config.kafka));
    const context: PrivacyContext = {
      sites: fixedSites(new Sites([site])),
      adminKeyHash: undefined,
      stores: { current: async () => ({ store: reader, receipts, open: new OpenErasures(redis) }) },
      publish: (events) => producer.sendEvents(events),
      waitMs: 60_000,
    };
    return { redis, reader, receipts, producer, poll, context, next };
  };

  test('is answered when done, and survives a flush of Redis and a replay of the log', async () => {
    const { redis, reader, receipts, producer, poll, context, next } = await open();
    const [user, visitor] = ['kafka-user-id', 'kafka-visitor-id'];
    const now = Date.now();
    const event = (id: string, fields: Partial<FootfallEvent>): FootfallEvent => ({
      ...{ v: EVENT_VERSION, id, site: site.id, user, name: 'page_view', ts: now - MINUTE, received: now },
      ...fields,
    });
    await producer.sendEvents([
      event('a', { user: visitor }),
      event('b', { user: visitor, name: 'identify', identifies: user }),
      event('c', {}),
      event('d', { user: 'kafka-other-id' }),
    ]);
    // No record is applied yet when the erasure is asked for.
    const handler = httpStack(routerOf(privacyRoutes(context)));
    const asked = ask<{ data: Receipt }>(handler, 'DELETE', `/v1/privacy/${visitor}`, admin('kafka'));
    let isAnswered = false;
    void asked.then(() => {
      isAnswered = true;
    });
    while (!isAnswered) {
      await poll();
      await sleep(20);
    }
    const { status, body } = await asked;
    expect({ status, data: body.data }).toMatchObject({ status: 200, data: { status: 'done', ids: 2 } });
    await poll();
    expect(await scan(redis, [user, visitor])).toEqual([]);
    expect(await scan(redis, ['kafka-other-id'])).not.toEqual([]);

    await loseAll(redis);
    next.fill(0);
    for (let n = 0; n < 4; n++) await poll();
    expect(await scan(redis, [user, visitor])).toEqual([]);
    expect(await scan(redis, ['kafka-other-id'])).not.toEqual([]);
    expect((await receipts.read(site.id, body.data.receipt))?.isDone).toBe(true);
    const ledgers = await reader.ledgers();
    for (const { next: applied, sums } of ledgers) {
      expect([...sums.values()].reduce((sum, count) => sum + count, 0)).toBe(applied);
    }
  });

  test('passes on every other error of publishing', async () => {
    const { context } = await open();
    for (const error of [new TypeError('a fault'), new FootfallError('overloaded', 503, 'Send it again.')]) {
      const failing = { ...context, publish: async () => Promise.reject(error) };
      await expect(erasePerson(site, 'kafka-user-id', failing)).rejects.toBe(error);
    }
  });

  test('is refused when Kafka is away', async () => {
    const { context, redis } = await open();
    const away = { ...context, publish: async () => Promise.reject(new KafkaOutage('no broker')) };
    await expect(erasePerson(site, 'kafka-user-id', away)).rejects.toMatchObject({
      code: 'kafka_unavailable',
      status: 503,
      retryAfter: 5,
    });
    expect(await keyNames(redis)).toEqual([]);
  });
});
