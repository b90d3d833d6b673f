import { cutValue, dimensionValue } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import { IMPRESSIONS } from './counter-names.ts';

/**
 * How many of its newest interactions a shard keeps of a site. The site's newest ones, up to this number, are then among
 * those of its shards.
 */
export const MAX_NEWEST = 50;

/** One of a site's newest interactions, as far as it is known. Texts are cut as values of breakdowns are. */
export interface NewestInteraction {
  /** The person's id under which it was counted; absent where the event belongs to no person. */
  user?: string;
  /** Of the event. */
  id: string;
  /** ms. */
  ts: number;
  /** Of the record that was counted, in its partition. */
  offset: number;
  name: string;
  details: NewestDetails;
}

export interface NewestDetails {
  /** The first product. */
  product?: string;
  product_name?: string;
  /** How many lines there are, when there are several. */
  lines?: number;
  page?: string;
  search_term?: string;
  country?: string;
  device?: string;
  transaction_id?: string;
  /** Minor units. */
  value?: number;
  currency?: string;
}

/** The newest of a site's events in a chunk. */
export class NewestInteractions {
  #found: { event: FootfallEvent; offset: number }[] = [];
  /** Earlier events are not among the newest, ms. */
  #least = -Infinity;

  /** @param offset of the event's record */
  add(event: FootfallEvent, offset: number): void {
    if (event.ts < this.#least) return;
    this.#found.push({ event, offset });
    // Now and then, rather than with each event.
    if (this.#found.length >= 2 * MAX_NEWEST) this.#cut();
  }

  get size(): number {
    return Math.min(this.#found.length, MAX_NEWEST);
  }

  /** At most {@link MAX_NEWEST}, as they are stored. */
  members(): [member: string, ts: number][] {
    this.#cut();
    return this.#found.map(({ event, offset }) => [packNewest(event, offset), event.ts]);
  }

  #cut(): void {
    if (this.#found.length <= MAX_NEWEST) return;
    // Events of one time in the order in which Redis has them.
    this.#found.sort(
      (a, b) =>
        b.event.ts - a.event.ts ||
        compareMembers(packNewest(b.event, b.offset), packNewest(a.event, a.offset)),
    );
    this.#found.length = MAX_NEWEST;
    this.#least = this.#found.at(-1)!.event.ts;
  }
}

/** As Redis orders members with the same score. */
const compareMembers = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** JSON that begins with the user, see {@link beginningOf}. The time is the member's score. */
function packNewest(event: FootfallEvent, offset: number): string {
  const user = event.personless ? null : event.user;
  return JSON.stringify([user, event.id, offset, event.name, detailsOf(event)]);
}

/** JSON leaves out what is undefined. */
function detailsOf(event: FootfallEvent): { [K in keyof NewestDetails]: NewestDetails[K] | undefined } {
  const { items = [], name, value, currency, transaction_id } = event;
  const [first] = items;
  return {
    product: first?.id,
    product_name: first?.name === undefined ? undefined : cutValue(first.name),
    lines: items.length > 1 ? items.length : undefined,
    page: dimensionValue(event, 'page'),
    search_term: dimensionValue(event, 'search_term'),
    country: dimensionValue(event, 'country'),
    device: dimensionValue(event, 'device'),
    transaction_id: transaction_id === undefined ? undefined : cutValue(transaction_id),
    // What is listed is not worth the sum of the list.
    value:
      currency === undefined ? undefined : (value ?? (IMPRESSIONS.has(name) ? undefined : totalOf(items))),
    currency,
  };
}

function totalOf(items: NonNullable<FootfallEvent['items']>): number | undefined {
  if (items.every(({ amount }) => amount === undefined)) return undefined;
  return items.reduce((sum, { amount = 0 }) => sum + amount, 0);
}

/** With what all members of a user begin, and no others. */
export const beginningOf = (user: string) => `[${JSON.stringify(user)},`;

/** @param ts the member's score */
export function unpackNewest(member: string, ts: number): NewestInteraction {
  const [user, id, offset, name, details] = JSON.parse(member) as [
    string | null,
    string,
    number,
    string,
    NewestDetails,
  ];
  return { ...(user !== null && { user }), id, ts, offset, name, details };
}
