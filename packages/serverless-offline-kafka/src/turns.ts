import type { Invocation } from './judge-response.ts';
import { type EventPart, encodeEvent, eventBytes, MAX_PAYLOAD_BYTES } from './lambda-event.ts';

export interface TurnsOptions {
  /** How many invocations run at the same time, at most. */
  limit: number;
  /** The most records in an event. */
  batchSize: number;
  /** Invokes the function with an event as JSON. Throws when the function could not be reached. */
  invoke(payload: string): Promise<Invocation>;
}

/** How an event was answered, and the offsets that were in it, by the key of their records. */
export interface Answer {
  invocation: Invocation;
  sent: ReadonlyMap<string, readonly number[]>;
}

/** A partition's part of an event, and how it learns of the answer. */
interface Waiting extends EventPart {
  isAlone: boolean;
  /** Nothing starts for the partition any more. */
  isOver(): boolean;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * The invocations of one function. Partitions that wait at the same time share a turn, and their batches one event, as
 * far as the limits of an event allow ("A single Lambda payload can contain messages from multiple partitions": AWS,
 * "Configuring self-managed Apache Kafka event sources for Lambda").
 * @example
 * const turn = await turns.take();
 * const { invocation } = await turn.invoke({ envelope, records: buffer.take() });
 */
export class Turns {
  readonly #options: TurnsOptions;
  #free: number;
  readonly #waiting: ((turn: Turn) => void)[] = [];
  /** Events of turns that are over, in their order. */
  readonly #events: Waiting[][] = [];

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#free = options.limit;
  }

  /** Resolves when it is the caller's turn. The caller then invokes or leaves at once: the others of the turn wait for it. */
  take(): Promise<Turn> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#next();
    });
  }

  #next(): void {
    while (this.#free > 0) {
      const event = this.#events.shift();
      if (event) {
        this.#free -= 1;
        void this.#invoke(event).then(() => this.#release());
        continue;
      }
      if (this.#waiting.length === 0) return;
      this.#free -= 1;
      this.#share(this.#waiting.splice(0));
    }
  }

  #release(): void {
    this.#free += 1;
    this.#next();
  }

  /** Gives a turn to each, and forms events when all have invoked or left. */
  #share(members: readonly ((turn: Turn) => void)[]): void {
    const parts: Waiting[] = [];
    let undecided = members.length;
    const decide = (part?: Waiting) => {
      if (part) parts.push(part);
      undecided -= 1;
      if (undecided > 0) return;
      this.#events.push(...eventsOf(parts, this.#options.batchSize));
      this.#release();
    };
    for (const begin of members) begin(new Turn(decide));
  }

  async #invoke(parts: readonly Waiting[]): Promise<void> {
    // An event may have waited for others of its turn.
    const event: Waiting[] = [];
    for (const part of parts) {
      if (part.isOver()) part.reject(new Error('the partition is not read here any more'));
      else event.push(part);
    }
    if (event.length === 0) return;
    try {
      const invocation = await this.#options.invoke(encodeEvent(event));
      const sent = new Map(
        event.map(({ envelope, records }) => [envelope.key, records.map(({ offset }) => offset)]),
      );
      for (const { resolve } of event) resolve({ invocation, sent });
    } catch (error) {
      for (const { reject } of event) reject(error);
    }
  }
}

/** One partition's share of a turn. */
export class Turn {
  #decide: ((part?: Waiting) => void) | undefined;

  constructor(decide: (part?: Waiting) => void) {
    this.#decide = decide;
  }

  /**
   * Adds a batch to the turn's event, and waits for the answer. Ends the caller's turn.
   * @param options.isAlone the batch gets an event of its own, because it might be the one that fails
   * @param options.isOver asked before the event is sent: whether nothing may start for the partition any more
   * @throws when the function could not be reached, or nothing may start any more.
   */
  invoke(
    part: EventPart,
    { isAlone = false, isOver = () => false }: { isAlone?: boolean; isOver?: () => boolean } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => this.#end({ ...part, isAlone, isOver, resolve, reject }));
  }

  /** Ends the caller's turn without an invocation. Does nothing when the turn is over. */
  leave(): void {
    this.#end();
  }

  #end(part?: Waiting): void {
    const decide = this.#decide;
    this.#decide = undefined;
    decide?.(part);
  }
}

/** Puts parts together into as few events as both limits allow, in their order. */
function eventsOf(parts: readonly Waiting[], batchSize: number): Waiting[][] {
  const events: Waiting[][] = [];
  let [records, bytes] = [Infinity, Infinity];
  for (const part of parts.filter(({ isAlone }) => !isAlone)) {
    const itsBytes = eventBytes(part.envelope, part.records);
    records += part.records.length;
    bytes += itsBytes;
    if (records > batchSize || bytes > MAX_PAYLOAD_BYTES) {
      events.push([]);
      [records, bytes] = [part.records.length, itsBytes];
    }
    events.at(-1)!.push(part);
  }
  for (const part of parts) if (part.isAlone) events.push([part]);
  return events;
}
