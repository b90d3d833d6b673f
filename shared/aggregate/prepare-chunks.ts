import { setImmediate } from 'node:timers/promises';
import type { DeadLetter } from '../event/decode.ts';
import { addOutcomes, noOutcomes, type OutcomeCounts } from '../fold/chunk-delta.ts';
import { fold } from '../fold/fold.ts';
import type { Forwarded } from '../fold/identity.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import type { ShardStore, Snapshot } from '../shard/shard-store.ts';
import type { BatchDecoder } from './batch-decoder.ts';
import type { Commit } from './commit-window.ts';
import type { TimeBudget } from './time-budget.ts';

/** The event loop answers others at least this often while records are folded, ms. */
const BREATHE_MS = 50;

/** Once the encoded chunks have this many bytes, they are committed before more are folded. */
const MAX_ENCODED_BYTES = 8_000_000;

/** A chunk that is folded and encoded. Its delta is let go: a large batch would hold much memory. */
export interface PreparedChunk {
  commit: Commit;
  outcomes: OutcomeCounts;
  letters: DeadLetter[];
  forwards: Forwarded[];
}

export interface PreparedBatch {
  chunks: PreparedChunk[];
  /** The offset after the last record of the chunks. */
  next: number;
  /** Keys of the dead letters that the records replay. */
  replays: string[];
  /** Some records are left: there is no time for them. */
  isCutShort: boolean;
}

/**
 * Folds the records that the shard does not have yet, and encodes each chunk's commit. Commits nothing. Ends before the
 * last record when the chunks are too much to be held at once.
 * @param options.remainingMs until Lambda ends the invocation
 */
export async function prepareChunks(
  records: readonly KafkaRecord[],
  options: {
    store: ShardStore;
    snapshot: Snapshot;
    decoder: BatchDecoder;
    budget: TimeBudget;
    remainingMs(): number;
  },
): Promise<PreparedBatch> {
  const { store, snapshot, decoder, budget, remainingMs } = options;
  const { partition, offset: last } = records.at(-1)!;
  let head = snapshot.head;
  const deltas = fold(
    records.filter(({ offset }) => offset >= head.next),
    { decode: decoder.decode, snapshot, shard: { generation: store.generation, next: head.next } },
  );
  const chunks: PreparedChunk[] = [];
  const replays: string[] = [];
  let breathed = performance.now();
  let bytes = 0;
  while (head.next <= last && bytes < MAX_ENCODED_BYTES) {
    if (!budget.hasTimeFor(chunks.length, remainingMs())) {
      return { chunks, next: head.next, replays, isCutShort: true };
    }
    const began = performance.now();
    const { value: delta, done } = deltas.next();
    if (done) break;
    const outcomes = noOutcomes();
    for (const counts of delta.ledger.values()) addOutcomes(outcomes, counts);
    const { letters, forwards } = delta;
    const prepared = store.prepare(partition, head, delta);
    bytes += prepared.bytes;
    chunks.push({ commit: prepared.commit, outcomes, letters, forwards });
    replays.push(...delta.replays);
    head = { version: head.version + 1, next: delta.nextOffset };
    const now = performance.now();
    budget.folded(now - began);
    if (now - breathed > BREATHE_MS) {
      await setImmediate();
      breathed = performance.now();
    }
  }
  return { chunks, next: head.next, replays, isCutShort: false };
}
