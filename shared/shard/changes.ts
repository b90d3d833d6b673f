import { getOrMake } from '../platform/counters.ts';
import { type Day, type Month, monthOf } from '../platform/time.ts';

/**
 * Which days of a site have changed in a shard, and how late in its log: a text in the shard's head, so a
 * reader of the head knows it without another command. For each month and for each of the last days it holds the offset
 * of the last change: `;m24315=0000000a3;d27=0000000a3`.
 *
 * Months have an entry each. Days share {@link DAY_SLOTS} entries: one that changed may stand for another that did not,
 * never the other way round.
 */

/** More than the days of two months and the hours by which a clock may be wrong. */
export const DAY_SLOTS = 64;

/** Digits of an offset, to base 36: some 10^14. An entry is replaced where it stands, so all have the same length. */
const DIGITS = 9;

const monthEntry = (month: Month) => `m${month}`;
const dayEntry = (day: Day) => `d${((day % DAY_SLOTS) + DAY_SLOTS) % DAY_SLOTS}`;

/** The entries that a change of these days renews. */
export const entriesOf = (days: readonly Day[]): string[] => [
  ...new Set(days.flatMap((day) => [monthEntry(monthOf(day)), dayEntry(day)])),
];

/** An offset as an entry holds it. */
export const entryText = (offset: number) => offset.toString(36).padStart(DIGITS, '0');

/** The changes of a site in one shard, as its head has them. */
export class Changes {
  readonly #text: string;
  readonly #known = new Map<string, number>();

  constructor(text = '') {
    this.#text = text;
  }

  /** The offset behind the last record that changed a day of the month; 0 when there is none. */
  month(month: Month): number {
    return this.#offset(monthEntry(month));
  }

  /** The same of a day, or of one that shares its entry. */
  day(day: Day): number {
    return this.#offset(dayEntry(day));
  }

  /** All months with a change behind an offset. */
  monthsBehind(offset: number): Month[] {
    return [...this.#text.matchAll(/;m(\d+)=(\w+)/g)].flatMap(([, month, text]) =>
      Number.parseInt(text!, 36) > offset ? [Number(month)] : [],
    );
  }

  #offset(entry: string): number {
    return getOrMake(this.#known, entry, () => {
      const at = this.#text.indexOf(`;${entry}=`);
      if (at < 0) return 0;
      const from = at + entry.length + 2;
      return Number.parseInt(this.#text.slice(from, from + DIGITS), 36);
    });
  }
}
