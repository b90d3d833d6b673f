import { setTimeout as sleep } from 'node:timers/promises';
import { carryCarts } from '../../shared/carts/transfer.ts';
import { erasureEvent } from '../../shared/event/erasure.ts';
import {
  type EventsTopic,
  earlierGenerations,
  findGeneration,
  type Generation,
  type Generations,
  haveSamePrograms,
  type ListedGeneration,
  pointerOf,
  switched,
  withoutGeneration,
  withState,
} from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import type { Config } from '../../shared/platform/config.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { counted, progressLine } from '../../shared/platform/progress.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { removeKeys } from '../../shared/platform/redis/scan.ts';
import { carryErasures, lackingErasures, type Revived } from '../../shared/privacy/transfer.ts';
import type { Filling } from './fill.ts';
import { kafkaOf, knownGenerations, type Tools } from './tools.ts';

/** Processes have heard of a switch after ten seconds (SiteDirectory); the clocks of machines differ by less than the rest. */
const HEARD_MS = 15_000;
/** How often it is looked whether a generation moves on. */
const WATCHING_MS = 200;

/**
 * Makes a generation the current one: one record, so nobody reads a part of each. Whoever has not heard of it yet goes on
 * with the other one, which is as right. Meanwhile this fills the new one, so that nobody finds it behind.
 * @param filling of it, which goes on.
 * @param from the one that it takes over from.
 * @param heardMs how long that takes; 0 for one whose programs are still to be deployed.
 * @param caughtUp waits until it has all that the other one has by now; false when that was interrupted.
 * @returns false when it was interrupted, and nothing is switched.
 */
export async function switchTo(
  tools: Tools,
  filling: Filling,
  {
    from,
    heardMs = haveSamePrograms(from, filling.generation) ? HEARD_MS : 0,
    caughtUp = () => filling.caughtUp(tools.signal),
  }: { from: Generation; heardMs?: number; caughtUp?: () => Promise<boolean> },
): Promise<boolean> {
  const { register, redis, signal } = tools;
  const to = filling.generation;
  await filling.follow();
  if (!(await carry(tools, filling, { from, caughtUp }))) return false;
  await register.changeGenerations((known) => ({
    generations: switched(known, { from, to, now: Date.now() }),
    result: undefined,
  }));
  tools.log(
    haveSamePrograms(from, to)
      ? `Generation ${to.id} is current for ${to.topic}; ${from.id} stays, for npm run rebuild -- undo.`
      : `Generation ${to.id} is for the programs that are still to be deployed; ${from.id} stays, for those that run.`,
  );
  const until = Date.now() + heardMs;
  while (Date.now() < until && !signal.aborted) {
    filling.check();
    await sleep(200);
  }
  // What sweeps that had not heard of it have signalled.
  await carryCarts(redis, { from, to, sites: await siteIds(tools) });
  return true;
}

const siteIds = async ({ directory }: Tools) => (await directory.current()).all().map(({ id }) => id);

/** What is in no log, and what is in it no longer. */
async function carry(
  tools: Tools,
  filling: Filling,
  { from, caughtUp }: { from: Generation; caughtUp: () => Promise<boolean> },
): Promise<boolean> {
  const { config, redis, log } = tools;
  const to = filling.generation;
  const sites = await siteIds(tools);
  const carts = await carryCarts(redis, { from, to, sites });
  const lacking = await lackingErasures(redis, { from, to, sites });
  let receipts = 0;
  if (lacking.tombstones.length + lacking.receipts.length > 0) {
    // What it is only behind with has to come out of the log, or what was before it would be taken for what came after.
    if (!(await caughtUp())) return false;
    const carried = await carryErasures(redis, { from, to, lacking });
    receipts = carried.receipts;
    if (carried.revived.length > 0) {
      await eraseAgain(kafkaOf(config, to), carried.revived);
      if (!(await caughtUp())) return false;
      log(`Erased once more, since Kafka has kept what they did: ${counted(carried.revived.length, 'id')}.`);
    }
  }
  if (carts + receipts > 0) {
    log(`Carried over: ${counted(carts, 'signalled cart')}, ${counted(receipts, 'receipt')} of erasures.`);
  }
  return true;
}

/** As records, so that it comes again whenever Redis is filled anew. A generation that has erased them does nothing. */
async function eraseAgain(kafka: Config['kafka'], revived: readonly Revived[]): Promise<void> {
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

/** The current generation of the configured topic and the one before, which undo goes back to. */
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
      'There is no generation to go back to: it was freed, or never was.',
    );
  }
  if (before.topic !== topic || before.format !== STATE_FORMAT) {
    const message = `Generation ${before.id} is of other programs: deploy those again, and they will go on with it.`;
    throw new FootfallError('nothing_to_undo', 409, message);
  }
  return { live, before };
}

/** The one that the programs of this configuration read and write. */
const ownId = (known: Generations, { eventsTopic }: EventsTopic) =>
  pointerOf(known, eventsTopic)?.id ?? String(STATE_FORMAT);

/**
 * Those whose keys nobody needs: of this format and topic all but the current one and one that is being made. Whether
 * programs of another format or topic still run, nobody here can know: theirs have to be named.
 */
export function freeable(known: Generations, ids: readonly string[], place: EventsTopic): ListedGeneration[] {
  const own = ownId(known, place);
  if (ids.length === 0) {
    return known.generations.filter(
      (one) =>
        one.state === 'freeing' ||
        (one.id !== own && one.state === 'old' && haveSamePrograms(one, here(place))),
    );
  }
  return ids.map((id) => {
    const earlier = earlierGenerations(known, place).find((one) => one.id === id);
    const found = findGeneration(known, id) ?? (earlier && { ...earlier, state: 'old' as const });
    if (!found) throw new FootfallError('unknown_generation', 404, `There is no generation ${id} to free.`);
    if (id === own) throw new FootfallError('current_generation', 409, `Generation ${id} is current.`);
    return found;
  });
}

const here = ({ eventsTopic }: EventsTopic) => ({ format: STATE_FORMAT, topic: eventsTopic });

/**
 * Of another format or topic, one that comes as far as its topic went, or that moves on, may be what programs that still
 * run answer from.
 * @throws FootfallError `generation_in_use` 409.
 */
async function checkUnused(tools: Tools, one: ListedGeneration, watchMs: number): Promise<void> {
  if (haveSamePrograms(one, here(tools.config.kafka)) || one.state === 'freeing') return;
  const offsets = new TopicOffsets(kafkaOf(tools.config, one));
  const ends = await offsets.fetch().finally(() => offsets.close());
  const nexts = async () => (await tools.reader(one).heads()).map(({ next }) => next);
  const first = await nexts();
  const isBehind = (now: number[]) => ends.some(({ partition, high }) => now[partition]! < high);
  let now = first;
  for (
    const until = Date.now() + watchMs;
    isBehind(now) && now.join() === first.join();
    now = await nexts()
  ) {
    if (Date.now() > until) return;
    await sleep(WATCHING_MS);
  }
  const message = `Generation ${one.id} keeps up with ${one.topic}, so programs may be running that answer from it. When none are, free it with --force.`;
  throw new FootfallError('generation_in_use', 409, message);
}

/**
 * Removes all keys of a generation, in small steps. It may be ended anywhere, and begun again.
 * @param options.force although programs of another format or topic may still read it.
 * @param options.watchMs for so long it is looked whether they do.
 * @returns false when it was interrupted.
 * @throws FootfallError `current_generation`, `generation_in_use` 409.
 */
export async function free(
  tools: Tools,
  one: ListedGeneration,
  { force = false, watchMs = HEARD_MS } = {},
): Promise<boolean> {
  const { config, register, redis, signal, log } = tools;
  if (!force) await checkUnused(tools, one, watchMs);
  const known = await register.changeGenerations((before) => {
    if (one.id === ownId(before, config.kafka))
      throw new FootfallError('current_generation', 409, `Generation ${one.id} is current.`);
    const generations = withState(before, one, 'freeing');
    return { generations, result: generations };
  });
  // Who has not heard of the switch would begin to fill it again.
  const since = Object.values(known.current)
    .filter(({ previous }) => previous === one.id)
    .map((pointer) => pointer.since);
  await sleep(Math.max(0, Math.max(0, ...since) + HEARD_MS - Date.now()));
  const bar = progressLine(`Generation ${one.id}`, undefined, log);
  const removed = await removeKeys(redis, keysOf(one.id).prefix, {
    onRemoved: (count) => bar.update(count, counted(count, 'key')),
    signal,
  }).finally(() => bar.stop());
  if (signal.aborted) return false;
  await register.changeGenerations((before) => ({
    generations: withoutGeneration(before, one.id),
    result: undefined,
  }));
  log(`Generation ${one.id}: ${counted(removed, 'key')} removed.`);
  return true;
}

/** What there is, for people. */
export async function statusLines(tools: Tools): Promise<string[]> {
  const known = await knownGenerations(tools);
  if (known.generations.length === 0) return ['Nothing was ever rebuilt here.'];
  const current = new Map(Object.entries(known.current).map(([place, { id }]) => [id, place]));
  const lines = ['generation  state     topic                partitions  begun'];
  for (const { id, state, topic, partitions, started } of known.generations) {
    const begun = started === 0 ? 'with the installation' : new Date(started).toISOString();
    const where = current.has(id) ? '  (current)' : '';
    lines.push(
      `${id.padEnd(11)} ${state.padEnd(9)} ${topic.padEnd(20)} ${String(partitions).padStart(10)}  ${begun}${where}`,
    );
  }
  return lines;
}
