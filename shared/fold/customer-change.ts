import { getOrMake } from '../platform/counters.ts';
import type { Site } from '../sites/site.ts';
import { FIRST_ORDERS, firstRevenueIn, REPEAT_ORDERS, repeatRevenueIn } from './counter-names.ts';
import {
  type Customer,
  type CustomerChanges,
  customerOf,
  mergeOlder,
  saleOf,
  settleCustomer,
  withOlder,
} from './customer.ts';
import type { DeltaBuilder } from './delta-builder.ts';
import type { PersonOrder } from './person-orders.ts';
import { RESOLUTIONS } from './resolution.ts';
import type { UserState } from './user-state.ts';

/** What a chunk changes of one person as a customer. */
export class CustomerChange {
  readonly #site: Site;
  readonly #state: UserState;
  readonly #changes: CustomerChanges;
  readonly #before: Customer;

  /** @param state as it is before the person's orders change */
  constructor(site: Site, state: UserState, builder: DeltaBuilder) {
    this.#site = site;
    this.#state = state;
    this.#before = this.#customer();
    this.#changes = {
      order: ({ ts, grain, money }, isFirst, amount) => {
        const { counters } = builder.minute(ts, RESOLUTIONS[grain]!, site);
        builder.add(counters, isFirst ? FIRST_ORDERS : REPEAT_ORDERS, amount);
        if (!money || money[1] === 0) return;
        const revenueIn = isFirst ? firstRevenueIn : repeatRevenueIn;
        builder.add(counters, revenueIn(money[0]), amount * money[1]);
      },
      second: (day, days, amount) => builder.add(builder.day(site, day).secondOrders, days, amount),
      cohort: (period, start, field, amount) => {
        const cohorts = getOrMake(builder.site(site).buyers, period, () => new Map());
        builder.add(
          getOrMake(cohorts, start, () => new Map()),
          field,
          amount,
        );
      },
    };
  }

  /** The person's shard no longer remembers an order: it stays counted as a later one. */
  release(order: PersonOrder): void {
    const sale = saleOf(order);
    if (!sale) return;
    this.#changes.order(sale, false, 1);
    this.#state.older = withOlder(this.#state.older, sale, this.#site.zone);
  }

  /** Adds the older orders of another id of the person. */
  merge({ older }: UserState): void {
    this.#state.older = mergeOlder(this.#state.older, older);
  }

  /** Takes back what the person had added before, and adds what the person adds now. */
  settle(): void {
    settleCustomer(this.#before, this.#customer(), this.#changes);
  }

  #customer(): Customer {
    const { orders, older } = this.#state;
    return customerOf(orders, older, this.#site.zone);
  }
}
