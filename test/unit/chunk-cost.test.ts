import { countEvent } from '../../shared/fold/count-event.ts';
import { DeltaBuilder } from '../../shared/fold/delta-builder.ts';
import { MINUTE_MS } from '../../shared/platform/time.ts';
import { eventOf, NOON, shop } from '../support/events.ts';

/** What a chunk costs decides how long its commit holds Redis. */
const costOf = (name: string | undefined) => {
  const builder = new DeltaBuilder();
  const minute = builder.minute(NOON - (NOON % MINUTE_MS), 'minute', shop);
  const items = Array.from({ length: 100 }, (_, n) => ({
    ...{ id: `p-${n}`, quantity: 1, amount: 100 },
    ...(name !== undefined && { name: `${name} ${n}` }),
  }));
  const event = { ...eventOf({ name: 'view_item' }), items } as Parameters<typeof countEvent>[0];
  for (let n = 0; n < 2; n++) countEvent(event, builder.site(shop), { minute, builder });
  return builder.delta.cost;
};

test('each name of a product costs a write, once', () => {
  expect(costOf('Tea') - costOf(undefined)).toBe(100);
});
