import { EXIT } from '../../local/command.ts';
import { interruptSignal } from '../../local/interrupt.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { note, type Report, tableLines } from '../report.ts';
import { installationText, runningInstallation } from '../running-config.ts';
import { begin, buildUp, liveGeneration, noteState, type Pair, underWay } from './build.ts';
import { knownGenerations, type RebuildContext, withContext } from './context.ts';
import { type Filling, openFilling, untilInterrupted } from './fill.ts';
import { free, freeable } from './free.ts';
import { pairToUndo, switchTo } from './switch.ts';
import { isGood, verdictLines } from './verdict.ts';
import { verify } from './verify.ts';

/**
 * The commands of `footfall rebuild`, for one topic. Each may be interrupted and given again. All throw
 * `kafka_unreachable` 503 and what their steps throw.
 */

export interface RebuildOptions {
  /** Switch in spite of differences that nothing explains. */
  force?: true | undefined;
  /** After a switch, go on filling the generation until Ctrl-C. */
  follow?: true | undefined;
}

/** @param until the step that is the last one; `all` begins a generation and ends with the switch. */
export const rebuild = (
  until: 'start' | 'verify' | 'switch' | 'all',
  { force = false, follow = false }: { force?: boolean; follow?: boolean } = {},
): Promise<Report> =>
  onInstallation(async (context) => {
    const pair = until === 'all' || until === 'start' ? await begin(context) : await begun(context);
    const { live, next } = pair;
    const data = { generation: next.id, live: live.id };
    return withFilling(context, pair, async (filling) => {
      if (!(await buildUp(context, filling))) return interrupted(data);
      await noteState(context, next, 'ready');
      if (until === 'start') {
        const line = `Generation ${next.id} is as far as the log. Go on with: npx footfall rebuild verify`;
        return { data: { ...data, outcome: 'built' }, lines: [line] };
      }
      const verdict = await verify(context, filling, live);
      const lines = verdictLines(verdict, next, live);
      if (until === 'verify') {
        const exitCode = isGood(verdict) ? EXIT.done : EXIT.failed;
        return { data: { ...data, outcome: 'verified', verdict }, lines, exitCode };
      }
      if (!isGood(verdict) && !force) {
        lines.push('Nothing is switched. Find out why the two differ, or switch with --force.');
        return { data: { ...data, outcome: 'not switched', verdict }, lines, exitCode: EXIT.failed };
      }
      for (const line of lines) context.log(line);
      if (!(await switchTo(context, filling, { from: live }))) return interrupted(data);
      if (follow) await untilInterrupted(context.signal, [filling]);
      return { data: { ...data, outcome: 'switched', verdict }, lines: [] };
    });
  });

export const undo = (): Promise<Report> =>
  onInstallation(async (context) => {
    const { live, before } = pairToUndo(await knownGenerations(context), context.config.kafka.eventsTopic);
    const data = { generation: before.id, live: live.id };
    return withFilling(context, { live, next: before }, async (filling) => {
      const isDone = (await buildUp(context, filling)) && (await switchTo(context, filling, { from: live }));
      return isDone ? { data: { ...data, outcome: 'switched' }, lines: [] } : interrupted(data);
    });
  });

export const status = (): Promise<Report> =>
  onInstallation(
    async (context) => {
      const known = await knownGenerations(context);
      const currentIds = new Set(Object.values(known.current).map(({ id }) => id));
      const generations = known.generations.map(({ started, ...one }) => ({
        ...one,
        current: currentIds.has(one.id),
        // The first generation of an installation was never begun by a rebuild.
        begun: started === 0 ? null : new Date(started).toISOString(),
      }));
      if (generations.length === 0)
        return { data: { generations }, lines: ['Nothing was ever rebuilt in this installation.'] };
      const rows = generations.map(({ id, state, topic, partitions, begun, current }) => [
        ...[id, state, topic, String(partitions)],
        ...[begun ?? 'with the installation', current ? '(current)' : ''],
      ]);
      const heads = ['generation', 'state', 'topic', 'partitions', 'begun', ''];
      return { data: { generations }, lines: tableLines([heads, ...rows]) };
    },
    { writes: false },
  );

/** @param ids of generations; none for all that programs of this format and topic no longer need. */
export const freeAll = (
  ids: readonly string[],
  { force = false }: { force?: boolean } = {},
): Promise<Report> =>
  onInstallation(async (context) => {
    const all = freeable(await knownGenerations(context), ids, context.config.kafka);
    const freed: string[] = [];
    for (const one of all) {
      if (!(await free(context, one, { force }))) return interrupted({ freed });
      freed.push(one.id);
    }
    return { data: { freed }, lines: all.length === 0 ? ['There is nothing to free.'] : [] };
  });

/**
 * Runs a command on the installation that the environment or the running `npm start` names, until Ctrl-C. Tells people which
 * one before a command `writes`.
 */
export function onInstallation(
  use: (context: RebuildContext) => Promise<Report>,
  { writes = true } = {},
): Promise<Report> {
  const installation = runningInstallation();
  return withContext(installation.config, { log: note, signal: interruptSignal() }, (context) => {
    if (writes) note(`Writing to ${installationText(installation)}.`);
    return use(context);
  });
}

export async function withFilling(
  context: RebuildContext,
  { next }: Pair,
  use: (filling: Filling) => Promise<Report>,
): Promise<Report> {
  const filling = openFilling(context, next);
  try {
    return await use(filling);
  } finally {
    await filling.close();
  }
}

export const interrupted = (data: object): Report => ({
  data: { ...data, outcome: 'interrupted' },
  lines: ['Interrupted. Run the same command again to go on.'],
  exitCode: EXIT.interrupted,
});

/** The generation that was begun and is not switched to yet. @throws FootfallError `no_new_generation` 409. */
async function begun(context: RebuildContext): Promise<Pair> {
  const known = await knownGenerations(context);
  const next = underWay(known, context.config.kafka.eventsTopic);
  if (!next) {
    const message = 'There is no new generation. Begin one with: npx footfall rebuild start';
    throw new FootfallError('no_new_generation', 409, message);
  }
  return { live: await liveGeneration(context, known), next };
}
