import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EventsTopic,
  earlierGenerations,
  findGeneration,
  type Generations,
  haveSamePrograms,
  type ListedGeneration,
  pointerOf,
  withoutGeneration,
  withState,
} from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { counted, progressLine } from '../../shared/platform/progress-line.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';
import { removeKeys } from '../../shared/platform/redis/scan.ts';
import { kafkaOf, type RebuildContext } from './context.ts';
import { HEARD_MS } from './switch.ts';

const POLL_MS = 200;

/** The generation that programs of this configuration read and write. */
const ownId = (known: Generations, { eventsTopic }: EventsTopic) =>
  pointerOf(known, eventsTopic)?.id ?? String(STATE_FORMAT);

/**
 * Finds the generations to remove. Of this state format and topic, these are all but the current one and one that is
 * being built. Programs of another format or topic may still run, so their generations have to be named.
 * @param ids of generations; none for all of this format and topic that are no longer needed.
 * @throws FootfallError `unknown_generation` 404, `current_generation` 409.
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
 * Refuses a generation that programs of another format or topic may still answer from: its heads are at the end of the
 * topic, or they move.
 * @param watchMs how long to look whether they move, ms.
 * @throws FootfallError `generation_in_use` 409.
 */
async function checkUnused(context: RebuildContext, one: ListedGeneration, watchMs: number): Promise<void> {
  if (haveSamePrograms(one, here(context.config.kafka)) || one.state === 'freeing') return;
  const offsets = new TopicOffsets(kafkaOf(context.config, one));
  const ends = await offsets.fetch().finally(() => offsets.close());
  const nexts = async () => (await context.reader(one).heads()).map(({ next }) => next);
  const first = await nexts();
  const isBehind = (now: number[]) => ends.some(({ partition, high }) => now[partition]! < high);
  let now = first;
  for (
    const until = Date.now() + watchMs;
    isBehind(now) && now.join() === first.join();
    now = await nexts()
  ) {
    if (Date.now() > until) return;
    await sleep(POLL_MS);
  }
  const message = `Generation ${one.id} keeps up with ${one.topic}, so a program may still answer from it. If none does, free it with --force.`;
  throw new FootfallError('generation_in_use', 409, message);
}

/**
 * Removes all keys of a generation in small steps. After a stop anywhere it can be called again.
 * @param options.force remove it although programs of another format or topic may still read it.
 * @param options.watchMs how long to look whether they do, ms.
 * @returns false when it was interrupted.
 * @throws FootfallError `current_generation`, `generation_in_use` 409.
 */
export async function free(
  context: RebuildContext,
  one: ListedGeneration,
  { force = false, watchMs = HEARD_MS } = {},
): Promise<boolean> {
  const { config, writer, redis, signal, log } = context;
  if (!force) await checkUnused(context, one, watchMs);
  const known = await writer.changeGenerations((before) => {
    if (one.id === ownId(before, config.kafka))
      throw new FootfallError('current_generation', 409, `Generation ${one.id} is current.`);
    const generations = withState(before, one, 'freeing');
    return { generations, result: generations };
  });
  // A process that has not heard of the switch would begin to fill it again.
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
  await writer.changeGenerations((before) => ({
    generations: withoutGeneration(before, one.id),
    result: undefined,
  }));
  log(`Generation ${one.id}: ${counted(removed, 'key')} removed.`);
  return true;
}
