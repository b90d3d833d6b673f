import { rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { badOption, causeOf, EXIT } from '../../local/command.ts';
import { interruptSignal } from '../../local/interrupt.ts';
import { footfallDir } from '../../local/services/services.ts';
import type { Config } from '../../shared/platform/config.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { withAdmin } from '../../shared/platform/kafka/client.ts';
import { EventProducer, type OutgoingRecord } from '../../shared/platform/kafka/producer.ts';
import { counted, progressLine, rate } from '../../shared/platform/progress-line.ts';
import { knownSites } from '../known-sites.ts';
import { fromHere } from '../options.ts';
import { note, type Report } from '../report.ts';
import { type Installation, installationText, runningInstallation } from '../running-config.ts';
import { adviceOn } from './advice.ts';
import { describe, understood } from './describe.ts';
import { formatOf } from './file-bytes.ts';
import { type ImportFlags, planImport, readFlags } from './plan.ts';
import { type ImportJob, type ImportSummary, runImport } from './run.ts';
import { sendPatiently } from './send-patiently.ts';
import { loadState, stateFileFor } from './state.ts';
import { understandFile } from './understanding.ts';
import { offsetsNow, waitUntilApplied } from './wait.ts';

interface Options extends ImportFlags {
  rejects?: string | undefined;
  dryRun?: true | undefined;
  restart?: true | undefined;
  /** Whether to wait until the events are counted. */
  wait: boolean;
}

/**
 * Sends the history in a file, from where an earlier run stopped, and waits until it is counted.
 * @throws FootfallError `bad_option`; `unreadable_file`, `unknown_format`, `missing_column`, `ambiguous_dates`,
 *   `nothing_understood`, `older_than_retention` 400; `kafka_unreachable`, `import_stopped` 503.
 */
export async function importFile(path: string, options: Options): Promise<Report> {
  const file = fromHere(path);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new FootfallError('unreadable_file', 400, `There is no file ${file}.`);
  formatOf(file);
  const rejectsFile = fromHere(options.rejects ?? `${basename(file)}.rejects.ndjson`);
  if (rejectsFile === file) throw badOption('--rejects must name another file than the one to import.');
  const draft = readFlags(options);
  const installation = runningInstallation();
  const { config } = installation;
  const plan = planImport(draft, await knownSites(config));
  const understanding = await understandFile(file, plan);

  const signal = interruptSignal();
  const job = { file, plan, rejectsFile, understanding, now: Date.now(), signal };
  if (options.dryRun) {
    try {
      return reportOf(await withProgress(job, size), job, { isDryRun: true });
    } catch (error) {
      // What was understood may say why nothing was.
      for (const line of describe(understanding, plan)) note(line);
      throw error;
    }
  }
  const summary = await send(job, size, installation, options.restart ?? false);
  const left =
    summary.outcome === 'finished' && options.wait ? await waitForCounts(config, signal) : undefined;
  return reportOf(summary, job, { isDryRun: false, left });
}

async function send(
  job: ImportJob,
  size: number,
  installation: Installation,
  isRestart: boolean,
): Promise<ImportSummary> {
  const { kafka } = installation.config;
  const topic = kafka.eventsTopic;
  const target = { clusterId: await clusterOf(kafka), topic };
  const stateFile = await stateFileFor(join(footfallDir, 'imports'), job.file, job.plan, target);
  await forgetStaleState(stateFile, kafka, isRestart);
  const producer = new EventProducer(kafka);
  try {
    let isSaid = false;
    const sendRecords = (records: OutgoingRecord[]) => {
      if (!isSaid) note(`Writing to ${installationText(installation)}.`);
      isSaid = true;
      return sendPatiently(() => producer.send(topic, records), { signal: job.signal });
    };
    return await withProgress({ ...job, target: { send: sendRecords, stateFile } }, size);
  } finally {
    await producer.close();
  }
}

async function clusterOf(kafka: Config['kafka']): Promise<string> {
  const { clusterId } = await withAdmin(kafka, 'footfall-import', (admin) => admin.describeCluster());
  return clusterId;
}

/** Forgets an earlier run when the topic has fewer records than that run sent: the topic is a new one since. */
async function forgetStaleState(
  stateFile: string,
  kafka: Config['kafka'],
  isRestart: boolean,
): Promise<void> {
  const state = loadState(stateFile);
  if (!state) return;
  const written = (await offsetsNow(kafka)).reduce((sum, { high }) => sum + high, 0);
  const isWiped = written < state.sent;
  if (isWiped && !isRestart)
    note(`Topic ${kafka.eventsTopic} was emptied since the last run. Starting again.`);
  if (isWiped || isRestart) rmSync(stateFile);
}

async function withProgress(job: ImportJob, size: number): Promise<ImportSummary> {
  let phase: string | undefined;
  let line = progressLine('Checking', size, note);
  let began = performance.now();
  try {
    return await runImport({
      ...job,
      onProgress(progress) {
        if (phase !== progress.phase) {
          line.stop();
          phase = progress.phase;
          began = performance.now();
          line = progressLine(phase === 'checking' ? 'Checking' : 'Sending ', size, note);
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

/** @param left events that are not counted yet; undefined when that is unknown. */
function reportOf(
  summary: ImportSummary,
  job: ImportJob,
  { isDryRun, left }: { isDryRun: boolean; left?: number | undefined },
): Report {
  const { lines, sent, rejected, seconds, resumedAfter, position, names, survey, outcome } = summary;
  const { plan, rejectsFile } = job;
  const [from, to] = [survey.oldest, survey.newest].map((end) => end && new Date(end.ts).toISOString());
  const exitCode = outcome === 'stopped' ? EXIT.interrupted : EXIT.done;
  const advice = adviceOn(plan, summary);
  const data = {
    ...{ outcome, dry_run: isDryRun, site: plan.site.id, from, to, lines, sent, rejected, events: names },
    ...{ resumed_after: resumedAfter, position, seconds, left, advice },
    ...(rejected > 0 && { rejects: rejectsFile }),
    ...(summary.notes.size > 0 && {
      left_out: [...summary.notes].map(([note, where]) => ({ note, ...where })),
    }),
    ...(isDryRun && { understood: understood(survey.understanding, plan), first: summary.first }),
  };
  if (outcome === 'already imported') {
    const text =
      'This file was imported before in the same way, so nothing was sent. --restart sends it again.';
    return { data, lines: [text], exitCode };
  }
  const told = [
    ...(isDryRun ? [...describe(survey.understanding, plan), ...firstEvents(summary)] : []),
    ...(resumedAfter > 0 ? [`Went on after line ${resumedAfter.toLocaleString('en-US')}.`] : []),
    ...(from && to ? [`History from ${from} to ${to}, site ${plan.site.id}.`] : []),
    `${counted(lines, 'line')} read, ${counted(sent, 'event')} ${isDryRun ? 'would be sent' : 'sent'}, ` +
      `${counted(rejected, 'line')} rejected, in ${seconds.toFixed(1)} s (${rate(lines, seconds)}).`,
    ...Object.entries(names).map(([name, count]) => `  ${name}: ${count.toLocaleString('en-US')}`),
    ...rejectsOf(summary, rejectsFile),
    ...notesOf(summary),
    ...advice,
  ];
  if (outcome === 'stopped')
    told.push(`Stopped after line ${position}. Run the same command again to go on from there.`);
  if (left === 0) told.push('All events are counted.');
  if (left !== undefined && left > 0) {
    told.push(`${counted(left, 'event')} wait in Kafka until aggregate runs (npm start runs it).`);
  }
  return { data, lines: told, exitCode };
}

const firstEvents = ({ first }: ImportSummary) =>
  first.length === 0 ? [] : ['The first events:', ...first.map((event) => `  ${JSON.stringify(event)}`)];

const MAX_REASONS_SHOWN = 5;

function rejectsOf({ rejected, reasons }: ImportSummary, rejectsFile: string): string[] {
  if (rejected === 0) return [];
  return [`Rejected lines are in ${rejectsFile}, each with its reason.`, ...linesOf(reasons)];
}

const notesOf = ({ notes }: ImportSummary): string[] =>
  notes.size === 0 ? [] : ['Left out of events that are taken:', ...linesOf(notes)];

const linesOf = (texts: ImportSummary['reasons']): string[] =>
  [...texts]
    .slice(0, MAX_REASONS_SHOWN)
    .map(([text, { line, count }]) =>
      count === 1 ? `  line ${line}: ${text}` : `  line ${line} and ${counted(count - 1, 'other')}: ${text}`,
    );

/** @returns how many events are not counted yet; undefined when Redis does not answer. */
async function waitForCounts(config: Config, signal: AbortSignal): Promise<number | undefined> {
  let line: ReturnType<typeof progressLine> | undefined;
  let most = 0;
  try {
    return await waitUntilApplied(config, signal, (records) => {
      if (!line) {
        most = records;
        line = progressLine('Counting', most, note);
      }
      line.update(most - records, `${counted(records, 'event')} to go`);
    });
  } catch (error) {
    note(
      `Redis does not say how far counting has come (${causeOf(error as Error)}). The events are in Kafka.`,
    );
    return undefined;
  } finally {
    line?.stop();
  }
}
