import { knownGenerations, type RebuildContext } from '../../cli/rebuild/context.ts';
import { free, freeable } from '../../cli/rebuild/free.ts';
import { switchTo } from '../../cli/rebuild/switch.ts';
import { verdictLines } from '../../cli/rebuild/verdict.ts';
import { verify } from '../../cli/rebuild/verify.ts';
import { currentGeneration } from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { readLedger } from '../../shared/questions/ledger.ts';
import { sweep } from '../../shared/sweep/sweep-shards.ts';
import { keptEvents, toldAfter } from '../oracle/erased.ts';
import { NaiveShop } from '../oracle/shop.ts';
import { closing } from '../support/closing.ts';
import { EARLIER_ID, FIRST_ID, rebuiltId } from '../support/generation.ts';
import { startOtherFormat } from '../support/other-format.ts';
import {
  asIfLongAgo,
  build,
  DAY,
  eventOf,
  HOUR,
  install,
  load,
  madrid,
  newYork,
  START,
  sampleOf,
  startCommand,
  sweepContext,
  takingOver,
} from '../support/rebuild.ts';
import { expectTruth, signedIn, withoutSessions } from '../support/rebuild-truth.ts';
import { keyNames } from '../support/redis-data.ts';

/** An installation whose programs have the state format before, with history, an erasure and abandoned carts. */
async function installEarlierFormat() {
  const installed = await install({ partitions: 2 });
  const { producer, config, reader } = installed;
  const old = await startOtherFormat(config, STATE_FORMAT - 1);
  closing(old, (child) => child.stop());
  const now = Date.now();
  const cart = (user: string) =>
    eventOf({
      ...{ site: load.id, user, name: 'add_to_cart', ts: now - 5 * HOUR, received: now },
      items: [{ id: 'tea', quantity: 1 }],
    });
  const history = sampleOf(madrid, 40);
  const { erasure, erasures } = signedIn(newYork, 'early');
  await producer.sendEvents([...history, ...erasure.before, cart('ana'), cart('ben')]);
  await old.caughtUp();
  await producer.sendEvents(erasures);
  await old.caughtUp();
  expect(await old.sweep()).toBe(2);

  const current = async ({ directory }: RebuildContext) => {
    await directory.complete();
    return currentGeneration(await directory.generations(), config.kafka);
  };
  return {
    ...{ installed, old, cart, now },
    /** Frees what can be freed now, and these ids. @returns the freed ids. */
    freeNow: async (tools: RebuildContext, ...ids: string[]) => {
      await asIfLongAgo(tools);
      const freed = freeable(await knownGenerations(tools), ids, config.kafka);
      for (const one of freed) expect(await free(tools, one, { watchMs: 1_000 })).toBe(true);
      return freed.map(({ id }) => id);
    },
    /** Replaces the old programs, and counts what comes then. */
    deploy: async () => {
      await old.stop();
      const one = await installed.process();
      await producer.sendEvents(erasure.after);
      await one.caughtUp();
    },
    /** The sweep of the deployed programs. @returns how many carts it signalled. */
    sweepNow: async (tools: RebuildContext) => {
      const swept = await sweep(sweepContext(tools, await current(tools), takingOver(tools)));
      expect(swept.failures).toEqual([]);
      return swept.signalled;
    },
    /** Only the current generation is left, and all its answers are right. */
    expectCurrentAlone: async (tools: RebuildContext) => {
      const kept = new Set((await keyNames(tools.redis, 'ff:*:{p*')).map((name) => name.split(':')[1]));
      const generation = await current(tools);
      expect(kept).toEqual(new Set([generation.id]));
      await expectTruth(installed, generation, new NaiveShop(history, madrid, START + DAY), history);
      const events = [...erasure.before, ...erasure.after];
      const shop = new NaiveShop(events, newYork, START + 13 * HOUR, toldAfter(erasure));
      await expectTruth(installed, generation, shop, keptEvents(erasure), withoutSessions);
      const ledger = await readLedger(reader(generation), madrid, async () => []);
      expect(ledger).toMatchObject({ balanced: true, lost: [] });
    },
  };
}

describe('programs with a new state format', () => {
  test('are deployed after a rebuild: all numbers are right, and no cart is signalled twice', async () => {
    const { installed, old, cart, now, freeNow, deploy, sweepNow, expectCurrentAlone } =
      await installEarlierFormat();
    const { producer, reader } = installed;
    await installed.tools(async (tools) => {
      const { live, next, filling } = await build(tools);
      expect([live, next]).toMatchObject([{ id: EARLIER_ID, format: STATE_FORMAT - 1 }, { id: FIRST_ID }]);
      await filling.close();
      // The command finds the generation that was begun, and the one to compare it with.
      const following = startCommand(installed, 'switch', '--follow');
      expect(await following.said('still to be deployed')).toContain(
        `2 of 2 partitions compared with generation ${EARLIER_ID}.\nNo difference.`,
      );
      // The old programs go on until the new ones are deployed; their generation is not freed.
      await producer.sendEvents([cart('eva')]);
      await old.caughtUp();
      const counted = async () => (await reader(next).heads()).reduce((sum, head) => sum + head.next, 0);
      const there = async () => (await reader(live).heads()).reduce((sum, head) => sum + head.next, 0);
      while ((await counted()) < (await there())) await following.wait(10);
      following.kill('SIGINT');
      expect((await following.ended).code).toBe(0);
      expect(await old.sweep()).toBe(1);
      expect(await freeNow(tools)).toEqual([]);
      const inUse = { code: 'generation_in_use' };
      await expect(freeNow(tools, EARLIER_ID)).rejects.toMatchObject(inUse);
      // Under load the old programs are behind for a moment.
      const busy = Array.from({ length: 4_000 }, (_, n) =>
        eventOf({ site: load.id, user: `busy-${n % 50}`, ts: now, received: now }),
      );
      await producer.sendEvents(busy);
      await expect(freeNow(tools, EARLIER_ID)).rejects.toMatchObject(inUse);
      await old.caughtUp();

      await deploy();
      expect(await sweepNow(tools)).toBe(0);
      expect(await freeNow(tools, EARLIER_ID)).toEqual([EARLIER_ID]);
      await expectCurrentAlone(tools);
    });
  });

  test('are deployed before a rebuild: all numbers are right, and no cart is signalled twice', async () => {
    const { installed, freeNow, deploy, sweepNow, expectCurrentAlone } = await installEarlierFormat();
    await installed.tools(async (tools) => {
      await deploy();
      expect(await sweepNow(tools)).toBe(0);
      const { live, next, filling } = await build(tools);
      expect([live.id, next.id]).toEqual([FIRST_ID, rebuiltId()]);
      expect(verdictLines(await verify(tools, filling, live), next, live)).toContain('No difference.');
      await switchTo(tools, filling, { from: live, heardMs: 0 });
      await filling.close();
      expect(await sweepNow(tools)).toBe(0);
      expect(await freeNow(tools)).toEqual([FIRST_ID]);
      expect(await freeNow(tools, EARLIER_ID)).toEqual([EARLIER_ID]);
      await expectCurrentAlone(tools);
    });
  });
});
