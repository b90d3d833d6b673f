import { DeltaBuilder } from '../../shared/fold/delta-builder.ts';
import { UserChange } from '../../shared/fold/user-change.ts';
import { newUserState } from '../../shared/fold/user-state.ts';
import { siteSchema } from '../../shared/sites/site.ts';

const site = siteSchema.parse({ id: 'shop' });

test('a visitor with too many names of events becomes a user, and money stays money', () => {
  const state = newUserState();
  for (let n = 0; n < 1_000; n++) state.sums.set(`n:a_${n}`, 1);
  const visitor = newUserState();
  for (let n = 0; n < 10; n++) visitor.sums.set(`n:b_${n}`, 1);
  visitor.sums.set('n:a_0', 4).set('orders', 2).set('revenue:EUR', 1_999).set('refunded:EUR', 500);
  new UserChange({ site, user: 'ada', state }, [], new DeltaBuilder()).merge('v', visitor, 1_800_000_000_000);
  const counters = ['orders', 'revenue:EUR', 'refunded:EUR', 'n:a_0', 'n:(other)'];
  expect(counters.map((counter) => state.sums.get(counter))).toEqual([2, 1_999, 500, 5, 10]);
});
