import type { KafkaMessage } from 'kafkajs';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { OUTCOMES } from '../../shared/event/outcome.ts';
import { type Numbers, recount } from '../oracle/naive.ts';
import { stored } from '../oracle/stored.ts';
import { shardKeys } from '../support/generation.ts';
import { keysWithoutEnd } from '../support/keys-without-end.ts';
import { type Environment, PARTITIONS, SITES } from './environment.ts';
import type { Load } from './load.ts';
import { Log } from './log.ts';

/** A header of poison records, with the reason that their dead letters need to have. */
export const POISON = 'poison';

const LATENESS_MS = 72 * 3_600_000;

/** The state of a shard in Redis, read in one transaction. */
export interface Snapshot {
  nexts: number[];
  ledgers: Record<string, string>[];
}

export interface Verdict {
  lost: number;
  doubled: number;
  /** Further numbers: sessions, people, money, funnels, products … */
  wrong: number;
  /** What is wrong, in words. */
  details: string[];
}

/** Compares the store with the events that were answered with 202. */
export class Truth {
  readonly #environment: Environment;
  readonly #load: Load;
  readonly #events: Log;
  readonly #letters: Log;
  readonly #snapshots: Snapshot[] = [];

  constructor(environment: Environment, load: Load) {
    this.#environment = environment;
    this.#load = load;
    const { eventsTopic, dlqTopic } = environment.config.kafka;
    this.#events = new Log(environment.kafka, eventsTopic, PARTITIONS);
    this.#letters = new Log(environment.kafka, dlqTopic, 1);
  }

  /** Reads the heads and ledgers of all shards for the next {@link compare}. @throws when Redis is away. */
  async observe(): Promise<Snapshot> {
    const transaction = this.#environment.redis.direct().multi();
    for (let p = 0; p < PARTITIONS; p++)
      transaction.hget(shardKeys.head(p), 'next').hgetall(shardKeys.ledger(p));
    const answers = (await transaction.exec())!.map(([error, answer]) => {
      if (error) throw error;
      return answer;
    });
    const snapshot = {
      nexts: answers.filter((_, i) => i % 2 === 0).map(Number),
      ledgers: answers.filter((_, i) => i % 2 === 1) as Record<string, string>[],
    };
    this.#snapshots.push(snapshot);
    return snapshot;
  }

  /** Records in the log that are not applied. Zero means that nothing between shards is under way either. */
  async lag(): Promise<number> {
    // In this order, since what a commit sends to other shards is in the log before it.
    const { nexts } = await this.observe();
    const ends = await this.#events.ends();
    return ends.reduce((sum, end, p) => sum + Math.abs(end - nexts[p]!), 0);
  }

  /** To be called when everything was answered and applied. */
  async compare(): Promise<Verdict> {
    await Promise.all([this.#events.readOn(), this.#letters.readOn()]);
    const notes: string[] = [];
    const events = this.#eventsThatCount(notes);
    const missing = notes.length;
    this.#checkSnapshots(notes);
    this.#checkLetters(notes);
    for (const key of await keysWithoutEnd(this.#environment.redis.direct())) {
      notes.push(`${key} never expires`);
    }
    // Some users are in the log only as the user of a visitor.
    const users = [...new Set(events.flatMap(({ user, identifies }) => [user, identifies ?? user]))];
    const numbers = compareNumbers(
      recount(events, SITES),
      await stored(this.#environment.reader, SITES, users),
    );
    return {
      lost: numbers.lost + missing,
      doubled: numbers.doubled,
      wrong: numbers.wrong + notes.length - missing,
      details: [...notes, ...numbers.details],
    };
  }

  /** The first record of each event that was answered with 202, and all records of bots. */
  #eventsThatCount(notes: string[]): FootfallEvent[] {
    const found = new Set<string>();
    const events: FootfallEvent[] = [];
    for (const message of this.#events.partitions.flat()) {
      const event = eventOf(message);
      if (!event || event.origin) continue;
      const name = `${event.site} ${event.id}`;
      if (event.bot === undefined && found.has(name)) continue;
      found.add(name);
      if (!isTooLate(event)) events.push(event);
    }
    for (const name of this.#load.acknowledged.keys()) {
      if (!found.has(name)) notes.push(`${name} was answered with 202 and is not in the log`);
    }
    return events;
  }

  /**
   * At any moment each record below a shard's head has one outcome, and each event counts once, even while the consumer
   * is killed or Redis has lost half of its data.
   */
  #checkSnapshots(notes: string[]): void {
    const firsts = this.#events.partitions.map(countFirsts);
    for (const { nexts, ledgers } of this.#snapshots.splice(0)) {
      for (const [p, next] of nexts.entries()) {
        const of = (...names: string[]) =>
          Object.entries(ledgers[p]!).reduce(
            (sum, [field, n]) => (names.includes(field.split(':')[1]!) ? sum + Number(n) : sum),
            0,
          );
        const counted = of('applied', 'forwarded');
        const right = firsts[p]![next];
        if (counted !== right) {
          notes.push(`shard ${p} had counted ${counted} events below ${next}, which are ${right}`);
        }
        const outcomes = of(...OUTCOMES);
        if (outcomes !== next) notes.push(`shard ${p} had ${outcomes} outcomes below ${next}`);
      }
    }
  }

  /** Each record that cannot be counted is a dead letter with its bytes and reason, twice after an interruption. */
  #checkLetters(notes: string[]): void {
    const kept = new Map<string, KafkaMessage>();
    for (const message of this.#letters.partitions.flat()) kept.set(String(message.key), message);
    for (const [p, messages] of this.#events.partitions.entries()) {
      for (const message of messages) {
        const reason = reasonOf(message);
        if (reason === undefined) continue;
        const place = `${this.#environment.config.kafka.eventsTopic}-${p}-${message.offset}`;
        const letter = kept.get(place);
        kept.delete(place);
        if (!letter) notes.push(`${place} (${reason}) is not a dead letter`);
        else if (String(letter.headers?.reason) !== reason) {
          notes.push(`${place} is dead for ${letter.headers?.reason} and not ${reason}`);
        } else if (!(letter.value ?? Buffer.alloc(0)).equals(message.value ?? Buffer.alloc(0))) {
          notes.push(`${place} has lost its bytes`);
        }
      }
    }
    for (const place of kept.keys()) notes.push(`${place} is a dead letter for no reason`);
  }
}

/** The event of a record, unless it is a poison record. */
function eventOf({ value, headers }: KafkaMessage): FootfallEvent | undefined {
  return headers?.[POISON] === undefined ? (JSON.parse(String(value)) as FootfallEvent) : undefined;
}

const isTooLate = ({ received, ts }: FootfallEvent) => received - ts > LATENESS_MS;

function reasonOf(message: KafkaMessage): string | undefined {
  const poison = message.headers?.[POISON];
  if (poison !== undefined) return String(poison);
  return isTooLate(eventOf(message)!) ? 'too_late' : undefined;
}

/** At index n: how many of the first n records are the first of an event that counts. */
function countFirsts(messages: readonly KafkaMessage[]): number[] {
  const seen = new Set<string>();
  const counts = [0];
  for (const message of messages) {
    const event = eventOf(message);
    const isCounted = event && !event.joins && !event.order && event.bot === undefined && !isTooLate(event);
    if (isCounted) seen.add(JSON.stringify([event.site, event.user, event.id]));
    counts.push(seen.size);
  }
  return counts;
}

function compareNumbers(expected: Numbers, actual: Numbers): Verdict {
  const verdict = { lost: 0, doubled: 0, wrong: 0, details: [] as string[] };
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  for (const name of names) {
    // The list of days with events is not a number.
    if (name.startsWith('days /')) continue;
    const [right = 0, is = 0] = [expected[name], actual[name]];
    if (right === is) continue;
    verdict.details.push(`${name}: ${is} instead of ${right}`);
    if (!/^day \/ [^/]+ \/ [^/]+ \/ n:/.test(name)) verdict.wrong++;
    else if (is < right) verdict.lost += right - is;
    else verdict.doubled += is - right;
  }
  return verdict;
}
