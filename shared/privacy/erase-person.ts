import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import type { FootfallEvent } from '../event/event.ts';
import type { PerGeneration } from '../generations/generation.ts';
import { kafkaUnavailable } from '../platform/http/outage-errors.ts';
import { isKafkaOutage } from '../platform/kafka/outage.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import type { SiteSource } from '../sites/source.ts';
import type { OpenErasures } from './open-erasures.ts';
import { publishErasure } from './publish-erasure.ts';
import { readReceipt, type receiptSchema } from './receipt.ts';
import type { Receipts } from './receipts-store.ts';

/** Dependencies of {@link erasePerson}. */
export interface EraseContext {
  sites: SiteSource;
  stores: Pick<PerGeneration<{ store: StoreReader; receipts: Receipts; open: OpenErasures }>, 'current'>;
  /** Resolves when all in-sync replicas have the records. */
  publish(events: FootfallEvent[]): Promise<void>;
  /** How long a request looks for ids and publishes, ms; 8 s when absent. The sweep does the rest. */
  publishMs?: number;
  /** How long to wait for the erasure after that, ms. */
  waitMs: number;
}

const POLL_MS = 100;
/** With the wait for the erasure well below the function's timeout. */
const PUBLISH_MS = 8_000;

/**
 * Erases a person under all their ids in all shards, and waits a moment for it. Works for unknown people too: it also
 * covers their events that are still in the log. Where there are more ids than one request has time for, the sweep goes
 * on (continueErasures in publish-erasure.ts).
 * @throws FootfallError `kafka_unavailable` and `overloaded` 503: nothing or only part of the erasure was
 *   published; send it again. RedisUnavailable.
 */
export async function erasePerson(
  site: Site,
  user: string,
  { stores, publish, publishMs = PUBLISH_MS, waitMs }: Omit<EraseContext, 'sites'>,
): Promise<z.infer<typeof receiptSchema>> {
  // Before reading the ids: a visitor who identifies as this person from now on counts as a new person.
  const at = Date.now();
  const publishUntil = performance.now() + publishMs;
  const { store, receipts, open } = await stores.current();
  const receipt = randomUUID();
  const erasure = { site: site.id, receipt, user, at };
  await open.begin(erasure);
  try {
    await publishErasure(site, erasure, { store, receipts, open, publish }, publishUntil);
  } catch (cause) {
    // The client sends it again.
    await open.end(receipt);
    if (!isKafkaOutage(cause)) throw cause;
    throw kafkaUnavailable(
      'Kafka does not answer, so the erasure was not stored completely. Send the request again.',
      cause,
    );
  }
  const until = performance.now() + waitMs;
  for (;;) {
    const found = await readReceipt(receipts, site, receipt);
    if (found.status === 'done' || performance.now() >= until) return found;
    await sleep(POLL_MS);
  }
}
