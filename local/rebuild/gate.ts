import type { KafkaRecord } from '../../shared/events/decode.ts';

/** Where partitions that are being read can be stopped for a moment, each at an offset. */
export class Gate {
  readonly #take: (records: KafkaRecord[]) => Promise<void>;
  readonly #limits = new Map<number, number>();
  readonly #underWay = new Map<number, Promise<unknown>>();
  #change = Promise.withResolvers<void>();

  /** @param take what is done with records that may pass. */
  constructor(take: (records: KafkaRecord[]) => Promise<void>) {
    this.#take = take;
  }

  /** Takes some records of a partition, in order; those that may not pass wait until they may. */
  async pass(records: KafkaRecord[]): Promise<void> {
    const { partition } = records[0]!;
    for (let rest = records; rest.length > 0; ) {
      const limit = this.#limits.get(partition) ?? Infinity;
      const some = rest.filter(({ offset }) => offset < limit);
      rest = rest.slice(some.length);
      if (some.length === 0) {
        await this.#change.promise;
        continue;
      }
      const taking = this.#take(some);
      this.#underWay.set(
        partition,
        taking.catch(() => {}),
      );
      await taking;
    }
  }

  /** From this offset on nothing passes; waits for what is under way, which may be beyond it. */
  async holdAt(partition: number, limit: number): Promise<void> {
    this.#limits.set(partition, limit);
    this.#wake();
    await this.#underWay.get(partition);
  }

  /** Everything passes. */
  open(): void {
    this.#limits.clear();
    this.#wake();
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
