import { setTimeout as sleep } from 'node:timers/promises';
import { begin, buildUp } from '../../cli/rebuild/build.ts';
import { copyAll, openCopying } from '../../cli/rebuild/copy.ts';
import { openFilling } from '../../cli/rebuild/fill.ts';
import { verdictLines } from '../../cli/rebuild/verdict.ts';
import { verify } from '../../cli/rebuild/verify.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { openDeadLetters } from '../../shared/dead-letters/open-dead-letters.ts';
import { readLedger } from '../../shared/questions/ledger.ts';
import { build, eventOf, install } from '../support/rebuild.ts';
import { siteOf } from '../support/shop.ts';

/** As the installation's administrator, with 25 s to finish. */
const by = () => ({ by: 'installation', deadline: performance.now() + 25_000 });
/** Another id, so that no memory of ids takes the replay for its original. */
const newId = [{ op: 'replace' as const, path: '/id', value: 'new' }];

test('a record refused while a generation is filled stays a dead letter there, although its reason is gone', async () => {
  const installed = await install({ partitions: 2 });
  const { config, producer } = installed;
  const one = await installed.process();
  await producer.sendEvents([eventOf({})]);
  await one.caughtUp();
  await installed.tools(async (tools) => {
    const { live, next, filling } = await build(tools);
    for (const partition of [0, 1]) await filling.holdAt(partition, 0);
    const event = eventOf({ site: 'late', ts: Date.now() });
    await producer.sendEvents([event]);
    await one.caughtUp();
    await addSites(config, [siteOf('late')]);
    await Promise.all([tools.directory.complete(), one.directory.complete()]);
    for (const partition of [0, 1]) await filling.holdAt(partition, Infinity);
    expect(await filling.caughtUp(tools.signal)).toBe(true);

    const { index, topic, replayer, close } = openDeadLetters(config.kafka, tools.redis, tools.directory);
    await topic.catchUp();
    const [letter] = await index.page({}, { order: 'oldest', limit: 1 });
    const { done } = await replayer.replay({ letters: [letter!.letter] }, { patch: newId }, by());
    expect(done).toHaveLength(1);
    await close();
    await one.caughtUp();
    expect(await filling.caughtUp(tools.signal)).toBe(true);
    const verdict = await verify(tools, filling, live);
    expect(verdictLines(verdict, next, live).at(-1)).toBe('No difference.');
    await filling.close();
    for (const generation of [live, next]) {
      const ledger = await readLedger(installed.reader(generation), siteOf('late'), async () => []);
      expect(ledger).toMatchObject({ totals: { applied: 1 }, unattributed: 1 });
    }
  });
});

test('a dead letter stays in the topic that is copied, and its replay is counted in the copy', async () => {
  const installed = await install({ partitions: 2 });
  const { config, producer } = installed;
  const late = siteOf('late');
  const one = await installed.process();
  const users = ['replayed', 'discarded', 'open'];
  await producer.sendEvents(users.map((user) => eventOf({ site: late.id, user, ts: Date.now() })));
  await one.caughtUp();
  await addSites(config, [late]);
  await installed.tools(async (tools) => {
    await Promise.all([tools.directory.complete(), one.directory.complete()]);
    const { index, topic, replayer, close } = openDeadLetters(config.kafka, tools.redis, tools.directory);
    await topic.catchUp();
    const letters = (await index.page({}, { order: 'oldest', limit: 9 })).map(({ letter }) => letter);
    expect((await replayer.replay({ letters: [letters[0]!] }, { patch: newId }, by())).done).toHaveLength(1);
    expect((await replayer.discard({ letters: [letters[1]!] }, by())).done).toHaveLength(1);
    await one.caughtUp();
    await one.stop();

    const target = { topic: `${config.kafka.eventsTopic}-3`, partitions: 3 };
    const copying = await openCopying(tools, target);
    expect(await copyAll(tools, copying)).toBe(true);
    // These are refused only after the copy could have taken them.
    await installed.spoil(late, ['no event']);
    await producer.sendEvents([eventOf({ site: 'unknown', user: 'x', ts: Date.now() })]);
    await sleep(500);
    const other = await installed.process();
    await other.caughtUp();
    expect(await copying.caughtUp(tools.signal)).toBe(true);

    const { live, next } = await begin(tools, target);
    const filling = openFilling(tools, next);
    expect(await buildUp(tools, filling)).toBe(true);
    const verdict = await verify(tools, filling, live, copying);
    expect(verdictLines(verdict, next, live).at(-1)).toBe('No difference.');
    const ledgers = [live, next].map((one) => readLedger(installed.reader(one), late, async () => []));
    expect(await Promise.all(ledgers)).toMatchObject([
      { totals: { applied: 1, duplicate: 0, dead_lettered: 0 }, unattributed: 5 },
      { totals: { applied: 1, duplicate: 0, dead_lettered: 0 }, unattributed: 0 },
    ]);
    await topic.catchUp();
    expect(await index.count({})).toBe(5);
    await close();
    await filling.close();
    await copying.close();

    // When no program counts the topic any more, the copy goes on after a while.
    await other.stop();
    await producer.sendEvents([eventOf({ site: late.id, user: 'last', ts: Date.now() })]);
    const alone = await openCopying(tools, target, { standingMs: 200 });
    expect(await alone.caughtUp(tools.signal)).toBe(true);
    await alone.close();

    // A copy back onto the first topic would have every event twice.
    const there = { ...tools.config, kafka: { ...config.kafka, eventsTopic: target.topic, partitions: 3 } };
    const back = { topic: config.kafka.eventsTopic, partitions: 2 };
    await expect(openCopying({ ...tools, config: there }, back)).rejects.toMatchObject({
      code: 'topic_not_empty',
    });
  });
});
