import { setTimeout as sleep } from 'node:timers/promises';
import { STATE_FORMAT } from '../../shared/aggregation/user-state.ts';
import { FootfallError } from '../../shared/errors.ts';
import {
  findGeneration,
  type Generation,
  type Generations,
  type ListedGeneration,
  pointerOf,
  switched,
  without,
  withState,
} from '../../shared/generations/generation.ts';
import { counted, progressLine } from '../../shared/progress.ts';
import { carryCarts, carryErasures } from '../../shared/store/carry.ts';
import { keysOf } from '../../shared/store/keys.ts';
import { removeKeys } from '../../shared/store/scan.ts';
import type { Filling } from './fill.ts';
import { knownGenerations, type Tools } from './tools.ts';

/** Processes have heard of a switch after ten seconds (SiteDirectory); the clocks of machines differ by less than the rest. */
const HEARD_MS = 15_000;

/**
 * Makes a generation the current one: one record, so nobody reads a part of each. Whoever has not heard of it yet goes on
 * with the other one, which is as right. Meanwhile this fills the new one, so that nobody finds it behind.
 * @param filling of it, which goes on.
 * @param from the one that it takes over from.
 * @param heardMs how long that takes; 0 for one whose programs are still to be deployed.
 */
export async function switchTo(
  tools: Tools,
  filling: Filling,
  { from, heardMs = HEARD_MS }: { from: Generation; heardMs?: number },
): Promise<void> {
  const { register, redis, signal } = tools;
  const to = filling.generation;
  await filling.follow();
  await carry(tools, from, to);
  await register.changeGenerations((known) => ({
    generations: switched(known, { from, to, now: Date.now() }),
    result: undefined,
  }));
  tools.log(`Generation ${to.id} is current for ${to.topic}; ${from.id} stays, for npm run rebuild -- undo.`);
  const until = Date.now() + heardMs;
  while (Date.now() < until && !signal.aborted) {
    filling.check();
    await sleep(200);
  }
  // What sweeps that had not heard of it have signalled.
  await carryCarts(redis, { from, to, sites: await siteIds(tools) });
}

const siteIds = async ({ directory }: Tools) => (await directory.current()).all().map(({ id }) => id);

async function carry(tools: Tools, from: Generation, to: Generation): Promise<void> {
  const { redis, directory, log } = tools;
  const sites = (await directory.current()).all();
  const carts = await carryCarts(redis, { from, to, sites: sites.map(({ id }) => id) });
  const receipts = await carryErasures(redis, { from, to, sites });
  if (carts + receipts > 0) {
    log(`Carried over: ${counted(carts, 'signalled cart')}, ${counted(receipts, 'receipt')} of erasures.`);
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

/** Those whose keys nobody needs: neither current nor to be. */
export function freeable(known: Generations, ids: readonly string[]): ListedGeneration[] {
  const current = new Set(Object.values(known.current).map(({ id }) => id));
  if (ids.length === 0) {
    return known.generations.filter(
      ({ id, state }) => !current.has(id) && (state === 'old' || state === 'freeing'),
    );
  }
  return ids.map((id) => {
    const found = findGeneration(known, id);
    if (!found) throw new FootfallError('unknown_generation', 404, `There is no generation ${id} to free.`);
    if (current.has(id)) throw new FootfallError('current_generation', 409, `Generation ${id} is current.`);
    return found;
  });
}

/**
 * Removes all keys of a generation, in small steps. It may be ended anywhere, and begun again.
 * @returns false when it was interrupted.
 */
export async function free(tools: Tools, one: ListedGeneration): Promise<boolean> {
  const { register, redis, signal, log } = tools;
  const known = await register.changeGenerations((before) => {
    const pointer = Object.values(before.current).find(({ id }) => id === one.id);
    if (pointer) throw new FootfallError('current_generation', 409, `Generation ${one.id} is current.`);
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
  await register.changeGenerations((before) => ({ generations: without(before, one.id), result: undefined }));
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
