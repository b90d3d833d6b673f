import { randomUUID } from 'node:crypto';
import { cartOf } from '../fold/cart.ts';
import { getOrMake } from '../platform/counters.ts';
import { userKey } from '../platform/user-key.ts';
import type { CartClaim, CartClaims, Wanted } from './cart-claims.ts';
import { type CartAbandoned, cartAbandoned, signalId } from './signal.ts';
import type { SignalWriter } from './signals-topic.ts';

type Writer = Pick<SignalWriter, 'placeOf' | 'published' | 'publish' | 'close'>;

/** What signalling needs of the world outside. */
export interface SignalContext {
  claims: CartClaims;
  /** Ids. */
  sites: readonly string[];
  /** Partitions of the events topic. */
  partitions: number;
  /** A new writer each time: it shuts out all that were opened before. */
  openWriter(): Promise<Writer>;
  /** Has what earlier runs have signalled be known, where they counted another generation; told when none can any more. */
  takeOver(): Promise<void>;
  /** Told of signals that are published, and known to be. */
  onSignalled(count: number): void;
}

/** One run: its name on claims, its writer, and what "left behind" means to it. */
interface Run extends SignalContext {
  run: string;
  writer: Writer;
  /** Carts that were last touched then or before are left behind, ms. */
  before: number;
}

/**
 * Publishes a signal for each cart that was filled and then left, once a cart: a cart is the same until it is
 * bought or emptied, however often it is touched in between.
 *
 * A cart is claimed in Redis, published in a Kafka transaction, and then its claim is settled. The claim says
 * which signal, and from which offset on it may be. A run that finds claims, its own excepted, asks Kafka
 * whether their signals are there, and settles or publishes accordingly. That answer is final, since a run first
 * opens its writer, which shuts out those of all earlier runs (see SignalWriter): no lease, no clock.
 *
 * What is guaranteed, whatever ends a run wherever, and however many run at once: readers of committed records
 * (`isolation.level=read_committed`) find each signal once, and none is lost, as long as Redis keeps what it was
 * told, the topic keeps a signal until the next run, and carts are looked at within the 30 days for which they
 * are kept. The cart is as it was when it was claimed. A cart that was bought, emptied or touched after a claim
 * which came to nothing is not signalled for that.
 *
 * What is not: that a cart is not bought between its claim and the moment in which its signal is committed; nor,
 * when Redis has lost its memory, that its carts are not signalled again, with the ids that they had if nobody
 * has touched them; nor that a visitor's cart is not signalled again as that of the user who the visitor turns out
 * to be; nor that a cart is not signalled again, for what is left in it, when events of a purchase come late.
 *
 * @param goOn asked between pages; the next run goes on where this one stopped.
 * @throws FootfallError `sweep_superseded` when another run has begun; else what Redis or Kafka threw.
 */
export async function signalLeftCarts(
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
      while (goOn() && (await signalPage(shard, run)));
    }
  } finally {
    await writer.close();
  }
}

/** Beginning anywhere, so that runs which have no time for all of them get to each of them. */
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

/** Settles the claims of other runs: they have ended somewhere in the middle, or can publish no more. */
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

/** Which of the claims' signals are in the topic. */
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

/** Signals some of the carts that are due in a shard. False: there were none. */
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

async function signal(shard: number, wanted: readonly Wanted[], run: Run): Promise<void> {
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
