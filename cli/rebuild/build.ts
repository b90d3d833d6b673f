import { setTimeout as sleep } from 'node:timers/promises';
import {
  currentGeneration,
  declaredCurrent,
  type Generation,
  type Generations,
  type ListedGeneration,
  pointerOf,
  withNewGeneration,
  withState,
} from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import type { PartitionOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { counted, progressLine, rate } from '../../shared/platform/progress-line.ts';
import { earlierCountedGeneration, hasCounted } from '../../shared/shard/assert-topic.ts';
import { knownGenerations, type RebuildContext } from './context.ts';
import type { Filling } from './fill.ts';

const POLL_MS = 100;
/** A generation is near the log's end once it has all that had come this long ago, ms. Aggregate is not nearer. */
const NEAR_MS = 2_000;

/** The generation that answers come from now, and the one that is to replace it. */
export interface Pair {
  live: Generation;
  next: ListedGeneration;
}

/** A topic, other than the configured one, with another number of partitions. */
export interface Target {
  topic: string;
  partitions: number;
}

const isUnderWay = ({ state }: ListedGeneration) => state === 'building' || state === 'ready';

/** The generation that is being built for a topic; undefined when there is none. */
export const underWay = (known: Generations, topic: string): ListedGeneration | undefined =>
  known.generations.find((one) => one.topic === topic && one.format === STATE_FORMAT && isUnderWay(one));

/**
 * Begins a generation, or finds the one that was begun.
 * @param target a topic to repartition into; without it, the configured topic.
 * @throws FootfallError `wrong_partitions` 500; `sites_unavailable` and `sites_busy` 503.
 */
export async function begin(context: RebuildContext, target?: Target): Promise<Pair> {
  const { kafka } = context.config;
  const { topic, partitions } = target ?? { topic: kafka.eventsTopic, partitions: kafka.partitions };
  const live = await liveGeneration(context, await knownGenerations(context));
  // A program with a new state format has a first generation, which it would begin by itself.
  const isFirst = target === undefined && live.format !== STATE_FORMAT;
  const next = await context.writer.changeGenerations((known) => {
    // After the switch to another topic, the command goes on with that.
    const begun = underWay(known, topic) ?? (target && declaredCurrent(known, topic));
    if (begun) return { generations: known, result: begun };
    const { known: generations, made } = withNewGeneration(known, {
      topic,
      partitions,
      now: Date.now(),
      isFirst,
    });
    return { generations, result: made };
  });
  if (next.partitions !== partitions) {
    const message = `Generation ${next.id} of ${topic} was begun for ${next.partitions} partitions. Free it first.`;
    throw new FootfallError('wrong_partitions', 500, message);
  }
  return { live, next };
}

/**
 * Finds the generation that this installation answers from. That is this program's own, or, until this program is
 * deployed, the one of a program with an earlier state format.
 */
export async function liveGeneration(
  { config, redis }: RebuildContext,
  known: Generations,
): Promise<Generation> {
  const own = currentGeneration(known, config.kafka);
  if (pointerOf(known, own.topic)) return own;
  // A generation that is being built has heads, too.
  const isOwnMade = known.generations.some((one) => one.id === own.id && isUnderWay(one));
  if (!isOwnMade && (await hasCounted(redis, own))) return own;
  return (await earlierCountedGeneration(redis, known, config.kafka)) ?? own;
}

/**
 * Fills a generation until it is near the end of its topic, and shows the progress. The filling goes on afterwards.
 * @returns false when it was interrupted.
 */
export async function buildUp(context: RebuildContext, filling: Filling): Promise<boolean> {
  const { generation } = filling;
  const began = performance.now();
  await filling.follow();
  const total = (await filling.ends()).reduce((sum, { low, high }) => sum + high - low, 0);
  const bar = progressLine(`Generation ${generation.id}`, total, context.log);
  try {
    const seconds = () => (performance.now() - began) / 1_000;
    const speed = () => rate(filling.applied(), seconds());
    const isNear = await comeNear(context.signal, filling, async (ends) => {
      filling.check();
      const { done, missing } = await progressOf(context, filling, ends);
      const perSecond = filling.applied() / Math.max(seconds(), 0.001);
      const eta = perSecond > 0 ? `, ${Math.ceil(missing / perSecond)} s left` : '';
      bar.update(done, `${speed()}${eta}`);
      return missing;
    });
    if (isNear) {
      const applied = counted(filling.applied(), 'record');
      context.log(`Generation ${generation.id}: ${applied} in ${seconds().toFixed(1)} s, ${speed()}.`);
    }
    return isNear;
  } finally {
    bar.stop();
  }
}

/**
 * Waits until nothing is missing of what a topic had two seconds ago.
 * @param missing counts what is missing before these ends, in offsets.
 * @returns false when it was interrupted.
 */
export async function comeNear(
  signal: AbortSignal,
  topic: { ends(): Promise<PartitionOffsets[]> },
  missing: (ends: readonly PartitionOffsets[]) => Promise<number>,
): Promise<boolean> {
  let goal = { at: Date.now(), ends: await topic.ends() };
  for (; !signal.aborted; await sleep(POLL_MS)) {
    if ((await missing(goal.ends)) > 0) continue;
    if (Date.now() - goal.at <= NEAR_MS) return true;
    goal = { at: Date.now(), ends: await topic.ends() };
  }
  return false;
}

/** How many offsets before these ends are applied, of those that Kafka still has, and how many are not. */
async function progressOf(
  context: RebuildContext,
  filling: Filling,
  ends: readonly PartitionOffsets[],
): Promise<{ done: number; missing: number }> {
  const heads = await context.reader(filling.generation).heads();
  let done = 0;
  let missing = 0;
  for (const { partition, low, high } of ends) {
    const next = heads[partition]?.next ?? 0;
    done += Math.max(0, Math.min(next, high) - low);
    if (next >= high) continue;
    missing += high - Math.max(next, low);
    // The records were applied here, but the head is behind them: Redis has lost them.
    if (filling.position(partition) >= high) await filling.refill(partition, high);
  }
  return { done, missing };
}

/** Publishes the new state of a generation. */
export const noteState = (
  { writer }: RebuildContext,
  one: ListedGeneration,
  state: ListedGeneration['state'],
): Promise<void> =>
  writer.changeGenerations((known) => ({ generations: withState(known, one, state), result: undefined }));
