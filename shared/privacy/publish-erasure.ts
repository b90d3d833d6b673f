import { erasureEvent } from '../event/erasure.ts';
import type { FootfallEvent } from '../event/event.ts';
import { eachIdBeside } from '../questions/person.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import type { OpenErasure, OpenErasures } from './open-erasures.ts';
import type { Receipts } from './receipts-store.ts';

/** Ids whose states are read at once; a state may have some 500 kB. */
const LOOK_AT = 50;
/** Records that are published at once. */
const PUBLISH = 1_000;

/** What publishing an erasure needs. */
export interface PublishContext {
  store: StoreReader;
  receipts: Receipts;
  open: OpenErasures;
  /** Resolves when all in-sync replicas have the records. */
  publish(events: FootfallEvent[]): Promise<void>;
}

/**
 * Looks for all ids of a person, then publishes the records that erase them, page by page. Repeating a page changes
 * nothing: a repeated record erases nothing more.
 * @param until when to stop, ms of performance.now(); at least one page is done
 * @returns whether everything is published; otherwise the next call goes on.
 * @throws what `publish` or Redis threw; what is done stays done.
 */
export async function publishErasure(
  site: Site,
  erasure: OpenErasure,
  { store, receipts, open, publish }: PublishContext,
  until: number,
): Promise<boolean> {
  const { receipt, user, at } = erasure;
  let { of } = erasure;
  while (of === undefined) {
    const some = await open.todo(receipt, LOOK_AT);
    if (some.length === 0) {
      of = (await open.complete(erasure)).of;
      break;
    }
    for await (const ids of eachIdBeside(store, site, some)) await open.found(receipt, ids);
    await open.looked(receipt, some);
    if (performance.now() >= until) {
      // At least these ids: the receipt can be read, and is pending.
      await receipts.begin(site, { receipt, user, at, of: 1 });
      return false;
    }
  }
  for (let isFirst = true; ; isFirst = false) {
    const ids = await open.ids(receipt, PUBLISH);
    if (ids.length === 0) break;
    await publish(ids.map((id) => erasureEvent({ site: site.id, user: id, at, erases: { receipt, of } })));
    await open.published(receipt, ids);
    if (isFirst) await receipts.begin(site, { receipt, user, at, of });
    if (performance.now() >= until && ids.length === PUBLISH) return false;
  }
  await open.end(receipt);
  return true;
}

/**
 * Goes on with erasures that a run has left.
 * @param options.sites those that exist
 * @param options.until when to stop, ms of performance.now()
 * @param options.idleMs leaves erasures alone that were requested less than this ago: their request is at work
 * @returns how many were finished
 */
export async function continueErasures(
  context: PublishContext,
  { sites, until, idleMs }: { sites: readonly Site[]; until: number; idleMs: number },
): Promise<number> {
  let finished = 0;
  for (const erasure of await context.open.list(Date.now())) {
    if (erasure.at + idleMs > Date.now()) continue;
    const site = sites.find(({ id }) => id === erasure.site);
    if (!site) await context.open.end(erasure.receipt);
    else if (await publishErasure(site, erasure, context, until)) finished++;
    if (performance.now() >= until) break;
  }
  return finished;
}
