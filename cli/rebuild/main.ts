import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { badOption, runCommand, wholeNumber } from '../../local/command.ts';
import { interruptSignal } from '../../local/interrupt.ts';
import { counted } from '../../shared/platform/progress.ts';
import { runningConfig } from '../running-config.ts';
import { begin, buildUp, liveGeneration, noteState, type Pair, type Target, underWay } from './build.ts';
import { type Copying, copyAll, openCopying } from './copy.ts';
import { type Filling, openFilling } from './fill.ts';
import { free, freeable, pairToUndo, statusLines, switchTo } from './switch.ts';
import { knownGenerations, type Tools, withTools } from './tools.ts';
import { isGood, verdictLines, verify } from './verify.ts';

const help = `npm run rebuild -- [COMMAND] [options]

Counts all that Kafka has anew, beside what is answered from, and goes over to that: after a change of the fold, for a
funnel that is to be counted over history. Answers stay right throughout. Without a command: start, verify, switch.

  start            begin a generation, or go on with one, until it is as far as the log
  status           which generations there are
  verify           what became of every record, compared with the generation that is answered from
  switch           make it the one that is answered from
  undo             go back to the one before, after bringing it up to date
  free [ID…]       remove the keys of generations that are no longer needed; those of programs with another format or
                   topic only when they are named

For another number of partitions, into a topic of its own that is made when it is missing:

  start --topic TOPIC --partitions N [--follow]

This copies what clients have sent, counts it, compares, and then goes on with what comes (--follow) until collect and
aggregate are deployed with that EVENTS_TOPIC and EVENTS_PARTITIONS: the deployment is the switch.

  --follow         after a switch, go on with what comes until Ctrl-C: for programs that are still to be deployed
  --force          switch in spite of differences that nothing explains; free what programs may still answer from
  --help

Kafka and Redis are those of the environment, else of a running npm start, else the usual ports.
`;

const options = {
  topic: { type: 'string' },
  partitions: { type: 'string' },
  follow: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** How often following looks whether all goes on, ms. */
const FOLLOWING_MS = 500;
/** For so long what is still to be copied is waited for after Ctrl-C, ms. */
const FINISHING_MS = 3_000;

const COMMANDS = ['start', 'status', 'verify', 'switch', 'undo', 'free'];

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [command, ...operands] = positionals;
  if (command !== undefined && !COMMANDS.includes(command)) {
    throw badOption(`${command} is none of ${COMMANDS.join(', ')}.`);
  }
  const target = targetOf(command, values);
  if (command !== 'free' && operands.length > 0) throw badOption(`${command} takes no ${operands[0]}.`);
  const run = { log: (line: string) => console.log(line), signal: interruptSignal() };
  return withTools(runningConfig(), run, (tools) => {
    switch (command) {
      case 'status':
        return status(tools);
      case 'free':
        return freeAll(tools, operands, values);
      case 'undo':
        return undo(tools);
      default:
        if (target) return repartition(tools, target, values);
        return rebuild(tools, command as 'start' | 'verify' | 'switch' | undefined, values);
    }
  });
}

function targetOf(
  command: string | undefined,
  {
    topic,
    partitions,
    follow,
  }: { topic?: string | undefined; partitions?: string | undefined; follow: boolean },
): Target | undefined {
  if (topic === undefined && partitions === undefined) {
    if (follow && command !== undefined && command !== 'switch')
      throw badOption('--follow is for a switch, or for start with another topic.');
    return undefined;
  }
  if (command !== 'start') throw badOption('--topic and --partitions are for start.');
  const count = wholeNumber('partitions', partitions, { min: 1, max: 1_024 });
  if (!topic || count === undefined) throw badOption('Say both --topic and --partitions.');
  return { topic, partitions: count };
}

/** Copies the events topic into one with another number of partitions, and counts that. */
async function repartition(
  tools: Tools,
  target: Target,
  { force, follow }: { force: boolean; follow: boolean },
): Promise<number> {
  const copying = await openCopying(tools, target);
  try {
    if (!(await copyAll(tools, copying))) return interrupted(tools);
    const pair = await begin(tools, target);
    return await filled(tools, pair, async (filling) => {
      if (!(await buildUp(tools, filling))) return interrupted(tools);
      if (pair.next.state === 'live') return await goOn(tools, target, { filling, copying, follow });
      const verdict = await verify(tools, filling, pair.live, copying);
      for (const line of verdictLines(verdict, pair.next, pair.live)) tools.log(line);
      if (!isGood(verdict) && !force) return 1;
      // What the topic that is copied has by now has to be in the copy before it can be counted there.
      const caughtUp = async () =>
        (await copying.caughtUp(tools.signal)) && (await filling.caughtUp(tools.signal));
      if (!(await switchTo(tools, filling, { from: pair.live, caughtUp }))) return interrupted(tools);
      return await goOn(tools, target, { filling, copying, follow });
    });
  } finally {
    await copying.close();
  }
}

/** What comes to the old topic goes on into the new one, until all programs write there. */
async function goOn(
  { config, log, signal }: Tools,
  { topic, partitions }: Target,
  { filling, copying, follow }: { filling: Filling; copying: Copying; follow: boolean },
): Promise<number> {
  log(`Deploy with EVENTS_TOPIC=${topic} and EVENTS_PARTITIONS=${partitions}.`);
  if (!follow) return 0;
  await untilInterrupted(signal, [copying, filling]);
  // What is under way is finished.
  await copying.caughtUp(AbortSignal.timeout(FINISHING_MS));
  const missing = copying.missing(await copying.ends());
  const what = counted(missing, 'offset', 'offsets');
  log(
    missing === 0
      ? `All that ${config.kafka.eventsTopic} has is copied.`
      : `${what} of ${config.kafka.eventsTopic} are still to be copied: the same command goes on.`,
  );
  return 0;
}

/** @throws what ends one of those that go on. */
async function untilInterrupted(
  signal: AbortSignal,
  goingOn: readonly Pick<Filling, 'check'>[],
): Promise<void> {
  for (; !signal.aborted; await sleep(FOLLOWING_MS)) for (const one of goingOn) one.check();
}

async function rebuild(
  tools: Tools,
  command: 'start' | 'verify' | 'switch' | undefined,
  { force, follow }: { force: boolean; follow: boolean },
): Promise<number> {
  const pair = command === undefined || command === 'start' ? await begin(tools) : await begun(tools);
  return filled(tools, pair, async (filling) => {
    if (!(await buildUp(tools, filling))) return interrupted(tools);
    await noteState(tools, pair.next, 'ready');
    if (command === 'start') return 0;
    const verdict = await verify(tools, filling, pair.live);
    for (const line of verdictLines(verdict, pair.next, pair.live)) tools.log(line);
    if (command === 'verify') return isGood(verdict) ? 0 : 1;
    if (!isGood(verdict) && !force) {
      tools.log('Nothing is switched. Look into it, or switch with --force.');
      return 1;
    }
    if (!(await switchTo(tools, filling, { from: pair.live }))) return interrupted(tools);
    if (follow) await untilInterrupted(tools.signal, [filling]);
    return 0;
  });
}

/** The one that was begun. */
async function begun(tools: Tools): Promise<Pair> {
  const known = await knownGenerations(tools);
  const next = underWay(known, tools.config.kafka.eventsTopic);
  if (!next) throw badOption('No generation was begun: npm run rebuild -- start');
  return { live: await liveGeneration(tools, known), next };
}

async function undo(tools: Tools): Promise<number> {
  const { live, before } = pairToUndo(await knownGenerations(tools), tools.config.kafka.eventsTopic);
  return filled(tools, { live, next: before }, async (filling) => {
    if (!(await buildUp(tools, filling))) return interrupted(tools);
    return (await switchTo(tools, filling, { from: live })) ? 0 : interrupted(tools);
  });
}

async function filled(
  tools: Tools,
  { next }: Pair,
  use: (filling: Filling) => Promise<number>,
): Promise<number> {
  const filling = openFilling(tools, next);
  try {
    return await use(filling);
  } finally {
    await filling.close();
  }
}

function interrupted({ log }: Tools): number {
  log('Interrupted. The same command goes on where this one has stopped.');
  return 130;
}

async function status(tools: Tools): Promise<number> {
  for (const line of await statusLines(tools)) tools.log(line);
  return 0;
}

async function freeAll(tools: Tools, ids: readonly string[], { force }: { force: boolean }): Promise<number> {
  const all = freeable(await knownGenerations(tools), ids, tools.config.kafka);
  if (all.length === 0) tools.log('There is nothing to free.');
  for (const one of all) if (!(await free(tools, one, { force }))) return interrupted(tools);
  return 0;
}

await runCommand(main, help);
