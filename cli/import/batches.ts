import type { FootfallEvent } from '../../shared/event/event.ts';
import { MAX_REQUEST_BYTES, type OutgoingRecord } from '../../shared/platform/kafka/producer.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import type { Mapper, ReadableRow } from './mapper.ts';
import { mapperOf } from './mappers.ts';
import type { Plan } from './plan.ts';
import { Reject } from './reject.ts';
import type { Row } from './row.ts';
import { contentHash, readRows } from './rows.ts';
import { type Understanding, understandFile } from './understanding.ts';

/** A batch is about one request, so few events are sent again after a kill. */
const BATCH_EVENTS = 1_000;

export interface RejectedLine {
  line: number;
  reason: string;
  raw: string;
}

/** What the first pass over a file found, before anything is sent. */
export interface Survey {
  mapper: Mapper;
  understanding: Understanding;
  /** Hash of the file's content, the same whether the file is packed or not. */
  fingerprint: string;
  /** How many lines can be read. */
  lines: number;
  oldest?: { ts: number; line: number };
  newest?: { ts: number; line: number };
}

export interface Batch {
  events: FootfallEvent[];
  records: OutgoingRecord[];
  rejects: RejectedLine[];
  /** What was left out of events, by line. */
  notes: { line: number; note: string }[];
  /** How many records of the file it took, good and bad. */
  lines: number;
  /** Everything up to this line of the file is in this batch or in an earlier one. */
  position: number;
}

/**
 * Reads the whole file once and sends nothing.
 * @param now when the import takes place, ms since the epoch.
 * @param onBytes is told how many bytes of the file are read so far.
 * @param understanding of the file, when the caller has it.
 * @throws FootfallError as {@link understandFile}.
 */
export async function surveyFile(
  file: string,
  plan: Plan,
  now: number,
  onBytes?: (bytes: number) => void,
  understanding?: Understanding,
): Promise<Survey> {
  const understood = understanding ?? (await understandFile(file, plan));
  const mapper = mapperOf(plan, now, understood.reading);
  const hash = contentHash();
  const survey: Survey = { mapper, understanding: understood, fingerprint: '', lines: 0 };
  for await (const rows of readRows(file, plan.wanted, understood.layout, { hash, onBytes })) {
    for (const row of rows) {
      const ts = attempt(row, (readable) => mapper.survey(readable));
      if (typeof ts !== 'number') continue;
      survey.lines += 1;
      if (!survey.oldest || ts < survey.oldest.ts) survey.oldest = { ts, line: row.line };
      if (!survey.newest || ts > survey.newest.ts) survey.newest = { ts, line: row.line };
    }
  }
  survey.fingerprint = hash.digest('hex').slice(0, 16);
  return survey;
}

/**
 * Reads the file's events in batches that Kafka takes in one request.
 * @param after leaves out events of lines up to this one, which were sent before.
 */
export async function* readBatches(
  file: string,
  plan: Plan,
  { mapper, fingerprint, understanding }: Pick<Survey, 'mapper' | 'fingerprint' | 'understanding'>,
  after = 0,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<Batch> {
  let batch = emptyBatch(after);
  let bytes = 0;
  for await (const rows of readRows(file, plan.wanted, understanding.layout, { onBytes })) {
    for (const row of rows) {
      const note = (text: string) => {
        if (row.line > after) batch.notes.push({ line: row.line, note: text });
      };
      const result = attempt(row, (readable) => mapper.map(readable, fingerprint, note));
      if (row.line <= after) continue;
      const reject = (reason: string) => batch.rejects.push({ line: row.line, reason, raw: row.raw });
      if (result instanceof Reject) {
        reject(result.message);
      } else if (result.length > 0) {
        const values = result.map((event) => Buffer.from(JSON.stringify({ ...event, via: 'import' })));
        const size = values.reduce((sum, { length }) => sum + length, 0);
        const isFull = batch.events.length + result.length > BATCH_EVENTS || bytes + size > MAX_REQUEST_BYTES;
        // The events of a line stay together: the position is a line.
        if (isFull && batch.events.length > 0) {
          yield batch;
          batch = emptyBatch(batch.position);
          bytes = 0;
        }
        result.forEach((event, index) => {
          const value = values[index]!;
          if (value.length > MAX_REQUEST_BYTES) {
            reject(`The event has ${value.length} bytes; the limit is ${MAX_REQUEST_BYTES}.`);
            return;
          }
          batch.events.push(event);
          batch.records.push({ key: userKey(event), value });
          bytes += value.length;
        });
      }
      batch.lines += 1;
      batch.position = row.line;
    }
  }
  yield batch;
}

const emptyBatch = (position: number): Batch => ({
  events: [],
  records: [],
  rejects: [],
  notes: [],
  lines: 0,
  position,
});

/** Calls `use`, and turns a refusal that it throws into a result. */
function attempt<T>(row: Row, use: (row: ReadableRow) => T): T | Reject {
  if (row.fields === undefined) return new Reject(row.reason);
  try {
    return use(row);
  } catch (error) {
    if (error instanceof Reject) return error;
    throw error;
  }
}
