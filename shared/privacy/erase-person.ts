import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { erasureEvent } from '../event/erasure.ts';
import type { FootfallEvent } from '../event/event.ts';
import type { PerGeneration } from '../generations/generation.ts';
import { kafkaUnavailable } from '../platform/http/outage.ts';
import { readIds } from '../questions/person.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import type { SiteSource } from '../sites/source.ts';
import { readReceipt, type receiptSchema } from './receipt.ts';
import type { Receipts } from './receipts-store.ts';

/** What erasing needs of the world outside. */
export interface EraseContext {
  sites: SiteSource;
  stores: Pick<PerGeneration<{ store: StoreReader; receipts: Receipts }>, 'current'>;
  /** Resolves when all in-sync replicas have the records. */
  publish(events: FootfallEvent[]): Promise<void>;
  /** How long an erasure is waited for, ms. */
  waitMs: number;
}

const POLL_MS = 100;

/**
 * Has all shards forget a person under all of their ids, and waits a moment for it. Whether anything is known of them
 * or not: what is still in the log will come to nothing, too.
 * @throws FootfallError `kafka_unavailable` 503: nothing, or not all of it, is under way. What Redis threw.
 */
export async function erasePerson(
  site: Site,
  user: string,
  { stores, publish, waitMs }: Omit<EraseContext, 'sites'>,
): Promise<z.infer<typeof receiptSchema>> {
  // Before the ids are read: who becomes this person from now on says so later, and is then a new one.
  const at = Date.now();
  const { store, receipts } = await stores.current();
  const ids = await readIds(store, site, user);
  const receipt = randomUUID();
  const erases = { receipt, of: ids.length };
  try {
    await publish(ids.map((id) => erasureEvent({ site: site.id, user: id, at, erases })));
  } catch (cause) {
    throw kafkaUnavailable('The erasure could not be stored now. Ask for it again.', cause);
  }
  await receipts.begin(site, { receipt, user, at, of: ids.length });
  const until = Date.now() + waitMs;
  for (;;) {
    const found = await readReceipt(receipts, site, receipt);
    if (found.status === 'done' || Date.now() >= until) return found;
    await sleep(POLL_MS);
  }
}
