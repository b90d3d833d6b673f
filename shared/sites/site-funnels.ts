import type * as z from 'zod';
import { type FunnelDefinition, MAX_FUNNELS } from '../funnels/definition.ts';
import { type funnelInput, unknownFunnel } from '../funnels/schema.ts';
import type { FunnelChange, FunnelStore, ShardFunnels } from '../funnels/store.ts';
import { getOrMake } from '../platform/counters.ts';
import { FootfallError } from '../platform/errors.ts';
import { logger } from '../platform/observe/observe.ts';
import { funnelField, splitFunnelField } from '../platform/redis/fields.ts';
import { mustFitRetention } from './contradictions.ts';
import type { Sites } from './site.ts';
import type { SiteSource } from './source.ts';
import type { SitesWriter } from './writer.ts';

/**
 * Defines the funnels of sites. A site's record in the sites topic is the source of truth; every shard has a
 * copy, which the fold uses. A change goes to the topic first, then to the shards. So a definition that a
 * shard has, and that the topic lacks when read afterwards, was removed.
 */

/** Dependencies of the functions below. */
export interface FunnelContext {
  writer: Pick<SitesWriter, 'change'>;
  funnels: FunnelStore;
}

/**
 * A new funnel counts events from this long after its definition, ms. By then the topic and all shards have
 * it, so every shard counts the same events, and counts them again in a replay.
 */
const EFFECTIVE_AFTER_MS = 5_000;

/** How long after it became effective a definition may still be withdrawn by the process that made it, ms. */
const WITHDRAWABLE_MS = 60_000;

/** Completes a definition. @param now ms since the epoch, when it is being stored. */
export function definitionOf(input: z.infer<typeof funnelInput>, now: number): FunnelDefinition {
  const effective_from = now + EFFECTIVE_AFTER_MS;
  return { ...input, key: `${input.id}.${effective_from.toString(36)}`, effective_from };
}

/**
 * Defines a funnel.
 * @throws FootfallError `funnel_exists` and `too_many_funnels` 409; `invalid_parameter` 400 when its window is
 *   longer than the site keeps its numbers; `redis_unavailable` 503 when the shards
 *   took too long, or RedisUnavailable: the funnel is not defined then; errors of {@link SitesWriter.change}.
 */
export async function defineFunnel(
  site: string,
  input: z.infer<typeof funnelInput>,
  context: FunnelContext,
): Promise<FunnelDefinition> {
  // Fails before the topic is written when Redis is unreachable.
  await context.funnels.of(site);
  const definition = await context.writer.change((sites) => {
    const known = sites.get(site)!;
    const existing = known.funnels;
    if (existing.some(({ id }) => id === input.id)) {
      throw new FootfallError('funnel_exists', 409, 'The site has a funnel with this id. Remove it first.');
    }
    if (existing.length >= MAX_FUNNELS) {
      throw new FootfallError('too_many_funnels', 409, `A site has at most ${MAX_FUNNELS} funnels.`, {
        details: { limit: MAX_FUNNELS },
      });
    }
    mustFitRetention(known, input);
    const result = definitionOf(input, Date.now());
    return { changed: [{ ...known, funnels: [...existing, result] }], result };
  });
  try {
    await storeInShards(site, [definition], context.funnels);
  } catch (error) {
    await withdrawFunnels(site, [definition], context);
    throw error;
  }
  return definition;
}

/**
 * Stores definitions in all shards that the topic already has.
 * @throws FootfallError `redis_unavailable` 503 when that took so long that events may have been counted
 *   without them; RedisUnavailable.
 */
export async function storeInShards(
  site: string,
  definitions: readonly FunnelDefinition[],
  funnels: FunnelStore,
): Promise<void> {
  if (definitions.length === 0) return;
  await funnels.define(site, definitions);
  if (Date.now() < Math.min(...definitions.map(({ effective_from }) => effective_from))) return;
  const message =
    'Redis took too long, so the funnel might have missed events. It was not defined; try again.';
  throw new FootfallError('redis_unavailable', 503, message, { retryAfter: 2, expose: true });
}

/**
 * Withdraws definitions that {@link storeInShards} could not store. @throws errors of {@link SitesWriter.change}.
 */
export async function withdrawFunnels(
  site: string,
  definitions: readonly FunnelDefinition[],
  { writer, funnels }: FunnelContext,
): Promise<void> {
  const theirs = new Set(definitions.map(({ key }) => key));
  await writer.change((sites) => {
    const known = sites.get(site)!;
    const kept = known.funnels.filter(({ key }) => !theirs.has(key));
    return { changed: [{ ...known, funnels: kept }], result: undefined };
  });
  // The next sweep cleans up shards that cannot be reached now.
  await funnels
    .remove(
      site,
      definitions.map(({ id }) => id),
    )
    .catch(() => {});
}

/**
 * Removes a funnel. Its numbers are no longer available.
 * @throws FootfallError `unknown_funnel` 404; RedisUnavailable when the topic has the removal but some shard
 *   does not: the next sweep or another call removes it there.
 */
export async function removeFunnel(site: string, id: string, context: FunnelContext): Promise<void> {
  const stored = await context.funnels.of(site);
  const isOfId = (one: FunnelDefinition) => one.id === id;
  await context.writer.change((sites) => {
    const known = sites.get(site)!;
    if (!known.funnels.some(isOfId)) {
      if (!stored.some(isOfId)) throw unknownFunnel();
      return { changed: [], result: undefined };
    }
    const funnels = known.funnels.filter((one) => !isOfId(one));
    return { changed: [{ ...known, funnels }], result: undefined };
  });
  await context.funnels.remove(site, [id]);
}

/**
 * Corrects the definitions of a shard that lost writes, before anything is folded there.
 * @throws FootfallError `sites_unavailable` 503; RedisUnavailable.
 */
export async function restoreFunnels(
  partition: number,
  funnels: FunnelStore,
  sites: Pick<SiteSource, 'complete'>,
): Promise<void> {
  // Read the shard before the topic: a definition that only the shard has was removed then, and is not just
  // being made.
  const shard = await funnels.read(partition);
  await funnels.put(partition, differences(shard, await sites.complete()));
}

/**
 * Corrects the definitions of all shards. A process may have died between the topic and the shards, so that a
 * shard counted events without the definition. Such a funnel is defined again and counts from now on; its
 * caller was never told that it counted before.
 * @returns how many definitions in shards were wrong.
 * @throws FootfallError `sites_unavailable` and `sites_busy` 503; RedisUnavailable.
 */
export async function repairFunnels(
  context: FunnelContext & { sites: Pick<SiteSource, 'complete'> },
  now = Date.now(),
): Promise<number> {
  // The shards before the topic, as above.
  const shards = await context.funnels.readAll();
  const sites = await context.sites.complete();
  let wrong = 0;
  const late = new Map<string, Set<string>>();
  for (const shard of shards) {
    const changes = differences(shard, sites).filter(({ site, wanted }) => {
      if (!wanted) return true;
      if (wanted.effective_from > now - WITHDRAWABLE_MS) return false;
      if (shard.timestamp < wanted.effective_from) return true;
      getOrMake(late, site, () => new Set()).add(wanted.key);
      return false;
    });
    wrong += await context.funnels.put(shard.partition, changes);
  }
  for (const [site, theirs] of late) {
    const definitions = await context.writer.change((known) => {
      const fresh = known.get(site)!;
      const redefined = (one: FunnelDefinition) =>
        theirs.has(one.key) ? definitionOf(one, Date.now()) : one;
      const funnels = fresh.funnels.map(redefined);
      return {
        changed: [{ ...fresh, funnels }],
        result: funnels.filter((one, i) => one !== fresh.funnels[i]),
      };
    });
    logger.warn('Defining incompletely defined funnels again', {
      site,
      funnels: definitions.map(({ id }) => id),
    });
    await storeInShards(site, definitions, context.funnels);
    wrong += definitions.length;
  }
  return wrong;
}

/** The definitions that are wrong in a shard. Leaves those of unknown sites alone. */
function differences({ definitions }: ShardFunnels, sites: Sites): FunnelChange[] {
  const changes: FunnelChange[] = [];
  const wanted = new Set<string>();
  for (const { id: site, funnels } of sites.all()) {
    for (const definition of funnels) {
      const field = funnelField(site, definition.id);
      wanted.add(field);
      const found = definitions[field];
      if (found !== undefined && (JSON.parse(found) as FunnelDefinition).key === definition.key) continue;
      changes.push({ site, id: definition.id, found, wanted: definition });
    }
  }
  for (const [field, found] of Object.entries(definitions)) {
    const [site, id] = splitFunnelField(field);
    if (wanted.has(field) || !sites.get(site)) continue;
    changes.push({ site, id, found, wanted: undefined });
  }
  return changes;
}
