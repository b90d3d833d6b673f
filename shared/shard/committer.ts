import type { RedisClient } from '../platform/redis/connection.ts';
import { readScript } from '../platform/redis/script.ts';
import type { EncodedBatch } from './write-batch.ts';

const SCRIPT = readScript('shard/commit.lua');

/** How far a shard, or another reader of a partition, has come. */
export interface Head {
  /** Grows by one with each commit; 0 when there is no head. */
  version: number;
  /** The offset of the first record that is not applied yet. */
  next: number;
}

interface CommitCommand {
  commitChunk(keyCount: number, ...args: (string | number | Buffer)[]): Promise<number>;
}

/** Commits batches with commit.lua. */
export class Committer {
  readonly #redis: RedisClient & CommitCommand;

  constructor(redis: RedisClient) {
    redis.defineCommand('commitChunk', { lua: SCRIPT });
    this.#redis = redis as RedisClient & CommitCommand;
  }

  /**
   * Applies a batch and moves the head, or does neither.
   * @param headKey in the slot of the batch's keys
   * @param head the head that the batch was made for
   * @param to.next the offset after the last record
   * @param to.timestamp of that record, ms
   * @returns false when the head is another one by now, and nothing was changed.
   */
  async commit(
    headKey: string,
    head: Head,
    to: { next: number; timestamp: number },
    { keys, writes, strings }: EncodedBatch,
  ): Promise<boolean> {
    const committed = await this.#redis.commitChunk(
      keys.length + 1,
      headKey,
      ...keys,
      head.version,
      head.next,
      to.next,
      to.timestamp,
      writes,
      strings,
    );
    return committed === 1;
  }
}
