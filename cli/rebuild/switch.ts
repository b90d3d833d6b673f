import { setTimeout as sleep } from 'node:timers/promises';
import { transferCarts } from '../../shared/carts/transfer-carts.ts';
import { erasureEvent } from '../../shared/event/erasure.ts';
import {
  findGeneration,
  type Generation,
  type Generations,
  haveSamePrograms,
  type ListedGeneration,
  pointerOf,
  switched,
} from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import type { Config } from '../../shared/platform/config.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { counted } from '../../shared/platform/progress-line.ts';
import {
  findMissingErasures,
  type RevivedUser,
  transferErasures,
} from '../../shared/privacy/transfer-erasures.ts';
import { kafkaOf, type RebuildContext } from './context.ts';
import type { Filling } from './fill.ts';

/**
 * All processes have heard of a switch after this time, ms. They learn of it after ten seconds (SiteDirectory); the rest
 * is for clocks of machines that differ.
 */
export const HEARD_MS = 15_000;
const POLL_MS = 200;

/**
 * Makes a generation the current one with one record, so that no answer mixes the two. A process that has not heard of
 * it yet goes on with the other one, which is as right. Meanwhile this command keeps the new one up to date.
 * @param filling of the new generation; it goes on.
 * @param options.from the generation that it takes over from.
 * @param options.heardMs how long processes take to hear of it, ms; 0 when they are still to be deployed.
 * @param options.caughtUp waits until the new generation has all that the other one has now; false when interrupted.
 * @returns false when it was interrupted and nothing is switched.
 */
export async function switchTo(
  context: RebuildContext,
  filling: Filling,
  {
    from,
    heardMs = haveSamePrograms(from, filling.generation) ? HEARD_MS : 0,
    caughtUp = () => filling.caughtUp(context.signal),
  }: { from: Generation; heardMs?: number; caughtUp?: () => Promise<boolean> },
): Promise<boolean> {
  const { writer, redis, signal } = context;
  const to = filling.generation;
  await filling.follow();
  if (!(await carry(context, filling, { from, caughtUp }))) return false;
  await writer.changeGenerations((known) => ({
    generations: switched(known, { from, to, now: Date.now() }),
    result: undefined,
  }));
  context.log(
    haveSamePrograms(from, to)
      ? `Generation ${to.id} is current for ${to.topic}. Generation ${from.id} stays for npx footfall rebuild undo.`
      : `Generation ${to.id} is for the programs that are still to be deployed. Generation ${from.id} stays for those that run.`,
  );
  const until = Date.now() + heardMs;
  while (Date.now() < until && !signal.aborted) {
    filling.check();
    await sleep(POLL_MS);
  }
  // A sweep that had not heard of the switch may have signalled more carts.
  await transferCarts(redis, { from, to, sites: await siteIds(context) });
  return true;
}

const siteIds = async ({ directory }: RebuildContext) =>
  (await directory.current()).all().map(({ id }) => id);

/**
 * Carries over what the log does not have: signalled carts, and erasures of people whose records are gone from it.
 * @returns false when it was interrupted.
 */
async function carry(
  context: RebuildContext,
  filling: Filling,
  { from, caughtUp }: { from: Generation; caughtUp: () => Promise<boolean> },
): Promise<boolean> {
  const { config, redis, log } = context;
  const to = filling.generation;
  const sites = await siteIds(context);
  const carts = await transferCarts(redis, { from, to, sites });
  const lacking = await findMissingErasures(redis, { from, to, sites });
  let receipts = 0;
  if (lacking.tombstones.length + lacking.receipts.length > 0) {
    // Erasures that are still in the log have to be applied from it first: an erasure covers what came before it.
    if (!(await caughtUp())) return false;
    const carried = await transferErasures(redis, { from, to, lacking });
    receipts = carried.receipts;
    if (carried.revived.length > 0) {
      await eraseAgain(kafkaOf(config, to), carried.revived);
      if (!(await caughtUp())) return false;
      log(
        `Erased again, because Kafka has kept what they did: ${counted(carried.revived.length, 'person', 'persons')}.`,
      );
    }
  }
  if (carts + receipts > 0) {
    log(
      `Carried over: ${counted(carts, 'signalled cart')}, ${counted(receipts, 'receipt of an erasure', 'receipts of erasures')}.`,
    );
  }
  return true;
}

/** Sends erasures as records, so that a later refill of Redis applies them, too. Erasing twice changes nothing. */
async function eraseAgain(kafka: Config['kafka'], revived: readonly RevivedUser[]): Promise<void> {
  const producer = new EventProducer(kafka);
  try {
    await producer.sendEvents(
      revived.map(({ site, user, erased: { until, receipt } }) =>
        erasureEvent({ site, user, at: until, erases: { receipt } }),
      ),
    );
  } finally {
    await producer.close();
  }
}

/**
 * Finds the current generation of a topic and the one before, to go back to.
 * @throws FootfallError `nothing_to_undo` 409.
 */
export function pairToUndo(
  known: Generations,
  topic: string,
): { live: ListedGeneration; before: ListedGeneration } {
  const pointer = pointerOf(known, topic);
  const live = pointer && findGeneration(known, pointer.id);
  const before = pointer?.previous === undefined ? undefined : findGeneration(known, pointer.previous);
  if (!live || !before || before.state !== 'old') {
    throw new FootfallError(
      'nothing_to_undo',
      409,
      'There is no earlier generation to go back to, or it was freed.',
    );
  }
  if (before.topic !== topic || before.format !== STATE_FORMAT) {
    const message = `Generation ${before.id} belongs to another version of the programs. Deploy that version again: it goes on with it.`;
    throw new FootfallError('nothing_to_undo', 409, message);
  }
  return { live, before };
}
