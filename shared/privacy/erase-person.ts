import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { erasureEvent } from '../event/erasure.ts';
import type { FootfallEvent } from '../event/event.ts';
import type { PerGeneration } from '../generations/generation.ts';
import { kafkaUnavailable } from '../platform/http/outage-errors.ts';
import { isKafkaOutage } from '../platform/kafka/outage.ts';
import { readIds } from '../questions/person.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import type { SiteSource } from '../sites/source.ts';
import { readReceipt, type receiptSchema } from './receipt.ts';
import type { Receipts } from './receipts-store.ts';

/** Dependencies of {@link erasePerson}. */
export interface EraseContext {
  sites: SiteSource;
  stores: Pick<PerGeneration<{ store: StoreReader; receipts: Receipts }>, 'current'>;
  /** Resolves when all in-sync replicas have the records. */
  publish(events: FootfallEvent[]): Promise<void>;
  /** How long to wait for the erasure, ms. */
  waitMs: number;
}

const POLL_MS = 100;

/**
 * Erases a person under all their ids in all shards, and waits a moment for it. Works for unknown people too:
 * it also covers their events that are still in the log.
 * @throws FootfallError `kafka_unavailable` and `overloaded` 503: nothing or only part of the erasure was
 *   published; send it again. RedisUnavailable.
 */
export async function erasePerson(
  site: Site,
  user: string,
  { stores, publish, waitMs }: Omit<EraseContext, 'sites'>,
): Promise<z.infer<typeof receiptSchema>> {
  // Before reading the ids: a visitor who identifies as this person from now on counts as a new person.
  const at = Date.now();
  const { store, receipts } = await stores.current();
  const ids = await readIds(store, site, user);
  const receipt = randomUUID();
  const erases = { receipt, of: ids.length };
  try {
    await publish(ids.map((id) => erasureEvent({ site: site.id, user: id, at, erases })));
  } catch (cause) {
    if (!isKafkaOutage(cause)) throw cause;
    throw kafkaUnavailable(
      'Kafka does not answer, so the erasure was not stored completely. Send the request again.',
      cause,
    );
  }
  await receipts.begin(site, { receipt, user, at, of: ids.length });
  const until = Date.now() + waitMs;
  for (;;) {
    const found = await readReceipt(receipts, site, receipt);
    if (found.status === 'done' || Date.now() >= until) return found;
    await sleep(POLL_MS);
  }
}
