import { setTimeout as sleep } from 'node:timers/promises';
import { Random, randomSeed } from '../../shared/simulation/random.ts';
import { Environment } from './environment.ts';
import { kafkaFaults } from './faults/kafka.ts';
import { networkFaults } from './faults/network.ts';
import { packingFaults } from './faults/packing.ts';
import { processFaults } from './faults/processes.ts';
import { recordFaults } from './faults/records.ts';
import { redisFaults } from './faults/redis.ts';
import { Load } from './load.ts';
import { Reads } from './reads.ts';
import { Report } from './report.ts';
import { Truth } from './truth.ts';
import { caughtUp, type Fault, type World } from './world.ts';

/**
 * A whole installation under load, whose parts fail one after the other. After each fault the installation has to
 * recover by itself and count everything that was answered with 202 once. `npm run test:chaos` makes every fault,
 * `npm test` a few.
 *
 * FOOTFALL_CHAOS_FAULTS: parts of the names of the faults to make, separated by commas. FOOTFALL_CHAOS_ROUNDS: how
 * often to make each. FOOTFALL_CHAOS_SEED: repeats order, events, pauses and choices; the timing of processes still
 * differs.
 */
const FAULTS = [
  ...processFaults,
  ...redisFaults,
  ...kafkaFaults,
  ...networkFaults,
  ...recordFaults,
  ...packingFaults,
];
const { FOOTFALL_CHAOS_FAULTS, FOOTFALL_CHAOS_ROUNDS = '0', FOOTFALL_CHAOS_SEED } = process.env;
const seed = Number(FOOTFALL_CHAOS_SEED ?? randomSeed());
const rounds = Number(FOOTFALL_CHAOS_ROUNDS);
/** The slowest faults are left to the long form. */
const SHORT = 4;
const SLOW = /hang|broker|Kafka (drops|forgets)/;

const dice = new Random(seed);
const plan = planned();

function planned(): Fault[] {
  const wanted = FOOTFALL_CHAOS_FAULTS?.split(',').map((part) => part.trim());
  const chosen = wanted
    ? FAULTS.filter(({ name }) => wanted.some((part) => name.includes(part)))
    : rounds === 0
      ? shuffled(FAULTS.filter(({ name }) => !SLOW.test(name))).slice(0, SHORT)
      : FAULTS;
  if (chosen.length === 0)
    throw new Error(`FOOTFALL_CHAOS_FAULTS names none of: ${FAULTS.map(({ name }) => name).join(', ')}.`);
  return Array.from({ length: Math.max(1, rounds) }, () => shuffled(chosen)).flat();
}

function shuffled<T>(list: readonly T[]): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(dice.below(rest.length), 1)[0]!);
}

let environment: Environment;
let world: World;
/** The fault that was not recovered from; later results would mean nothing. */
let broken: string | undefined;
const report = new Report();

beforeAll(async () => {
  environment = await Environment.open();
  const load = new Load(environment.collect, new Random(seed + 1));
  const reads = new Reads(environment.analytics, load, new Random(seed + 2));
  world = { environment, load, reads, truth: new Truth(environment, load), dice };
  console.log(`FOOTFALL_CHAOS_SEED=${seed}`);
  load.run();
  reads.run();
});

afterAll(async () => {
  console.log(`FOOTFALL_CHAOS_SEED=${seed}\n${report}`);
  await world?.load.stop();
  await world?.reads.stop();
  await environment?.close();
});

test.each(plan.map((fault, i) => [`${i + 1}. ${fault.name}`, fault] as const))('%s', async (_, fault) => {
  if (broken !== undefined)
    throw new Error(`Skipped, since the installation has not recovered from: ${broken}.`);
  const { load, reads, truth } = world;
  broken = fault.name;
  const before = { events: load.events, answers: reads.answered, unavailable: reads.unavailable };
  process.stderr.write(`${fault.name} …\n`);
  load.resume();
  const watching = new AbortController();
  const watched = watch(watching.signal);
  try {
    await fault.run(world);
  } finally {
    watching.abort();
    await watched;
  }
  const sweeping = environment.sweep.invoke({}).catch(() => 'a sweep that failed goes on the next time');
  const started = Date.now();
  await load.pause();
  await caughtUp(world);
  const seconds = (Date.now() - started) / 1_000;
  await sweeping;
  broken = undefined;
  const violations = reads.violations.splice(0);
  const verdict = await truth.compare();
  report.add(fault.name, verdict, {
    events: load.events - before.events,
    answers: reads.answered - before.answers,
    unavailable: reads.unavailable - before.unavailable,
    violations: violations.length,
    seconds,
  });
  const { lost, doubled, wrong, details } = verdict;
  process.stderr.write(
    `${fault.name}: ${load.events} events, lost ${lost}, doubled ${doubled}, wrong ${wrong}, ${seconds.toFixed(1)} s\n`,
  );
  const found = [...details.slice(0, 20), ...violations.slice(0, 10)];
  if (found.length > 0) process.stderr.write(`${await environment.said()}\n`);
  expect({ lost, doubled, wrong, violations: violations.length, found }).toEqual({
    ...{ lost: 0, doubled: 0, wrong: 0, violations: 0, found: [] },
  });
});

/** Checks the store under load. */
async function watch(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await world.truth.observe().catch(() => {});
    await sleep(500, undefined, { signal }).catch(() => {});
  }
}
