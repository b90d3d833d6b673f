import type { FootfallEvent } from '../../shared/event/event.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import type { OutgoingRecord } from '../../shared/platform/kafka/producer.ts';
import { DAY_MS } from '../../shared/platform/time.ts';
import type { Site } from '../../shared/sites/site.ts';
import { type Batch, type RejectedLine, readBatches, type Survey, surveyFile } from './batches.ts';
import type { Plan } from './plan.ts';
import { RejectsFile } from './rejects.ts';
import { type ImportState, loadState, saveState } from './state.ts';
import type { Understanding } from './understanding.ts';

export interface ImportProgress {
  phase: 'checking' | 'sending';
  /** Bytes of the file that the phase has read; packed bytes when it is packed. */
  bytes: number;
  /** Events acknowledged by the brokers in this run. */
  sent: number;
  rejected: number;
}

export interface ImportJob {
  file: string;
  plan: Plan;
  rejectsFile: string;
  /** Of the file, when the caller has it already. */
  understanding?: Understanding;
  /** When the import takes place, ms since the epoch. */
  now: number;
  /** Where events go; absent for a dry run. */
  target?: { send(records: OutgoingRecord[]): Promise<void>; stateFile: string };
  /** Stops the import between two batches. What the brokers acknowledged stays done. */
  signal?: AbortSignal;
  onProgress?: (progress: ImportProgress) => void;
}

export interface ImportSummary {
  /** Records of the file that this run read. */
  lines: number;
  sent: number;
  rejected: number;
  /** How many events of each name this run sent. */
  names: Record<string, number>;
  /** How many of them have money, by currency. */
  currencies: Record<string, number>;
  /** The first events. */
  first: FootfallEvent[];
  /** The first reasons for rejects, each with a line that has it and how many lines have it. */
  reasons: Map<string, { line: number; count: number }>;
  /** What was left out of events, likewise. */
  notes: Map<string, { line: number; count: number }>;
  /** Seconds spent on sending, without the check of the file before. */
  seconds: number;
  /** The line after which this run began; 0 for the beginning of the file. */
  resumedAfter: number;
  /** The last line that is done. */
  position: number;
  survey: Pick<Survey, 'oldest' | 'newest' | 'understanding'>;
  outcome: 'finished' | 'stopped' | 'already imported';
}

/**
 * Sends a file's history to the events topic. It checks the whole file first, then sends batch by batch and keeps the
 * position that the brokers have acknowledged, so the same call goes on where an earlier one stopped.
 * @throws FootfallError as {@link surveyFile}, `nothing_understood` and `older_than_retention` 400 before anything is sent;
 *   `import_stopped` 503 when the brokers fail.
 */
export async function runImport(job: ImportJob): Promise<ImportSummary> {
  const { file, plan, target, now, signal } = job;
  const survey = await surveyFile(
    file,
    plan,
    now,
    (bytes) => job.onProgress?.({ phase: 'checking', bytes, sent: 0, rejected: 0 }),
    job.understanding,
  );
  if (survey.lines === 0) throw await nothingUnderstood(job, survey);
  requireRetention(plan.site, survey, now);

  const earlier = target && loadState(target.stateFile);
  const resumed = earlier?.fingerprint === survey.fingerprint ? earlier : undefined;
  const state: ImportState = resumed ?? {
    file,
    fingerprint: survey.fingerprint,
    position: 0,
    sent: 0,
    rejected: 0,
    rejectsBytes: 0,
    done: false,
  };
  const summary: ImportSummary = {
    lines: 0,
    sent: 0,
    rejected: state.rejected,
    names: {},
    currencies: {},
    first: [],
    reasons: new Map(),
    notes: new Map(),
    seconds: 0,
    resumedAfter: state.position,
    position: state.position,
    survey,
    outcome: state.done ? 'already imported' : 'finished',
  };
  if (state.done) return summary;

  const rejects = new RejectsFile(job.rejectsFile, state.rejectsBytes);
  let bytes = 0;

  async function finish(batch: Batch): Promise<void> {
    await target?.send(batch.records);
    rejects.append(batch.rejects);
    state.position = batch.position;
    state.sent += batch.events.length;
    state.rejected += batch.rejects.length;
    state.rejectsBytes = rejects.bytes;
    if (target) saveState(target.stateFile, state);
    tell(summary, batch);
    summary.lines += batch.lines;
    summary.sent += batch.events.length;
    summary.rejected = state.rejected;
    summary.position = state.position;
    job.onProgress?.({ phase: 'sending', bytes, sent: summary.sent, rejected: summary.rejected });
  }

  const began = performance.now();
  const batches = readBatches(file, plan, survey, state.position, (read) => {
    bytes = read;
  });
  try {
    // One batch is sent while the next is read.
    let underWay: Promise<void> = Promise.resolve();
    for await (const batch of batches) {
      await underWay;
      if (signal?.aborted) {
        summary.outcome = 'stopped';
        break;
      }
      underWay = finish(batch);
      // Awaited above or below. Until then its failure must not count as unhandled.
      underWay.catch(() => {});
    }
    await underWay;
  } catch (error) {
    if (error instanceof FootfallError) throw error;
    throw new FootfallError(
      'import_stopped',
      503,
      `Kafka took the lines up to ${state.position}, then failed (${(error as Error).message}). ` +
        'Run the same command again to go on from there.',
      { cause: error },
    );
  } finally {
    summary.seconds = (performance.now() - began) / 1000;
  }
  if (summary.outcome === 'finished' && state.sent === 0) throw await nothingUnderstood(job, survey);
  if (summary.outcome === 'finished' && target) {
    state.done = true;
    saveState(target.stateFile, state);
  }
  return summary;
}

const FIRST_EVENTS = 3;
const MAX_REASONS = 10;

function tell(summary: ImportSummary, { events, rejects, notes }: Batch): void {
  const { names, currencies, first } = summary;
  for (const event of events) {
    names[event.name] = (names[event.name] ?? 0) + 1;
    if (event.currency) currencies[event.currency] = (currencies[event.currency] ?? 0) + 1;
    if (first.length < FIRST_EVENTS) first.push(event);
  }
  for (const { line, reason } of rejects) countLine(summary.reasons, reason, line);
  for (const { line, note } of notes) countLine(summary.notes, note, line);
}

function countLine(counts: Map<string, { line: number; count: number }>, text: string, line: number): void {
  const known = counts.get(text);
  if (known) known.count += 1;
  else if (counts.size < MAX_REASONS) counts.set(text, { line, count: 1 });
}

/** Writes why no line could be read, and says it in a sentence. */
async function nothingUnderstood(job: ImportJob, survey: Survey): Promise<FootfallError> {
  const rejects = new RejectsFile(job.rejectsFile, 0);
  let first: RejectedLine | undefined;
  let count = 0;
  for await (const batch of readBatches(job.file, job.plan, survey)) {
    rejects.append(batch.rejects);
    first ??= batch.rejects[0];
    count += batch.rejects.length;
  }
  const problem = first
    ? `none of the ${count} lines of ${job.file} could be read. Line ${first.line}: ${first.reason} ` +
      `Each line's reason is in ${job.rejectsFile}.`
    : `${job.file} has no events.`;
  return new FootfallError('nothing_understood', 400, `Nothing was sent: ${problem}`);
}

/** Refuses a file with history older than the site keeps: its numbers would expire as soon as they are counted. */
function requireRetention(site: Site, { oldest }: Survey, now: number): void {
  if (!oldest) return;
  const days = Math.ceil((now - oldest.ts) / DAY_MS);
  if (days <= site.retention_days) return;
  throw new FootfallError(
    'older_than_retention',
    400,
    `Nothing was sent: line ${oldest.line} is from ${new Date(oldest.ts).toISOString().slice(0, 10)}, but site ` +
      `${site.id} keeps ${site.retention_days} days. Run npx footfall sites set ${site.id} --retention-days ${days} first.`,
  );
}
