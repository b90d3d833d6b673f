import { type UserState, unpackUserState } from '../fold/user-state.ts';
import type { Generation } from '../generations/generation.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { keysOf, type ShardKeys } from '../platform/redis/keys.ts';
import { readScript } from '../platform/redis/script.ts';
import { CARTS_KEPT_MS } from '../shard/retention.ts';

/** An abandoned cart whose signal a run is about to publish, as of that moment. */
export interface CartClaim {
  site: string;
  user: string;
  /** When the cart last changed, ms. */
  ts: number;
  /** Id of the signal. */
  id: string;
  /**
   * Where the signals topic holds the signal if it was published: in this partition, at this offset or later.
   */
  partition: number;
  offset: number;
  /** The sweep run that claimed it. */
  run: string;
}

/** A claim to make: for a cart that is due, or replacing a claim whose signal was never published. */
export interface ClaimRequest {
  claim: CartClaim;
  instead?: CartClaim;
}

interface ClaimCommand {
  claimCartsBuffer(keyCount: number, ...args: (string | number)[]): Promise<(Buffer | null)[]>;
}

/** Carts of one script call; each copies a user's state. */
const MAX_CARTS = 50;
/** The most bytes of states that one call copies. Redis needs about 1 ms for them. */
const MAX_STATES_BYTES = 2_000_000;

/** Abandoned carts in Redis: which are due, which are claimed, which were signalled. */
export class CartClaims {
  readonly #redis: RedisClient & ClaimCommand;
  readonly #keys: ShardKeys;

  constructor(redis: RedisClient, generation: Generation) {
    this.#keys = keysOf(generation.id);
    redis.defineCommand('claimCarts', { lua: readScript('carts/claim.lua') });
    this.#redis = redis as RedisClient & ClaimCommand;
  }

  /** Whether a shard has claims of the site, or carts that were not touched after `before` (ms). */
  async hasWork(shard: number, site: string, before: number): Promise<boolean> {
    const [due, claims] = await Promise.all([
      this.due(shard, site, before, 1),
      this.#redis.hlen(this.#keys.claims(shard, site)),
    ]);
    return due.length > 0 || claims > 0;
  }

  /**
   * Carts that were not touched after `before` (ms) and not examined since their last change, oldest first.
   * Carts older than their retention (see CARTS_KEPT_MS) are left out.
   */
  async due(
    shard: number,
    site: string,
    before: number,
    limit = MAX_CARTS,
  ): Promise<{ user: string; ts: number }[]> {
    const flat = await this.#redis.zrangebyscore(
      this.#keys.dueCarts(shard, site),
      Date.now() - CARTS_KEPT_MS,
      before,
      'WITHSCORES',
      'LIMIT',
      0,
      limit,
    );
    const carts: { user: string; ts: number }[] = [];
    for (let i = 0; i < flat.length; i += 2) carts.push({ user: flat[i]!, ts: Number(flat[i + 1]) });
    return carts;
  }

  /** The unsettled claims of a site: of a run in progress, or of one that died halfway. */
  async claims(shard: number, site: string): Promise<CartClaim[]> {
    const claims = await this.#redis.hgetall(this.#keys.claims(shard, site));
    return Object.entries(claims).map(([user, json]) => ({ ...JSON.parse(json), site, user }));
  }

  /**
   * Claims carts of one site, if they are still as the claims say.
   * @returns by index the user's state at that moment; undefined when the cart was not claimed: it was
   *   changed, bought, emptied or signalled before, or another run claimed it.
   */
  async take(
    shard: number,
    site: string,
    wanted: readonly ClaimRequest[],
    now: number,
  ): Promise<(UserState | undefined)[]> {
    const states: (UserState | undefined)[] = [];
    while (states.length < wanted.length) {
      const found = await this.#run(
        shard,
        site,
        wanted.slice(states.length, states.length + MAX_CARTS).map(({ claim, instead }) => ({
          claim,
          was: instead ? stored(instead) : '',
          next: stored(claim),
        })),
        now,
      );
      states.push(...found.map((bytes) => (bytes ? unpackUserState(bytes) : undefined)));
    }
    return states;
  }

  /** Marks the claims' signals as published. Claims that another run has taken over stay. */
  async settle(shard: number, site: string, claims: readonly CartClaim[], now: number): Promise<void> {
    for (let i = 0; i < claims.length; i += MAX_CARTS) {
      const some = claims.slice(i, i + MAX_CARTS);
      await this.#run(
        shard,
        site,
        some.map((claim) => ({ claim, was: stored(claim), next: '' })),
        now,
      );
    }
  }

  #run(
    shard: number,
    site: string,
    carts: readonly { claim: CartClaim; was: string; next: string }[],
    now: number,
  ): Promise<(Buffer | null)[]> {
    return this.#redis.claimCartsBuffer(
      4 + carts.length,
      this.#keys.dueCarts(shard, site),
      this.#keys.leftCarts(shard, site),
      this.#keys.claims(shard, site),
      this.#keys.carts(shard, site),
      ...carts.map(({ claim }) => this.#keys.user(shard, site, claim.user)),
      now,
      MAX_STATES_BYTES,
      ...carts.flatMap(({ claim, was, next }) => [claim.user, claim.ts, was, next]),
    );
  }
}

/** The stored form of a claim. Claims are compared as text, so equal claims must give equal text. */
const stored = ({ ts, id, partition, offset, run }: CartClaim) =>
  JSON.stringify({ ts, id, partition, offset, run });
