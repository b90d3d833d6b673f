import { EXIT } from '../../local/command.ts';
import { counted } from '../../shared/platform/progress-line.ts';
import type { Report } from '../report.ts';
import { begin, buildUp, type Target } from './build.ts';
import type { RebuildContext } from './context.ts';
import { type Copying, copyAll, openCopying } from './copy.ts';
import { type Filling, untilInterrupted } from './fill.ts';
import { interrupted, onInstallation, withFilling } from './rebuild.ts';
import { switchTo } from './switch.ts';
import { isGood, verdictLines } from './verdict.ts';
import { verify } from './verify.ts';

/** How long to wait after Ctrl-C for what is still to be copied, ms. */
const FINISHING_MS = 3_000;

/**
 * Copies the events topic into one with another number of partitions, counts the copy, and prepares it for the
 * programs that are to be deployed with it.
 * @param options.follow go on with what comes, until Ctrl-C.
 * @throws what `openCopying` and `begin` throw.
 */
export const repartition = (
  target: Target,
  { force = false, follow = false }: { force?: boolean; follow?: boolean },
): Promise<Report> =>
  onInstallation(async (context) => {
    const copying = await openCopying(context, target);
    try {
      if (!(await copyAll(context, copying))) return interrupted({ target });
      const pair = await begin(context, target);
      const { live, next } = pair;
      const data = { target, generation: next.id, live: live.id };
      return await withFilling(context, pair, async (filling) => {
        if (!(await buildUp(context, filling))) return interrupted(data);
        if (next.state !== 'live') {
          const verdict = await verify(context, filling, live, copying);
          const lines = verdictLines(verdict, next, live);
          if (!isGood(verdict) && !force) {
            lines.push('Nothing is switched. Find out why the two differ, or go on with --force.');
            return { data: { ...data, outcome: 'not switched', verdict }, lines, exitCode: EXIT.failed };
          }
          for (const line of lines) context.log(line);
          // A record has to be in the copy before it can be counted there.
          const caughtUp = async () =>
            (await copying.caughtUp(context.signal)) && (await filling.caughtUp(context.signal));
          if (!(await switchTo(context, filling, { from: live, caughtUp }))) return interrupted(data);
        }
        const { topic, partitions } = target;
        const deploy = `Deploy with EVENTS_TOPIC=${topic} and EVENTS_PARTITIONS=${partitions}.`;
        if (!follow) return { data: { ...data, outcome: 'ready' }, lines: [deploy] };
        context.log(deploy);
        const missing = await followOn(context, filling, copying);
        return { data: { ...data, outcome: 'ready', missing }, lines: missingLines(context, missing) };
      });
    } finally {
      await copying.close();
    }
  });

/** Copies and counts what comes until Ctrl-C. @returns how many offsets are still to be copied. */
async function followOn({ signal }: RebuildContext, filling: Filling, copying: Copying): Promise<number> {
  await untilInterrupted(signal, [copying, filling]);
  await copying.caughtUp(AbortSignal.timeout(FINISHING_MS));
  return copying.missing(await copying.ends());
}

function missingLines({ config }: RebuildContext, missing: number): string[] {
  const { eventsTopic } = config.kafka;
  if (missing === 0) return [`All that ${eventsTopic} has is copied.`];
  const what = counted(missing, 'offset', 'offsets');
  return [`${what} of ${eventsTopic} are still to be copied. Run the same command again to go on.`];
}
