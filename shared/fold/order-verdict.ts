import type { Claim, OrderTime, Verdict } from '../event/order-note.ts';
import { refundsOf } from './order-refunds.ts';
import type { Claimant, First, OrderState } from './order-state.ts';

/**
 * Finds the people that the home has to tell. A person's shard may take a wrong share of the order for granted, or was
 * told something that has changed since. The second matters even where the share is right: a person may turn out to be
 * another one, whose share then follows from what the two were told.
 * @returns the order that remembers what was told, and the verdict for these people.
 */
export function tell(order: OrderState): { order: OrderState; verdict: Verdict; people: string[] } {
  const verdict = verdictOf(order);
  const people: string[] = [];
  const claimants = new Map(order.claimants);
  for (const [by, claimant] of order.claimants) {
    const isRight =
      claimant.told === undefined
        ? shareOf(verdict, by) === assumedShare(claimant)
        : claimant.told === contentFor(verdict, by);
    if (isRight) continue;
    people.push(by);
    claimants.set(by, { ...claimant, told: contentFor(verdict, by) });
  }
  return { order: people.length > 0 ? { ...order, claimants } : order, verdict, people };
}

function verdictOf(order: OrderState): Verdict {
  const { version, visit, buyer, money, first } = order;
  const refunded = new Map<string, number>();
  for (const { money } of refundsOf(order)) {
    if (money) refunded.set(money[0], (refunded.get(money[0]) ?? 0) + money[1]);
  }
  return {
    version,
    ...(visit && { visit: claimOf(visit) }),
    ...(buyer && { buyer: claimOf(buyer) }),
    ...(money && { money: money.said }),
    ...(first && { first: timeOf(first) }),
    refunded: [...refunded].filter(([, amount]) => amount !== 0).sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

const timeOf = ({ ts, grain }: First): OrderTime => [ts, grain];

const claimOf = ({ ts, id, by }: Claim): Claim => ({ ts, id, by });

/** What of a verdict concerns a person, as text, to be compared. */
function shareOf({ visit, buyer, money, first, refunded }: Verdict, by: string): string {
  const [hasVisit, isBuyer] = [visit?.by === by, buyer?.by === by];
  return JSON.stringify([
    hasVisit && [visit!.ts, visit!.id],
    isBuyer,
    (hasVisit || isBuyer) && (money ?? null),
    isBuyer && first,
    isBuyer ? refunded : [],
  ]);
}

/** What a person's shard takes for granted while it was told nothing. */
const assumedShare = ({ first, visit, money }: Claimant) =>
  JSON.stringify([[visit.ts, visit.id], true, money?.said ?? null, timeOf(first), []]);

/**
 * What a verdict tells a person, as text, to be compared. It holds no ids of people, only whether the home has forgotten
 * whose a copy is.
 */
const contentFor = ({ visit, buyer, money, first, refunded }: Verdict, by: string): string =>
  JSON.stringify([
    ...[visit, buyer].map((claim) => claim && [claim.ts, claim.id, claim.by === '']),
    money,
    first,
    buyer?.by === by ? refunded : [],
  ]);
