import { rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { badOption, runCommand } from '../../local/command.ts';
import { interruptSignal } from '../../local/interrupt.ts';
import { footfallDir } from '../../local/services/services.ts';
import { DEDUPE_WINDOW_MS, MAX_IDS } from '../../shared/fold/user-state.ts';
import type { Config } from '../../shared/platform/config.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { EventProducer, type OutgoingRecord } from '../../shared/platform/kafka/producer.ts';
import { counted, progressLine, rate } from '../../shared/platform/progress.ts';
import { HOUR_MS } from '../../shared/platform/time.ts';
import { knownSites } from '../known-sites.ts';
import { runningConfig } from '../running-config.ts';
import { planImport, readFlags } from './plan.ts';
import { FIELDS, PRESETS } from './presets.ts';
import { checkHeader, formatOf } from './rows.ts';
import { type ImportJob, type ImportSummary, runImport } from './run.ts';
import { loadState, stateFileFor } from './state.ts';
import { offsetsNow, waitUntilApplied } from './wait.ts';

/** What sending a file once more may do to the numbers. */
const FORGOTTEN = `An event that is sent again counts twice once its id is forgotten: ${DEDUPE_WINDOW_MS / HOUR_MS} hours after it came, or
after ${MAX_IDS.toLocaleString('en-US')} newer events of its user.`;

const help = `npm run import -- FILE --site ID [options]

Loads a shop's history from a CSV or NDJSON file (.gz or not) through the same pipeline as live events.
Run the same command again to go on after a stop; nothing is sent twice.

  --site ID            the site that the history belongs to (required)
  --preset NAME        a known file: ${Object.keys(PRESETS).join(', ')}
  --columns F=COL,…    which column holds what, on top of the preset; F|G means F, or G where F is blank.
                       F is one of ${FIELDS.slice(0, 8).join(', ')},
                       ${FIELDS.slice(8).join(', ')}, props.NAME
  --map 'view=view_item,…'   the file's event names as yours, on top of the preset
  --zone ZONE          zone of times without an offset (default: the preset's, else the site's)
  --currency CODE      currency of prices (default: the preset's, else the site's)
  --rejects FILE       where bad lines go (default: <FILE>.rejects.ndjson in the current folder)
  --dry-run            read and check everything, send nothing (the site is read from Kafka and Redis all the same)
  --restart            forget how far an earlier run came and send all of it again
  --no-wait            do not wait until the events are counted
  --help

How far a run came is noted under .footfall/imports; --restart, and deleting that, sends all of it again.
${FORGOTTEN}
Times are ISO 8601, YYYY-MM-DD HH:mm:ss, or epoch seconds or ms. A local time that a change of the clocks
repeats is taken as the first of the two; one that it skips is moved on by the length of the gap.
Kafka, Redis and their sites are those of KAFKA_BROKERS and REDIS_URL, else of a running npm start.
`;

const log = (line: string) => console.error(line);

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      site: { type: 'string' },
      preset: { type: 'string' },
      columns: { type: 'string' },
      map: { type: 'string' },
      zone: { type: 'string' },
      currency: { type: 'string' },
      rejects: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      restart: { type: 'boolean', default: false },
      wait: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (positionals.length !== 1) {
    throw badOption('Name one file: npm run import -- FILE (--help tells more).');
  }
  // npm runs scripts in the project's folder; INIT_CWD is where the user is.
  const here = process.env.INIT_CWD ?? process.cwd();
  const file = resolve(here, positionals[0]!);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new FootfallError('unreadable_file', 400, `There is no file ${file}.`);
  const { format } = formatOf(file);
  const rejectsFile = resolve(here, values.rejects ?? `${basename(file)}.rejects.ndjson`);
  if (rejectsFile === file) {
    throw badOption('--rejects must name another file than the one to import.');
  }
  const draft = readFlags(values);
  const config = runningConfig();
  const plan = planImport(draft, await knownSites(config));
  await checkHeader(file, { columns: plan.wanted, format });

  const signal = interruptSignal();
  const job = { file, plan, rejectsFile, now: Date.now(), signal };
  if (values['dry-run']) {
    const summary = await withProgress(job, size);
    report(summary, job, 'would be sent');
    return signal.aborted ? 130 : 0;
  }

  const clusterId = await clusterOf(config.kafka);
  const topic = config.kafka.eventsTopic;
  const stateFile = await stateFileFor(join(footfallDir, 'imports'), file, plan, { clusterId, topic });
  await forgetStaleState(stateFile, config.kafka, values.restart);
  const producer = new EventProducer(config.kafka);
  let summary: ImportSummary;
  try {
    const send = (records: OutgoingRecord[]) => producer.send(topic, records);
    summary = await withProgress({ ...job, target: { send, stateFile } }, size);
  } finally {
    await producer.close();
  }
  if (summary.outcome === 'already imported') {
    log('This file has been imported already in this way; nothing was sent. --restart sends it once more.');
    log(FORGOTTEN);
    return 0;
  }
  report(summary, job, 'sent');
  if (summary.outcome === 'stopped') {
    log(`Stopped after line ${summary.position}. Run the same command again to go on from there.`);
    return 130;
  }
  if (values.wait) await wait(config, signal);
  return 0;
}

async function clusterOf(kafka: Config['kafka']): Promise<string> {
  const admin = kafkaClient(kafka, 'footfall-import').admin();
  await admin.connect();
  try {
    return (await admin.describeCluster()).clusterId;
  } finally {
    await admin.disconnect();
  }
}

/** A topic that has had fewer records than were sent to it was made anew, and must get everything again. */
async function forgetStaleState(stateFile: string, kafka: Config['kafka'], restart: boolean): Promise<void> {
  if (restart) log(`Sending all of it, however far an earlier run came.\n${FORGOTTEN}`);
  const state = loadState(stateFile);
  if (!state) return;
  const written = (await offsetsNow(kafka)).reduce((sum, { high }) => sum + high, 0);
  const wiped = written < state.sent;
  if (wiped && !restart) log(`Topic ${kafka.eventsTopic} was emptied since; importing from the beginning.`);
  if (wiped || restart) rmSync(stateFile);
}

async function withProgress(job: ImportJob, size: number): Promise<ImportSummary> {
  let phase: string | undefined;
  let line = progressLine('Checking', size, log);
  let began = performance.now();
  try {
    return await runImport({
      ...job,
      onProgress(progress) {
        if (phase !== progress.phase) {
          line.stop();
          phase = progress.phase;
          began = performance.now();
          line = progressLine(phase === 'checking' ? 'Checking' : 'Sending ', size, log);
        }
        const { bytes, sent, rejected } = progress;
        const seconds = (performance.now() - began) / 1000;
        const text =
          phase === 'checking'
            ? ''
            : `${counted(sent, 'event')}, ${rate(sent, seconds)}, ${counted(rejected, 'bad line')}`;
        line.update(bytes, text);
      },
    });
  } finally {
    line.stop();
  }
}

function report(summary: ImportSummary, job: ImportJob, verb: string): void {
  const { lines, sent, rejected, seconds, resumedAfter, names, survey } = summary;
  if (resumedAfter > 0) console.log(`Went on after line ${resumedAfter.toLocaleString('en-US')}.`);
  if (survey.oldest && survey.newest) {
    const [from, to] = [survey.oldest, survey.newest].map(({ ts }) => new Date(ts).toISOString());
    console.log(`History from ${from} to ${to}, site ${job.plan.site.id}.`);
  }
  console.log(
    `${counted(lines, 'line')} read, ${counted(sent, 'event')} ${verb}, ${counted(rejected, 'line')} rejected, ` +
      `${seconds.toFixed(1)} s, ${rate(sent, seconds)} events, ${rate(lines, seconds)} lines.`,
  );
  for (const [name, count] of Object.entries(names))
    console.log(`  ${name}: ${count.toLocaleString('en-US')}`);
  if (rejected > 0) {
    console.log(
      `Lines that could not be read are in ${job.rejectsFile}, each with its reason; all others count.`,
    );
  }
}

async function wait(config: Config, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  let line: ReturnType<typeof progressLine> | undefined;
  let most = 0;
  const left = await waitUntilApplied(config, signal, (records) => {
    if (!line) {
      most = records;
      line = progressLine('Counting', most, log);
    }
    line.update(most - records, `${counted(records, 'event')} to go`);
  }).catch((error: Error) => {
    log(`Redis could not be asked how far counting is (${error.message}).`);
    return undefined;
  });
  line?.stop();
  if (left === 0) {
    console.log(`All of it is counted (${((performance.now() - began) / 1000).toFixed(1)} s later).`);
  } else {
    const amount = left === undefined ? 'The events' : counted(left, 'event');
    console.log(`${amount} wait in Kafka and will be counted when aggregate runs (npm start runs it).`);
  }
}

await runCommand(main);
