import { Packr } from 'msgpackr';
import { dimensionValue, ORDER_DIMENSIONS } from '../event/dimensions.ts';
import type { FootfallEvent } from '../event/event.ts';
import {
  type Claim,
  type CopyNote,
  MAX_CLAIMANTS,
  type OrderMoney,
  type ReleaseNote,
} from '../event/order-note.ts';
import type { WayIn } from '../event/ways-in.ts';
import { STATE_FORMAT } from '../generations/state-format.ts';
import { bytesOfTexts } from './bytes-of-texts.ts';
import { ORDER_PARTS } from './counter-names.ts';
import {
  earlier,
  essentialCopies,
  type KeptCopy,
  lineOf,
  type OrderCopy,
  type OrderLine,
  PINNED,
  precedes,
  type Said,
  type Stamp,
  tellingOf,
} from './order-copy.ts';
import { RESOLUTIONS, type Resolution } from './resolution.ts';

/**
 * An order as its home knows it: what all copies of its purchase and all refunds say together. Immutable: each copy,
 * refund or release gives a new one, in which what has not changed is the same object. It is the same in whatever order
 * the copies come: the earliest decides, and what only others say is added.
 */
export interface OrderState {
  /** ts of the latest event about it, ms. */
  readonly last: number;
  /** Rises with each change. */
  readonly version: number;
  /** The earliest copy: when the order counts. Undefined while only refunds have come. */
  readonly first: First | undefined;
  readonly money: Said<OrderMoney> | undefined;
  readonly lines: Said<readonly OrderLine[]> | undefined;
  /** In the order of ORDER_PARTS. One in another currency than the money is as good as unknown. */
  readonly parts: readonly (Said<OrderMoney> | undefined)[];
  /** In the order of ORDER_DIMENSIONS. */
  readonly values: readonly (Said<string> | undefined)[];
  readonly visit: RankedClaim | undefined;
  readonly buyer: RankedClaim | undefined;
  /** The people who were told of it or believe that it is theirs, by id. */
  readonly claimants: ReadonlyMap<string, Claimant>;
  /** Those that are shown, the earliest first. */
  readonly copies: readonly KeptCopy[];
  /** In the order in which they happened. */
  readonly refunds: readonly OrderRefund[];
  /** Of its packed form, as it was packed or unpacked last. Not stored. */
  bytes: number;
}

/** The resolution by which it is counted, as an index of RESOLUTIONS. */
export interface First extends Stamp {
  readonly grain: number;
}

/** The lowest rank counts before the earliest time. */
export type RankedClaim = Claim & { readonly rank: number };

/** A line of a refund; without an amount it is worth what the order says. */
export type RefundLine = readonly [
  product: string,
  quantity: number,
  amount: number | null,
  category: string | null,
  brand: string | null,
];

export interface OrderRefund extends First {
  /** Undefined when it names no amount. */
  readonly currency: string | undefined;
  /** Minor units; undefined when it gives back its lines, or without lines all of the order. */
  readonly value: number | undefined;
  readonly lines: readonly RefundLine[];
  /** In the order of ORDER_DIMENSIONS. */
  readonly values: readonly (string | null)[];
}

export interface Claimant {
  /** The person's earliest copy. */
  readonly first: First;
  /** What the person's shard takes for granted as long as it was told nothing. */
  readonly visit: RankedClaim;
  readonly money: Said<OrderMoney> | undefined;
  /** What it was told last, see order-verdict.ts. */
  readonly told: string | undefined;
}

/** How many copies of an order are shown. */
const MAX_KEPT_COPIES = 20;

/** How many refunds of an order are remembered, and how many bytes of them; the first one whatever it weighs. */
const MAX_REFUNDS = 100;
const MAX_REFUND_BYTES = 500_000;

export const newOrderState = (): OrderState => ({
  last: -Infinity,
  version: 0,
  first: undefined,
  money: undefined,
  lines: undefined,
  parts: ORDER_PARTS.map(() => undefined),
  values: ORDER_DIMENSIONS.map(() => undefined),
  visit: undefined,
  buyer: undefined,
  claimants: new Map(),
  copies: [],
  refunds: [],
  bytes: 0,
});

/** Reads a refund. */
export function refundOf(event: FootfallEvent, grain: Resolution): OrderRefund {
  const { ts, id, items = [], value, currency } = event;
  return {
    ts,
    id,
    grain: RESOLUTIONS.indexOf(grain),
    currency,
    value,
    lines: items.map((item): RefundLine => {
      const [product, quantity, , category, brand] = lineOf(item);
      return [product, quantity, item.amount ?? null, category, brand];
    }),
    values: ORDER_DIMENSIONS.map((dimension) => dimensionValue(event, dimension) ?? null),
  };
}

/** The order with one more copy of its purchase. */
export function withCopy(
  order: OrderState,
  copy: OrderCopy,
  { by }: Pick<CopyNote, 'by'>,
  grain: Resolution,
): OrderState {
  const { ts, id } = copy;
  const first: First = { ts, id, grain: RESOLUTIONS.indexOf(grain) };
  const next: OrderState = {
    ...order,
    last: Math.max(order.last, ts),
    version: order.version + 1,
    first: earlier(order.first, first),
    money: earlier(order.money, copy.money),
    lines: earlier(order.lines, copy.lines),
    parts: order.parts.map((part, i) => earlier(part, copy.parts[i])),
    values: order.values.map((value, i) => earlier(value, copy.values[i])),
    copies: shownCopies([...order.copies, { ...tellingOf(copy), by, via: copy.via }]),
  };
  if (by === undefined) return next;
  const before = order.claimants.get(by);
  if (!before && order.claimants.size >= MAX_CLAIMANTS) return next;
  const visit = { ts, id, by, rank: copy.visitRank };
  const claimant: Claimant = {
    first: earlier(before?.first, first)!,
    visit: earlier(before?.visit, visit)!,
    money: earlier(before?.money, copy.money),
    told: before?.told,
  };
  return {
    ...next,
    visit: earlier(order.visit, visit),
    buyer: earlier(order.buyer, { ...visit, rank: copy.buyerRank }),
    claimants: new Map(order.claimants).set(by, claimant),
  };
}

/** The order with one more refund. The same when it has this one, or when there is no room for it. */
export function withRefund(order: OrderState, refund: OrderRefund): OrderState {
  // Several senders may tell of one refund. Those that tell of the lines of an exchange give it the same id.
  const same = order.refunds.find(({ id }) => id === refund.id);
  if (same && !precedes(refund, same)) return order;
  const others = order.refunds.filter((one) => one !== same);
  if (others.length >= MAX_REFUNDS) return order;
  const bytes = others.reduce((sum, one) => sum + bytesOfRefund(one), 0);
  if (bytes > 0 && bytes + bytesOfRefund(refund) > MAX_REFUND_BYTES) return order;
  const at = others.findIndex((one) => precedes(refund, one));
  return {
    ...order,
    last: Math.max(order.last, refund.ts),
    version: order.version + 1,
    refunds: others.toSpliced(at < 0 ? others.length : at, 0, refund),
  };
}

/** About what a refund takes, packed. */
function bytesOfRefund({ lines, values }: OrderRefund): number {
  let bytes = 50;
  for (const [product, , , category, brand] of lines) bytes += 24 + bytesOfTexts([product, category, brand]);
  return bytes + bytesOfTexts(values);
}

/** The order once people's shards have forgotten it: what is theirs stays so, and the home forgets who they are. */
export function withRelease(order: OrderState, { people }: Pick<ReleaseNote, 'people'>): OrderState {
  const isOf = ({ by }: { by?: string | undefined }) => by !== undefined && people.includes(by);
  if (!people.some((by) => order.claimants.has(by)) && !order.copies.some(isOf)) return order;
  const pinned = (claim: RankedClaim | undefined): RankedClaim | undefined =>
    claim && isOf(claim) ? { ...claim, by: '', rank: PINNED } : claim;
  const claimants = new Map([...order.claimants].filter(([by]) => !people.includes(by)));
  return {
    ...order,
    version: order.version + 1,
    visit: pinned(order.visit),
    buyer: pinned(order.buyer),
    claimants,
    copies: shownCopies(order.copies.map((copy) => (isOf(copy) ? { ...copy, by: undefined } : copy))),
  };
}

const shownCopies = (copies: readonly KeptCopy[]) => essentialCopies(copies).slice(0, MAX_KEPT_COPIES);

const packr = new Packr({ useRecords: false, mapsAsObjects: false });

/** Packs an order, and notes in it how many bytes that took. */
export function packOrder(order: OrderState): Buffer {
  const { last, version, first, money, lines, parts, values, visit, buyer } = order;
  const stamps = new Stamps();
  const said = (one: Said<unknown> | undefined): PackedSaid =>
    one ? [stamps.number(one), one.rank, one.said] : null;
  const claim = (one: RankedClaim | undefined): PackedClaim =>
    one ? [stamps.number(one), one.rank, stamps.name(one.by)] : null;
  const packedFirst = (first: First): PackedFirst => [stamps.number(first), first.grain];
  const content = [
    first ? packedFirst(first) : null,
    said(money),
    said(lines),
    parts.map(said),
    values.map(said),
    claim(visit),
    claim(buyer),
    [...order.claimants].map(
      ([by, { first, visit, money, told }]): PackedClaimant => [
        stamps.name(by),
        packedFirst(first),
        claim(visit),
        said(money),
        told ?? null,
      ],
    ),
    order.copies.map(
      (copy): PackedCopy => [
        stamps.number(copy),
        copy.by === undefined ? null : stamps.name(copy.by),
        copy.via ?? null,
        copy.visitRank + 2 * copy.buyerRank + 4 * copy.moneyRank,
        copy.has,
      ],
    ),
    order.refunds.map(({ ts, id, grain, currency, value, lines, values }) => [
      ts,
      id,
      grain,
      currency ?? null,
      value ?? null,
      lines,
      values,
    ]),
  ];
  const packed = packr.pack([STATE_FORMAT, last, version, ...stamps.packed(), ...content]) as Buffer;
  order.bytes = packed.length;
  return packed;
}

/** The times and ids of an order's copies, and its people. Much is from the same copy, so each is packed once. */
class Stamps {
  readonly #stamps: Stamp[] = [];
  readonly #names: string[] = [];

  number({ ts, id }: Stamp): number {
    const known = this.#stamps.findIndex((one) => one.ts === ts && one.id === id);
    return known < 0 ? this.#stamps.push({ ts, id }) - 1 : known;
  }

  name(by: string): number {
    const known = this.#names.indexOf(by);
    return known < 0 ? this.#names.push(by) - 1 : known;
  }

  packed() {
    return [this.#stamps.flatMap(({ ts, id }) => [ts, id]), this.#names];
  }
}

type PackedSaid = [stamp: number, rank: number, said: unknown] | null;
type PackedClaim = [stamp: number, rank: number, by: number] | null;
type PackedFirst = [stamp: number, grain: number];
type PackedClaimant = [
  by: number,
  first: PackedFirst,
  visit: PackedClaim,
  money: PackedSaid,
  told: string | null,
];
type PackedCopy = [stamp: number, by: number | null, via: WayIn | null, ranks: number, has: number];
type PackedRefund = [
  ts: number,
  id: string,
  grain: number,
  currency: string | null,
  value: number | null,
  lines: RefundLine[],
  values: (string | null)[],
];

/** @throws Error for another format than STATE_FORMAT: guessing would miscount. */
export function unpackOrder(bytes: Buffer): OrderState {
  const [format, last, version, stamps, names, ...content] = packr.unpack(bytes);
  if (format !== STATE_FORMAT) throw new Error(`Unknown order format ${String(format)}.`);
  const [first, money, lines, parts, values, visit, buyer, claimants, copies, refunds] = content;
  const stamp = (number: number): Stamp => ({ ts: stamps[2 * number], id: stamps[2 * number + 1] });
  const said = <T>(packed: PackedSaid): Said<T> | undefined =>
    packed ? { ...stamp(packed[0]), rank: packed[1], said: packed[2] as T } : undefined;
  const claim = (packed: PackedClaim): RankedClaim | undefined =>
    packed ? { ...stamp(packed[0]), rank: packed[1], by: names[packed[2]] } : undefined;
  const unpackFirst = ([number, grain]: PackedFirst): First => ({ ...stamp(number), grain });
  return {
    last,
    version,
    first: first ? unpackFirst(first) : undefined,
    money: said(money),
    lines: said(lines),
    parts: (parts as PackedSaid[]).map((part) => said<OrderMoney>(part)),
    values: (values as PackedSaid[]).map((value) => said<string>(value)),
    visit: claim(visit),
    buyer: claim(buyer),
    claimants: new Map(
      (claimants as PackedClaimant[]).map(([by, first, visit, money, told]) => [
        names[by],
        {
          first: unpackFirst(first),
          visit: claim(visit)!,
          money: said(money),
          told: told ?? undefined,
        },
      ]),
    ),
    copies: (copies as PackedCopy[]).map(([number, by, via, ranks, has]) => ({
      ...stamp(number),
      by: by === null ? undefined : names[by],
      via: via ?? undefined,
      visitRank: ranks & 1,
      buyerRank: (ranks >> 1) & 1,
      moneyRank: ranks >> 2,
      has,
    })),
    refunds: (refunds as PackedRefund[]).map(([ts, id, grain, currency, value, lines, values]) => ({
      ts,
      id,
      grain,
      currency: currency ?? undefined,
      value: value ?? undefined,
      lines,
      values,
    })),
    bytes: bytes.length,
  };
}
