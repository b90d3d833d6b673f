import { buildUp } from '../../cli/rebuild/build.ts';
import { openFilling } from '../../cli/rebuild/fill.ts';
import { switchTo } from '../../cli/rebuild/switch.ts';
import { firstGeneration, type Generation } from '../../shared/generations/generation.ts';
import { sweep } from '../../shared/sweep/sweep-shards.ts';
import { build, eventOf, HOUR, install, load, sweepContext, takingOver } from '../support/rebuild.ts';

test('a cart that was signalled before a switch is not signalled after it, whichever generation a sweep uses', async () => {
  const installed = await install({ partitions: 2 });
  const { producer, config } = installed;
  const one = await installed.process();
  const first = firstGeneration(config.kafka);
  const now = Date.now();
  const cart = (user: string, hours: number) =>
    eventOf({
      ...{ site: load.id, user, name: 'add_to_cart', ts: now - hours * HOUR, received: now },
      items: [{ id: 'tea', quantity: 1 }],
    });
  await producer.sendEvents([cart('ana', 5), cart('ben', 5), cart('eva', 5)]);
  await one.caughtUp();
  await installed.tools(async (tools) => {
    const takeOver = takingOver(tools);
    const nothing = async () => {};
    const signalledIn = async (generation: Generation, before: () => Promise<void>) => {
      const swept = await sweep(sweepContext(tools, generation, before));
      expect(swept.failures).toEqual([]);
      return swept.signalled;
    };
    expect(await signalledIn(first, nothing)).toBe(3);

    const { live, next, filling } = await build(tools);
    await switchTo(tools, filling, { from: live, heardMs: 0 });
    expect(await signalledIn(next, takeOver)).toBe(0);

    // Two carts to be signalled: a new one, and one that was bought and filled again.
    await producer.sendEvents([
      cart('new', 3),
      eventOf({
        site: load.id,
        user: 'eva',
        name: 'purchase',
        ts: now - 4 * HOUR,
        received: now,
        items: [{ id: 'tea', quantity: 1 }],
      }),
      cart('eva', 2),
    ]);
    const before = openFilling(tools, live);
    expect(await buildUp(tools, before)).toBe(true);
    expect(await buildUp(tools, filling)).toBe(true);
    // First by a sweep that has not heard of the switch, then by one that has.
    expect(await signalledIn(live, nothing)).toBe(2);
    expect(await signalledIn(next, takeOver)).toBe(0);
    // Back again: the generation before knows what was signalled since.
    await producer.sendEvents([cart('zoe', 4)]);
    expect(await buildUp(tools, before)).toBe(true);
    expect(await buildUp(tools, filling)).toBe(true);
    expect(await signalledIn(next, takeOver)).toBe(1);
    await switchTo(tools, before, { from: next, heardMs: 0 });
    expect(await signalledIn(live, takeOver)).toBe(0);
    await before.close();
    await filling.close();
  });
});
