import { ORDER_DIMENSIONS } from '../event/dimensions.ts';
import type { Counters } from '../platform/counters.ts';
import type { Site } from '../sites/site.ts';
import { countLine, countTrend } from './count-event.ts';
import {
  ORDER_PARTS,
  ORDERS,
  ordersIn,
  partIn,
  partOrdersIn,
  REFUNDS,
  refundedIn,
  revenueIn,
  UNITS,
  UNITS_REFUNDED,
} from './counter-names.ts';
import type { DeltaBuilder } from './delta-builder.ts';
import { refundsOf } from './order-refunds.ts';
import type { OrderState } from './order-state.ts';
import { RESOLUTIONS } from './resolution.ts';

/** Counts an order as it is now, in place of what was counted of it before. */
export function recountOrder(before: OrderState, after: OrderState, site: Site, builder: DeltaBuilder): void {
  const isSame =
    before.first === after.first &&
    before.money === after.money &&
    before.lines === after.lines &&
    after.parts.every((part, i) => part === before.parts[i]) &&
    after.values.every((value, i) => value === before.values[i]);
  if (!isSame) {
    countPurchase(before, site, builder, -1);
    countPurchase(after, site, builder, 1);
  }
  // What a refund gives back depends on the order, and on the refunds before it.
  if (before.refunds === after.refunds && (isSame || after.refunds.length === 0)) return;
  countRefunds(before, site, builder, -1);
  countRefunds(after, site, builder, 1);
}

function countPurchase(order: OrderState, site: Site, builder: DeltaBuilder, sign: 1 | -1): void {
  const { first, lines, parts, values } = order;
  if (!first) return;
  const money = order.money?.said;
  const minute = builder.minute(first.ts, RESOLUTIONS[first.grain]!, site);
  const add = (sums: Counters) => {
    builder.add(sums, ORDERS, sign);
    if (!money) return;
    builder.add(sums, revenueIn(money[0]), sign * money[1]);
    builder.add(sums, ordersIn(money[0]), sign);
    for (const [i, part] of ORDER_PARTS.entries()) {
      const [currency, amount] = parts[i]?.said ?? [];
      if (amount === undefined || currency !== money[0]) continue;
      builder.add(sums, partIn(part, currency), sign * amount);
      builder.add(sums, partOrdersIn(part, currency), sign);
    }
  };
  add(minute.counters);
  for (const [i, dimension] of ORDER_DIMENSIONS.entries()) {
    const value = values[i];
    if (value) add(builder.breakdown(minute.dayDelta, dimension, value.said));
  }
  const siteDelta = builder.site(site);
  for (const line of lines?.said ?? []) {
    builder.add(minute.counters, UNITS, sign * line[1]);
    countLine(line, 'purchases', { minute, builder }, { money: money && revenueIn(money[0]), sign });
    countTrend(line[0], 'purchases', first.ts, siteDelta, { minute, builder }, sign);
  }
}

function countRefunds(order: OrderState, site: Site, builder: DeltaBuilder, sign: 1 | -1): void {
  for (const { refund, money, lines } of refundsOf(order)) {
    const minute = builder.minute(refund.ts, RESOLUTIONS[refund.grain]!, site);
    const counter = money && refundedIn(money[0]);
    const add = (sums: Counters) => {
      builder.add(sums, REFUNDS, sign);
      if (money) builder.add(sums, refundedIn(money[0]), sign * money[1]);
    };
    add(minute.counters);
    for (const [i, dimension] of ORDER_DIMENSIONS.entries()) {
      // It gives back what was bought there and with that coupon, wherever the refund comes from.
      const value = order.values[i]?.said ?? refund.values[i];
      if (value != null) add(builder.breakdown(minute.dayDelta, dimension, value));
    }
    for (const line of lines) {
      builder.add(minute.counters, UNITS_REFUNDED, sign * line[1]);
      countLine(line, 'refunds', { minute, builder }, { money: counter, sign });
    }
  }
}
