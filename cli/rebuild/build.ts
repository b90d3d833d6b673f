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
import { counted, progressLine, rate } from '../../shared/platform/progress.ts';
import { earlierCountedGeneration, hasCounted } from '../../shared/shard/assert-topic.ts';
import type { Filling } from './fill.ts';
import { knownGenerations, type Tools } from './tools.ts';

const POLL_MS = 100;
/** All that had come so long ago is applied: so near to the log's end aggregate is, too. */
const NEAR_MS = 2_000;

/** What is being answered from now, and what is to be instead. */
export interface Pair {
  live: Generation;
  next: ListedGeneration;
}

/** Another topic than the configured one, for another number of partitions. */
export interface Target {
  topic: string;
  partitions: number;
}

const isUnderWay = ({ state }: ListedGeneration) => state === 'building' || state === 'ready';

/** The generation that is being built for a topic, if there is one. */
export const underWay = (known: Generations, topic: string): ListedGeneration | undefined =>
  known.generations.find((one) => one.topic === topic && one.format === STATE_FORMAT && isUnderWay(one));

/**
 * Begins a generation, or finds the one that was begun.
 * @throws FootfallError `wrong_partitions` 500; `sites_unavailable` and `sites_busy` 503.
 */
export async function begin(tools: Tools, target?: Target): Promise<Pair> {
  const { kafka } = tools.config;
  const { topic, partitions } = target ?? { topic: kafka.eventsTopic, partitions: kafka.partitions };
  const live = await liveGeneration(tools, await knownGenerations(tools));
  // A program with a format of its own has a first generation, which it would begin by itself.
  const isFirst = target === undefined && live.format !== STATE_FORMAT;
  const next = await tools.register.changeGenerations((known) => {
    // Where another topic was switched to already, it goes on with that.
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
    const message = `Generation ${next.id} of ${topic} was begun for ${next.partitions} partitions: free it first.`;
    throw new FootfallError('wrong_partitions', 500, message);
  }
  return { live, next };
}

/**
 * What this installation answers from: this program's generation, or, as long as this program is not deployed, that of
 * one with an earlier format.
 */
export async function liveGeneration({ config, redis }: Tools, known: Generations): Promise<Generation> {
  const own = currentGeneration(known, config.kafka);
  if (pointerOf(known, own.topic)) return own;
  // One that is being made has heads, too.
  const isOwnMade = known.generations.some((one) => one.id === own.id && isUnderWay(one));
  if (!isOwnMade && (await hasCounted(redis, own))) return own;
  return (await earlierCountedGeneration(redis, known, config.kafka)) ?? own;
}

/**
 * Fills a generation until it is as far as its topic goes, but for what has just come, showing how far that is, and
 * goes on with what comes.
 * @returns false when it was interrupted.
 */
export async function buildUp(tools: Tools, filling: Filling): Promise<boolean> {
  const { generation } = filling;
  const began = performance.now();
  await filling.follow();
  const total = (await filling.ends()).reduce((sum, { low, high }) => sum + high - low, 0);
  const bar = progressLine(`Generation ${generation.id}`, total, tools.log);
  try {
    const seconds = () => (performance.now() - began) / 1_000;
    const speed = () => rate(filling.applied(), seconds());
    const isNear = await comeNear(tools.signal, filling, async (ends) => {
      filling.check();
      const { done, missing } = await progressOf(tools, filling, ends);
      const perSecond = filling.applied() / Math.max(seconds(), 0.001);
      const eta = perSecond > 0 ? `, ${Math.ceil(missing / perSecond)} s left` : '';
      bar.update(done, `${speed()}${eta}`);
      return missing;
    });
    if (isNear) {
      const applied = counted(filling.applied(), 'record');
      tools.log(`Generation ${generation.id}: ${applied} in ${seconds().toFixed(1)} s, ${speed()}.`);
    }
    return isNear;
  } finally {
    bar.stop();
  }
}

/**
 * Waits until nothing is missing of what a topic had a moment ago; what comes while there is much to do is waited for,
 * too.
 * @param missing how much is, before these ends.
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

/** Records that are applied, of those that Kafka has, and that are not. */
async function progressOf(
  tools: Tools,
  filling: Filling,
  ends: readonly PartitionOffsets[],
): Promise<{ done: number; missing: number }> {
  const heads = await tools.reader(filling.generation).heads();
  let done = 0;
  let missing = 0;
  for (const { partition, low, high } of ends) {
    const next = heads[partition]?.next ?? 0;
    done += Math.max(0, Math.min(next, high) - low);
    if (next >= high) continue;
    missing += high - Math.max(next, low);
    // All was handed over, and the head is back: Redis has lost it.
    if (filling.position(partition) >= high) await filling.refill(partition, high);
  }
  return { done, missing };
}

/** Notes what has become of a generation. */
export const noteState = (
  { register }: Tools,
  one: ListedGeneration,
  state: ListedGeneration['state'],
): Promise<void> =>
  register.changeGenerations((known) => ({ generations: withState(known, one, state), result: undefined }));
