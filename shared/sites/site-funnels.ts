import type { z } from 'zod';
import { type FunnelDefinition, MAX_FUNNELS } from '../funnels/definition.ts';
import { type funnelInput, unknownFunnel } from '../funnels/schema.ts';
import type { FunnelChange, FunnelStore, ShardFunnels } from '../funnels/store.ts';
import { getOrMake } from '../platform/counters.ts';
import { FootfallError } from '../platform/errors.ts';
import { logger } from '../platform/observe/observe.ts';
import type { Site, Sites } from './site.ts';
import type { SiteSource } from './source.ts';
import type { SiteRegister } from './writer.ts';

/**
 * The funnels that sites define. The record of a site in the sites' topic has them for good; every shard has a copy,
 * which the fold uses. A change goes to the topic first and then to the shards, so what a shard has and the topic has
 * not, asked afterwards, is no definition any more.
 */

/** What defining needs of the world outside. */
export interface FunnelContext {
  register: Pick<SiteRegister, 'change'>;
  funnels: FunnelStore;
}

/**
 * From then on (ms after it was worked out) events are counted: the topic and all shards have the definition by then,
 * so each shard counts the same events, and does so again in a replay.
 */
const EFFECTIVE_AFTER_MS = 5_000;

/** For so long after it becomes effective (ms) whoever makes a definition may still be about to take it back. */
const MAKING_MS = 60_000;

/** @param now ms since the epoch, of the moment in which it is being stored. */
export function definitionOf(input: z.infer<typeof funnelInput>, now: number): FunnelDefinition {
  const effective_from = now + EFFECTIVE_AFTER_MS;
  return { ...input, key: `${input.id}.${effective_from.toString(36)}`, effective_from };
}

/**
 * Defines a funnel.
 * @throws FootfallError `funnel_exists` and `too_many_funnels` 409; `redis_unavailable` 503 when the shards took too
 *   long, or ioredis' error: it is not defined then; what {@link SiteRegister.change} throws.
 */
export async function defineFunnel(
  site: string,
  input: z.infer<typeof funnelInput>,
  context: FunnelContext,
): Promise<FunnelDefinition> {
  const stored = await context.funnels.of(site);
  const definition = await context.register.change((sites) => {
    const known = sites.get(site)!;
    const existing = known.funnels ?? stored;
    if (existing.some(({ id }) => id === input.id)) {
      throw new FootfallError('funnel_exists', 409, 'The site has a funnel of this id: remove it first.');
    }
    if (existing.length >= MAX_FUNNELS) {
      throw new FootfallError('too_many_funnels', 409, `A site has at most ${MAX_FUNNELS} funnels.`, {
        details: { limit: MAX_FUNNELS },
      });
    }
    const result = definitionOf(input, Date.now());
    return { changed: [{ ...known, funnels: [...existing, result] }], result };
  });
  try {
    await spread(site, [definition], context.funnels);
  } catch (error) {
    await takeBack(site, [definition], context);
    throw error;
  }
  return definition;
}

/**
 * Stores in all shards what the topic has already.
 * @throws FootfallError `redis_unavailable` 503 when events that they count may have come meanwhile; ioredis' error.
 */
export async function spread(
  site: string,
  definitions: readonly FunnelDefinition[],
  funnels: FunnelStore,
): Promise<void> {
  if (definitions.length === 0) return;
  await funnels.define(site, definitions);
  if (Date.now() < Math.min(...definitions.map(({ effective_from }) => effective_from))) return;
  const message = 'Redis took too long: some events might have been counted without the funnel.';
  throw new FootfallError('redis_unavailable', 503, message, { retryAfter: 2, expose: true });
}

/** Takes back what {@link spread} could not store. @throws what {@link SiteRegister.change} throws. */
export async function takeBack(
  site: string,
  definitions: readonly FunnelDefinition[],
  { register, funnels }: FunnelContext,
): Promise<void> {
  const theirs = new Set(definitions.map(({ key }) => key));
  await register.change((sites) => {
    const known = sites.get(site)!;
    const kept = known.funnels?.filter(({ key }) => !theirs.has(key));
    return { changed: [{ ...known, funnels: kept }], result: undefined };
  });
  // What can't be reached now the next sweep finds.
  await funnels
    .remove(
      site,
      definitions.map(({ id }) => id),
    )
    .catch(() => {});
}

/**
 * Removes a funnel; its numbers can't be asked for any more.
 * @throws FootfallError `unknown_funnel` 404; ioredis' error when it is removed but some shard could not be told: the
 *   next sweep will, or the same again.
 */
export async function removeFunnel(site: string, id: string, context: FunnelContext): Promise<void> {
  const stored = await context.funnels.of(site);
  const isOfId = (one: FunnelDefinition) => one.id === id;
  await context.register.change((sites) => {
    const known = sites.get(site)!;
    const existing = known.funnels ?? stored;
    if (!existing.some(isOfId)) {
      if (!stored.some(isOfId)) throw unknownFunnel();
      return { changed: [], result: undefined };
    }
    const funnels = existing.filter((one) => !isOfId(one));
    return { changed: [{ ...known, funnels }], result: undefined };
  });
  await context.funnels.remove(site, [id]);
}

/**
 * Puts the definitions of a shard that has lost writes right, before anything is folded there.
 * @throws FootfallError `sites_unavailable` 503; ioredis' error.
 */
export async function restoreFunnels(
  partition: number,
  funnels: FunnelStore,
  sites: Pick<SiteSource, 'complete'>,
): Promise<void> {
  // The shard first: what it has and the topic has not is then removed, and not just being made.
  const shard = await funnels.read(partition);
  await funnels.put(partition, differences(shard, await sites.complete()));
}

/**
 * Puts the definitions of all shards right. One that a shard has counted events without, since whoever made it was
 * ended in between, is made anew: it counts from now on, as nobody was told that it did before.
 * @returns how many definitions of shards were wrong.
 * @throws FootfallError `sites_unavailable` and `sites_busy` 503; ioredis' error.
 */
export async function mendFunnels(
  context: FunnelContext & { sites: Pick<SiteSource, 'complete'> },
  now = Date.now(),
): Promise<number> {
  // The shards first, as above.
  const shards = await context.funnels.readAll();
  const sites = await context.sites.complete();
  await adopt(shards[0]!, sites, context);
  let wrong = 0;
  const late = new Map<string, Set<string>>();
  for (const shard of shards) {
    const changes = differences(shard, sites).filter(({ site, wanted }) => {
      if (!wanted) return true;
      if (wanted.effective_from > now - MAKING_MS) return false;
      if (shard.timestamp < wanted.effective_from) return true;
      getOrMake(late, site, () => new Set()).add(wanted.key);
      return false;
    });
    wrong += await context.funnels.put(shard.partition, changes);
  }
  for (const [site, theirs] of late) {
    const definitions = await context.register.change((known) => {
      const fresh = known.get(site)!;
      const anew = (one: FunnelDefinition) => (theirs.has(one.key) ? definitionOf(one, Date.now()) : one);
      const funnels = fresh.funnels?.map(anew);
      return {
        changed: [{ ...fresh, funnels }],
        result: funnels?.filter((one, i) => one !== fresh.funnels![i]) ?? [],
      };
    });
    logger.warn('Funnels that were not defined to the end are made anew', {
      site,
      funnels: definitions.map(({ id }) => id),
    });
    await spread(site, definitions, context.funnels);
    wrong += definitions.length;
  }
  return wrong;
}

/** Stores with its site what only Redis has: it was defined when funnels were there alone. */
async function adopt(shard: ShardFunnels, sites: Sites, { register }: FunnelContext): Promise<void> {
  const theirs = new Map<string, FunnelDefinition[]>();
  for (const [field, json] of Object.entries(shard.definitions)) {
    const site = siteOfField(field);
    if (sites.get(site)?.funnels === undefined) {
      getOrMake(theirs, site, () => []).push(JSON.parse(json) as FunnelDefinition);
    }
  }
  if (theirs.size === 0) return;
  await register.change((known) => {
    const changed: Site[] = [];
    for (const [id, funnels] of theirs) {
      const site = known.get(id);
      if (site && site.funnels === undefined) changed.push({ ...site, funnels });
    }
    return { changed, result: undefined };
  });
}

const siteOfField = (field: string) => field.slice(0, field.indexOf(':'));

/**
 * What is wrong in a shard. Of a site whose record says nothing of funnels (an older program wrote it) or that is not
 * known, nothing is.
 */
function differences({ definitions }: ShardFunnels, sites: Sites): FunnelChange[] {
  const changes: FunnelChange[] = [];
  const wanted = new Set<string>();
  for (const { id: site, funnels = [] } of sites.all()) {
    for (const definition of funnels) {
      const field = `${site}:${definition.id}`;
      wanted.add(field);
      const found = definitions[field];
      if (found !== undefined && (JSON.parse(found) as FunnelDefinition).key === definition.key) continue;
      changes.push({ site, id: definition.id, found, wanted: definition });
    }
  }
  for (const [field, found] of Object.entries(definitions)) {
    const site = siteOfField(field);
    if (wanted.has(field) || sites.get(site)?.funnels === undefined) continue;
    changes.push({ site, id: field.slice(site.length + 1), found, wanted: undefined });
  }
  return changes;
}
