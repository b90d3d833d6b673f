import { hash } from 'node:crypto';
import type { FootfallEvent } from '../event/event.ts';
import {
  type Claim,
  keyOfLone,
  keyOfTransaction,
  MAX_COPIES,
  MAX_TRANSACTION_LENGTH,
  type OrderMoney,
  type OrderTime,
  type Verdict,
} from '../event/order-note.ts';
import { type Counters, increase } from '../platform/counters.ts';
import { bytesOfTexts } from './bytes-of-texts.ts';
import { ORDERS, ordersIn, refundedIn, revenueIn } from './counter-names.ts';
import {
  addsNothing,
  copyOf,
  earlier,
  moneyRankOf,
  precedes,
  type Stamp,
  type Telling,
  tellingOf,
} from './order-copy.ts';
import { RESOLUTIONS, type Resolution } from './resolution.ts';

/**
 * A person's orders, by {@link orderKey}, as the person's shard knows them. It takes for granted that an order is the
 * person's, until the order's home says otherwise.
 */
export type PersonOrders = Map<string, PersonOrder>;

/** Immutable: each change gives another object. */
export interface PersonOrder {
  /** The copies that came under the person's ids, and that the order's home was told of. */
  readonly copies: readonly PersonCopy[];
  readonly verdict: Verdict | undefined;
  /** It is counted in a session that no event can change any more. */
  readonly isSettled: boolean;
}

export type PersonCopy = Claim & {
  readonly visitRank: number;
  readonly buyerRank: number;
  /** Its resolution, as an index of RESOLUTIONS. */
  readonly grain: number;
  readonly money: (Stamp & { readonly rank: number; readonly said: OrderMoney }) | undefined;
  /** See Telling. */
  readonly has: number;
  /** The visit that it names. */
  readonly session: string | undefined;
};

/** What of an order is the person's. */
export interface PersonShare {
  /** The copy whose visit has the order. */
  visit: PersonCopy | undefined;
  isBuyer: boolean;
  /** When the order counts. */
  time: OrderTime;
  money: OrderMoney | undefined;
  refunded: readonly OrderMoney[];
}

/**
 * How many of a person's latest orders are remembered, and how many bytes of them, packed. The last one always is, and
 * the first one that the person bought.
 */
const MAX_ORDERS = 100;
const MAX_ORDERS_BYTES = 150_000;
/** How many copies of one order two ids of a person may have together: their names are told in one record. */
const MAX_MERGED_COPIES = 50;

/**
 * The transaction id of a purchase or refund; undefined when it names no order. One with half a surrogate pair does not,
 * since a home's key has to be UTF-8.
 */
export const transactionOf = ({ transaction_id }: FootfallEvent): string | undefined =>
  transaction_id !== undefined &&
  transaction_id.length <= MAX_TRANSACTION_LENGTH &&
  transaction_id.isWellFormed()
    ? transaction_id
    : undefined;

/**
 * The key of a purchase's order, under which people and homes remember it: its transaction id. A purchase that names
 * none is an order of its own. It is named by its event's id, and by a digest, since an id is unique for a user only.
 */
export function orderKey(event: FootfallEvent): string {
  const transaction = transactionOf(event);
  if (transaction !== undefined) return keyOfTransaction(transaction);
  // As JSON, since ids may hold any character, also half a surrogate pair.
  const digest = hash('sha256', JSON.stringify([event.user, event.id]), 'base64url');
  return keyOfLone(`${event.id.toWellFormed()}|${digest.slice(0, DIGEST_LENGTH)}`);
}

/** Of a digest in base64url: 128 bits. */
const DIGEST_LENGTH = 22;

/** The order with one more copy. @returns undefined when the copy says nothing new, or there are too many. */
export function withPersonCopy(
  order: PersonOrder | undefined,
  event: FootfallEvent,
  grain: Resolution,
): PersonOrder | undefined {
  const said = copyOf(event);
  const { ts, id, visitRank, buyerRank, has } = tellingOf(said);
  const copy: PersonCopy = {
    ...{ ts, id, by: event.user, visitRank, buyerRank, money: said.money, has },
    grain: RESOLUTIONS.indexOf(grain),
    session: event.session_id,
  };
  const copies = order?.copies ?? [];
  const isRedundant = (to: PersonCopy) => addsNothing(asTelling(copy), asTelling(to));
  if (copies.length >= MAX_COPIES || copies.some(isRedundant)) return undefined;
  return { verdict: undefined, isSettled: false, ...order, copies: [...copies, copy] };
}

const asTelling = (copy: PersonCopy): Telling => ({ ...copy, moneyRank: moneyRankOf(copy.money) });

/** What two ids of one person know of an order. @returns undefined when it would be too much. */
export function mergePersonOrders(a: PersonOrder, b: PersonOrder): PersonOrder | undefined {
  const added = b.copies.filter((copy) => !a.copies.some((one) => isSame(one, copy)));
  if (a.copies.length + added.length > MAX_MERGED_COPIES) return undefined;
  const isNewer = (b.verdict?.version ?? -1) > (a.verdict?.version ?? -1);
  return {
    copies: [...a.copies, ...added],
    verdict: isNewer ? b.verdict : a.verdict,
    isSettled: a.isSettled || b.isSettled,
  };
}

/** The order with what its home says. */
export const withVerdict = (order: PersonOrder, verdict: Verdict): PersonOrder =>
  verdict.version > (order.verdict?.version ?? -1) ? { ...order, verdict } : order;

export const shareOfPerson = ({ copies, verdict }: PersonOrder): PersonShare => {
  const time = verdict?.first ?? earliestOf(copies);
  if (!verdict) {
    let [visit, money]: [PersonCopy | undefined, PersonCopy['money']] = [undefined, undefined];
    for (const copy of copies) {
      if (!visit || copy.visitRank < visit.visitRank) visit = copy;
      else if (copy.visitRank === visit.visitRank && precedes(copy, visit)) visit = copy;
      money = earlier(money, copy.money);
    }
    return { visit, isBuyer: true, time, money: money?.said, refunded: [] };
  }
  const ownOf = (claim: Claim | undefined) => claim && copies.find((copy) => isSame(copy, claim));
  const isBuyer = ownOf(verdict.buyer) !== undefined;
  return {
    visit: ownOf(verdict.visit),
    isBuyer,
    time,
    money: verdict.money,
    refunded: isBuyer ? verdict.refunded : [],
  };
};

function earliestOf(copies: readonly PersonCopy[]): OrderTime {
  const { ts, grain } = copies.reduce((a, b) => (precedes(b, a) ? b : a));
  return [ts, grain];
}

/** The key of the first order that the person bought; of those of the same time the smallest. */
export function firstOrder(orders: PersonOrders): string | undefined {
  let first: [key: string, ts: number] | undefined;
  for (const [key, order] of orders) {
    const { isBuyer, time } = shareOfPerson(order);
    if (!isBuyer) continue;
    if (!first || time[0] < first[1] || (time[0] === first[1] && key < first[0])) first = [key, time[0]];
  }
  return first?.[0];
}

const isSame = (a: Claim, b: Claim) => a.ts === b.ts && a.id === b.id && a.by === b.by;

/** Adds what a person's order is worth to the person's sums; sign −1 takes it back. */
export function sumShare(sums: Counters, order: PersonOrder | undefined, sign: 1 | -1): void {
  if (!order) return;
  const { isBuyer, money, refunded } = shareOfPerson(order);
  if (!isBuyer) return;
  const add = (counter: string, amount: number) => {
    increase(sums, counter, sign * amount);
    if (sums.get(counter) === 0) sums.delete(counter);
  };
  add(ORDERS, 1);
  if (money) {
    add(revenueIn(money[0]), money[1]);
    add(ordersIn(money[0]), 1);
  }
  for (const [currency, amount] of refunded) add(refundedIn(currency), amount);
}

/** Takes out the oldest orders but the first one, once there are too many, or once they are too much. @returns those. */
export function takeOldestOrders(orders: PersonOrders): [key: string, PersonOrder][] {
  const taken: [string, PersonOrder][] = [];
  const timeOf = ({ copies }: PersonOrder) => Math.max(...copies.map(({ ts }) => ts));
  let bytes = 0;
  for (const [key, order] of orders) bytes += bytesOfOrder(key, order);
  if (orders.size <= MAX_ORDERS && bytes <= MAX_ORDERS_BYTES) return taken;
  const first = firstOrder(orders);
  while (orders.size > MAX_ORDERS || bytes > MAX_ORDERS_BYTES) {
    const others = [...orders].filter(([key]) => key !== first);
    if (others.length <= 1) break;
    const oldest = others.reduce((a, b) => (timeOf(b[1]) < timeOf(a[1]) ? b : a));
    orders.delete(oldest[0]);
    bytes -= bytesOfOrder(...oldest);
    taken.push(oldest);
  }
  return taken;
}

/** About what an order takes, packed. */
function bytesOfOrder(key: string, { copies, verdict }: PersonOrder): number {
  let bytes = 10 + Buffer.byteLength(key) + (verdict ? Buffer.byteLength(JSON.stringify(verdict)) : 0);
  for (const { id, by, session } of copies) bytes += 40 + bytesOfTexts([id, by, session]);
  return bytes;
}

/** The ids under which the home knows the person. */
export const namesIn = ({ copies }: PersonOrder): string[] => [...new Set(copies.map(({ by }) => by))];

type PackedCopy = [
  ts: number,
  id: string,
  by: string,
  /** The two ranks and the resolution, as bits. */
  ranks: number,
  money: [rank: number, currency: string, amount: number] | null,
  has: number,
  session: string | null,
];

export const packPersonOrders = (orders: PersonOrders) =>
  [...orders].map(
    ([key, { copies, verdict, isSettled }]) =>
      [
        key,
        copies.map(
          ({ ts, id, by, visitRank, buyerRank, grain, money, has, session }): PackedCopy => [
            ts,
            id,
            by,
            grain * 4 + visitRank * 2 + buyerRank,
            money ? [money.rank, ...money.said] : null,
            has,
            session ?? null,
          ],
        ),
        verdict ? JSON.stringify(verdict) : null,
        isSettled,
      ] as const,
  );

export const unpackPersonOrders = (packed: ReturnType<typeof packPersonOrders>): PersonOrders =>
  new Map(
    packed.map(([key, copies, verdict, isSettled]) => [
      key,
      {
        copies: copies.map(([ts, id, by, ranks, money, has, session]) => ({
          ts,
          id,
          by,
          visitRank: (ranks >> 1) & 1,
          buyerRank: ranks & 1,
          grain: ranks >> 2,
          money: money ? { ts, id, rank: money[0], said: [money[1], money[2]] } : undefined,
          has,
          session: session ?? undefined,
        })),
        verdict: verdict ? (JSON.parse(verdict) as Verdict) : undefined,
        isSettled,
      },
    ]),
  );
