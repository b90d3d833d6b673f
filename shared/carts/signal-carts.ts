import { randomUUID } from 'node:crypto';
import { cartOf } from '../fold/cart.ts';
import { getOrMake } from '../platform/counters.ts';
import { userKey } from '../platform/user-key.ts';
import type { CartClaim, CartClaims, ClaimRequest } from './cart-claims.ts';
import { type CartAbandoned, cartAbandoned, signalId } from './signal.ts';
import type { SignalWriter } from './signals-topic.ts';

type Writer = Pick<SignalWriter, 'placeOf' | 'published' | 'publish' | 'close'>;

/** Dependencies of {@link signalAbandonedCarts}. */
export interface SignalContext {
  claims: CartClaims;
  /** Site ids. */
  sites: readonly string[];
  /** Partitions of the events topic. */
  partitions: number;
  /** Opens a new writer, which fences off all earlier ones. */
  openWriter(): Promise<Writer>;
  /**
   * Copies what earlier runs have signalled in another generation. Called when those runs can no longer
   * publish.
   */
  takeOver(): Promise<void>;
  /** Called with the number of signals that were published. */
  onSignalled(count: number): void;
}

/** One run: its name on claims, its writer, and its limit for abandoned carts. */
interface Run extends SignalContext {
  run: string;
  writer: Writer;
  /** Carts that were last touched at or before this time are abandoned, ms. */
  before: number;
}

/**
 * Publishes one signal for each abandoned cart. A cart stays the same cart until it is bought or emptied,
 * however often it is changed in between.
 *
 * A run claims a cart in Redis, publishes its signal in a Kafka transaction, and settles the claim. The claim
 * names the signal and the first offset at which it can be. A run that finds claims of other runs asks Kafka
 * whether their signals exist, and settles or publishes accordingly. The answer is final, because a run first
 * opens its writer, which fences off all earlier runs (see SignalWriter). No lease and no clock is involved.
 *
 * Guaranteed, wherever a run dies and however many run at once:
 * - Readers of committed records (`isolation.level=read_committed`) find each signal once, and none is lost.
 *   This holds as long as Redis keeps its data, the topic keeps a signal until the next run, and a run
 *   examines carts within the 30 days they are kept.
 * - The signal shows the cart as it was when it was claimed.
 * - If a claim fails, a cart that was bought, emptied or touched after it is not signalled for that claim.
 *
 * Not guaranteed:
 * - A cart may be bought between its claim and the commit of its signal.
 * - After Redis has lost its memory, carts may be signalled again, with the same ids if they were not
 *   touched.
 * - A visitor's cart may be signalled again as the cart of the user that the visitor turns out to be.
 * - A cart may be signalled again for what is left in it, when events of a purchase arrive late.
 *
 * @param goOn checked between pages; when it returns false, the next run continues.
 * @throws FootfallError `sweep_superseded` when another run has begun; errors of Redis and Kafka.
 */
export async function signalAbandonedCarts(
  context: SignalContext,
  { before, goOn }: { before: number; goOn: () => boolean },
): Promise<void> {
  const shards = await shardsWithWork(context, before);
  if (shards.length === 0) return;
  const writer = await context.openWriter();
  try {
    const run: Run = { ...context, run: randomUUID(), writer, before };
    await context.takeOver();
    for (const shard of shards) {
      if (!goOn()) return;
      await resolveClaims(shard, run);
    }
    // In turn, a page of each site at a time: a site with very many carts in one shard keeps no other site waiting.
    for (let left = shards; left.length > 0; ) {
      const more: number[] = [];
      for (const shard of left) {
        if (!goOn()) return;
        if (await signalPage(shard, run)) more.push(shard);
      }
      left = more;
    }
  } finally {
    await writer.close();
  }
}

/** Begins at a random shard, so that all shards get their turn even if no run has time for all of them. */
async function shardsWithWork(
  { claims, sites, partitions }: SignalContext,
  before: number,
): Promise<number[]> {
  const first = Math.floor(Math.random() * partitions);
  const shards = Array.from({ length: partitions }, (_, i) => (first + i) % partitions);
  const haveWork = await Promise.all(
    shards.map(async (shard) => {
      const found = await Promise.all(sites.map((site) => claims.hasWork(shard, site, before)));
      return found.includes(true);
    }),
  );
  return shards.filter((_, i) => haveWork[i]);
}

/** Settles the claims of other runs: those runs have died, or can no longer publish. */
async function resolveClaims(shard: number, run: Run): Promise<void> {
  const found = (await Promise.all(run.sites.map((site) => run.claims.claims(shard, site)))).flat();
  if (found.length === 0) return;
  const published = await publishedOf(found, run.writer);
  await settle(
    shard,
    found.filter(({ id }) => published.has(id)),
    run,
  );
  const open = found.filter(({ id }) => !published.has(id));
  await signal(
    shard,
    open.map((claim) => ({ claim: claimOf(claim, run), instead: claim })),
    run,
  );
}

/** The ids of the claims' signals that the topic holds. */
async function publishedOf(claims: readonly CartClaim[], writer: Writer): Promise<Set<string>> {
  const offsets = new Map<number, number>();
  for (const { partition, offset } of claims) {
    offsets.set(partition, Math.min(offset, offsets.get(partition) ?? offset));
  }
  const ids = new Set<string>();
  for (const [partition, offset] of offsets) {
    for (const id of await writer.published(partition, offset)) ids.add(id);
  }
  return ids;
}

/** Signals a page of the due carts of a shard. @returns false when there were none. */
async function signalPage(shard: number, run: Run): Promise<boolean> {
  const due = await Promise.all(
    run.sites.map(async (site) => {
      const carts = await run.claims.due(shard, site, run.before);
      return carts.map(({ user, ts }) => ({
        claim: claimOf({ site, user, ts, id: signalId(site, user, ts) }, run),
      }));
    }),
  );
  const wanted = due.flat();
  if (wanted.length > 0) await signal(shard, wanted, run);
  return wanted.length > 0;
}

function claimOf(
  { site, user, ts, id }: Pick<CartClaim, 'site' | 'user' | 'ts' | 'id'>,
  { writer, run }: Run,
): CartClaim {
  return { site, user, ts, id, ...writer.placeOf(userKey({ site, user })), run };
}

async function signal(shard: number, wanted: readonly ClaimRequest[], run: Run): Promise<void> {
  const now = Date.now();
  const taken: CartClaim[] = [];
  const signals: CartAbandoned[] = [];
  await Promise.all(
    [...bySite(wanted, ({ claim }) => claim.site)].map(async ([site, some]) => {
      const states = await run.claims.take(shard, site, some, now);
      for (const [i, { claim }] of some.entries()) {
        const state = states[i];
        if (!state) continue;
        taken.push(claim);
        const cart = cartOf(state.cart);
        if (cart) signals.push(cartAbandoned(claim, cart, now));
      }
    }),
  );
  if (signals.length > 0) {
    await run.writer.publish(signals.map((one) => ({ key: userKey(one), value: JSON.stringify(one) })));
  }
  run.onSignalled(signals.length);
  await settle(shard, taken, run);
}

async function settle(shard: number, claims: readonly CartClaim[], run: Run): Promise<void> {
  const now = Date.now();
  await Promise.all(
    [...bySite(claims, ({ site }) => site)].map(([site, some]) => run.claims.settle(shard, site, some, now)),
  );
}

function bySite<T>(list: readonly T[], siteOf: (one: T) => string): Map<string, T[]> {
  const sites = new Map<string, T[]>();
  for (const one of list) getOrMake(sites, siteOf(one), () => []).push(one);
  return sites;
}
