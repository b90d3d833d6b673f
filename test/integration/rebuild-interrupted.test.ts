import { setTimeout as sleep } from 'node:timers/promises';
import { knownGenerations } from '../../cli/rebuild/context.ts';
import { switchTo } from '../../cli/rebuild/switch.ts';
import { SHOP_FUNNEL } from '../../shared/funnels/definition.ts';
import { currentGeneration, firstGeneration, type Generation } from '../../shared/generations/generation.ts';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { readLedger } from '../../shared/questions/ledger.ts';
import { askAboutFunnels } from '../oracle/questions.ts';
import { NaiveShop } from '../oracle/shop.ts';
import { FUNNELS } from '../oracle/streams.ts';
import { FIRST_ID, rebuiltId } from '../support/generation.ts';
import {
  build,
  countLoad,
  DAY,
  eventOf,
  install,
  load,
  madrid,
  START,
  sampleOf,
  seed,
  startCommand,
} from '../support/rebuild.ts';
import { loseAll } from '../support/redis-data.ts';

test(`a rebuild goes on after a kill and after a flush of Redis, and counts funnels over all history (FOOTFALL_SEED=${seed})`, async () => {
  const installed = await install();
  const { producer, config, reader, analytics } = installed;
  const start = Date.now() - 3 * DAY;
  // The random stream may have no entry into a funnel; this event is one.
  const history = [
    ...sampleOf(madrid, 60, start),
    eventOf({ site: madrid.id, user: 'cleo', known: true, ts: start }),
  ];
  const MANY = 12_000;
  await producer.sendEvents([
    ...history,
    ...Array.from({ length: MANY }, (_, n) => eventOf({ site: load.id, user: `u${n % 300}`, ts: start + n })),
  ]);
  // Defined after all of these events.
  await installed.tools(({ writer }) =>
    writer.change((known) => {
      const funnels = FUNNELS.map((one) => ({ ...one, effective_from: Date.now() }));
      return { changed: [{ ...known.get(madrid.id)!, funnels }], result: undefined };
    }),
  );
  const next: Generation = { ...firstGeneration(config.kafka), id: rebuiltId(), started: 1 };
  const underWay = async () => {
    const heads = await reader(next).heads();
    return heads.reduce((sum, one) => sum + one.next, 0);
  };
  const killed = startCommand(installed, 'start');
  while ((await underWay()) === 0) await sleep(5);
  killed.kill();
  expect((await killed.ended).code).toBe(null);
  const reached = await underWay();

  const flushed = startCommand(installed, 'start');
  while ((await underWay()) <= reached) {
    const ended = await Promise.race([flushed.ended, sleep(5)]);
    if (ended) break;
  }
  await installed.tools(({ redis }) => loseAll(redis));
  const { code, output } = await flushed.ended;
  expect({ code, output }).toEqual({
    code: 0,
    output: expect.stringContaining(`Generation ${rebuiltId()}: `),
  });

  // The live generation is gone, so there is nothing to compare; the new ledger shows that it is whole.
  await installed.tools(async (tools) => {
    const { live, next, filling } = await build(tools);
    const ledger = await readLedger(reader(next), madrid, filling.ends);
    expect(ledger).toMatchObject({ balanced: true, lost: [] });
    await switchTo(tools, filling, { from: live, heardMs: 0 });
    await filling.close();
  });
  await analytics.directory.complete();
  const [from, to] = [start, start + DAY].map((ts) => new Date(ts).toISOString().slice(0, 10));
  const { data } = await analytics.get('load', `/v1/events?from=${from}&to=${to}`);
  const ledgers = (await reader(next).ledgers()).map(({ sums, ...rest }) => ({
    ...rest,
    ...Object.fromEntries(sums),
  }));
  expect({ total: data.total, ledgers, output }).toEqual({ total: MANY, ledgers, output });
  const shop = new NaiveShop(history, madrid, Date.now());
  const range = { from: shop.dates[0]!, to: shop.dates.at(-1)! };
  let steps = 0;
  for (const { question, answer, expected } of askAboutFunnels(reader(next), shop, range, [
    SHOP_FUNNEL,
    ...FUNNELS,
  ])) {
    expect({ question, found: await answer }).toEqual({ question, found: expected });
    steps += (expected as { steps: { count: number }[] }).steps.reduce((sum, step) => sum + step.count, 0);
  }
  expect(steps).toBeGreaterThan(0);
});

test('a rebuild refuses to give up counted events that Kafka no longer has, unless --force is given', async () => {
  const installed = await install({ partitions: 2 });
  const { producer, config, reader } = installed;
  const one = await installed.process();
  const SENT = 200;
  await producer.sendEvents(
    Array.from({ length: SENT }, (_, n) => eventOf({ site: load.id, user: `u${n % 20}`, ts: START + n })),
  );
  await one.caughtUp();
  const admin = kafkaClient(config.kafka).admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(config.kafka.eventsTopic);
  await admin.deleteTopicRecords({
    topic: config.kafka.eventsTopic,
    partitions: ends.map(({ partition, high }) => ({ partition, offset: String(Number(high) - 10) })),
  });
  await admin.disconnect();
  const counted = async () => {
    const known = await installed.tools(knownGenerations);
    return countLoad(reader(currentGeneration(known, config.kafka)));
  };

  const refused = await startCommand(installed).ended;
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('Nothing is switched.') });
  const gone = [
    ...refused.output.matchAll(
      new RegExp(`Kafka no longer has (\\d+) records that generation ${FIRST_ID} has counted`, 'g'),
    ),
  ];
  expect(gone.reduce((sum, [, records]) => sum + Number(records), 0)).toBe(SENT - 20);
  expect(await counted()).toBe(SENT);

  const forced = startCommand(installed, '--force');
  await forced.said(`Generation ${rebuiltId()} is current`);
  forced.kill();
  expect(await counted()).toBe(20);
  await one.stop();
});
