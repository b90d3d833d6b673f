import type { z } from 'zod';
import type { FunnelDefinition } from '../aggregation/funnel-definition.ts';
import { FootfallError } from '../errors.ts';
import type { FunnelStore } from '../store/funnels.ts';
import type { funnelInput } from './funnels.ts';

/**
 * From then on (ms after it was asked for) events are counted: all shards have the definition by then, so each of
 * them counts the same events, and does so again in a replay.
 */
const EFFECTIVE_AFTER_MS = 2_000;

/**
 * Stores a funnel in all shards, instead of one of the same id.
 * @throws FootfallError `redis_unavailable` 503 when that took too long, else ioredis' error; it is in none then.
 */
export async function defineFunnel(
  site: string,
  input: z.infer<typeof funnelInput>,
  funnels: FunnelStore,
): Promise<FunnelDefinition> {
  const effective_from = Date.now() + EFFECTIVE_AFTER_MS;
  const definition = { ...input, key: `${input.id}.${effective_from.toString(36)}`, effective_from };
  await funnels.define(site, definition);
  if (Date.now() >= effective_from) {
    await funnels.remove(site, input.id);
    const message = 'Redis took too long: some events might have been counted without the funnel.';
    throw new FootfallError('redis_unavailable', 503, message, { retryAfter: 2, expose: true });
  }
  return definition;
}
