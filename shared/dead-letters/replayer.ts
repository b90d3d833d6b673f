import { setTimeout as sleep } from 'node:timers/promises';
import type { FootfallEvent } from '../event/event.ts';
import { FootfallError } from '../platform/errors.ts';
import { kafkaUnavailable } from '../platform/http/outage.ts';
import { isKafkaOutage } from '../platform/kafka/outage.ts';
import { MINUTE_MS } from '../platform/time.ts';
import type { Sites } from '../sites/site.ts';
import type { LetterTopic } from './catch-up.ts';
import type { Entry } from './entry.ts';
import type { DeadLetterIndex, LetterCursor, LetterFilter, ListedLetter } from './letter-index.ts';
import type { Action } from './record.ts';
import { type Revision, revise } from './revise.ts';
import type { LetterWriter, Replay } from './topic.ts';

/** Letters that one step reads, announces, publishes and confirms. */
const PAGE = 200;
/** Offsets that a page may span: the records between its letters are read too. */
const SPAN = 20_000;
/** The last part of the time limit, in which no page begins, ms. */
const PAGE_MS = 8_000;
/** The sweep finishes replays that began this long ago, ms: the process that began them has ended. */
const ABANDONED_MS = MINUTE_MS;

/** Letters named by key, or the open letters that match a filter, from a cursor on. */
export type Selection =
  | { letters: readonly string[]; filter?: never }
  | { filter: LetterFilter; after?: LetterCursor | undefined; limit: number; letters?: never };

export interface Asked {
  /** Recorded with the action: `installation` or `site:<id>`. */
  by: string;
  note?: string | undefined;
  /** Restricts the caller to this site: to its letters, and to replays that become events of it. */
  site?: string | undefined;
  /** When the call has to be over, ms of performance.now(). */
  deadline: number;
}

export interface Refusal {
  letter: string;
  code: string;
  message: string;
}

/** Outcome of a replay or discard. */
export interface Done {
  /** Letters that this call replayed or discarded. */
  done: string[];
  /** Letters that were replayed or discarded before. */
  already: { letter: string; status: Entry['status'] }[];
  refused: Refusal[];
  /** Cursor to continue from, oldest first; undefined: nothing is left. */
  next: LetterCursor | undefined;
  /** Open letters of the filter behind `next`. */
  remaining: number;
}

export interface LetterRegisterParts {
  index: DeadLetterIndex;
  topic: LetterTopic;
  openWriter(): Promise<LetterWriter>;
  /** Publishes to the events topic; resolves when all in-sync replicas have the records. */
  publish(replays: readonly Replay[]): Promise<void>;
  /** All existing sites. */
  sites(): Promise<Sites>;
  /** Tells for each event whether its person was erased after it happened or was received. */
  areErased(events: readonly FootfallEvent[]): Promise<boolean[]>;
  /** Partitions of the events topic. */
  partitions: number;
}

/**
 * Replays and discards dead letters. The dead-letter topic records every action and has one writer at a time:
 * opening a writer fences off all earlier ones. So once the index has caught up with the topic, a letter that
 * is open stays open until this writer writes or is fenced off. Redis only repeats what the topic says.
 *
 * A replay takes three steps: record the exact bytes to publish, publish them, record that they were
 * published. A process that finds the first step without the last publishes the same bytes again; the shard
 * recognizes the letter's key and skips the repetition (see fold.ts). So each letter is counted once,
 * wherever a process dies.
 */
export class LetterRegister {
  readonly #parts: LetterRegisterParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: LetterRegisterParts) {
    this.#parts = parts;
  }

  /**
   * Publishes letters again, so that aggregate counts them.
   * @returns when all in-sync replicas of Kafka have the records.
   * @throws FootfallError `dead_letters_busy`, `dead_letters_indexing` and `kafka_unavailable` 503. Part of
   *   the work may be done then, or the next sweep may do it; calling again never counts a letter twice.
   *   Errors of ioredis.
   */
  replay(selection: Selection, revision: Revision, asked: Asked): Promise<Done> {
    return this.#alone(asked.deadline, async (writer, into) => {
      const sites = await this.#parts.sites();
      await this.#pages(selection, ['open', 'discarded'], asked, into, async (page) => {
        const { wanted, refused } = await this.#plan(page, revision, sites, asked);
        const say = (action: 'replay' | 'done', one: Planned) => ({
          action: actionOn(one, action, asked),
          ...(action === 'replay' && { replay: one.replay }),
        });
        if (wanted.length > 0 && !(await writer.write(wanted.map((one) => say('replay', one))))) return false;
        // Only after the write: a fenced-off writer repeats the page.
        into.refused.push(...refused);
        if (wanted.length === 0) return true;
        await this.#parts.publish(wanted.map(({ replay }) => replay));
        into.done.push(...wanted.map(({ letter }) => letter));
        // If this write is fenced off, the next writer publishes the page again, which changes nothing, and
        // confirms it.
        return writer.write(wanted.map((one) => say('done', one)));
      });
    });
  }

  /** Marks letters as never to be counted; they can still be replayed later. Throws as {@link replay}. */
  discard(selection: Selection, asked: Asked): Promise<Done> {
    return this.#alone(asked.deadline, async (writer, into) => {
      await this.#pages(selection, ['open'], asked, into, async (wanted) => {
        if (!(await writer.write(wanted.map((one) => ({ action: actionOn(one, 'discard', asked) })))))
          return false;
        into.done.push(...wanted.map(({ letter }) => letter));
        return true;
      });
    });
  }

  /**
   * Finishes interrupted replays: letters whose replay was recorded a minute ago or earlier and never
   * confirmed.
   * @returns the number of letters finished. Throws as {@link replay}.
   */
  async finish(deadline: number, now = Date.now()): Promise<number> {
    await this.#parts.topic.catchUp(() => performance.now() < deadline);
    const begun = await this.#parts.index.page(REPLAYING, { order: 'oldest', limit: PAGE });
    if (!begun.some(({ actions }) => (actions.at(-1)?.at ?? 0) < now - ABANDONED_MS)) return 0;
    let finished = 0;
    await this.#alone(deadline, async (_writer, _into, before) => {
      finished += before;
    });
    return finished;
  }

  /** Waits for the call in progress. */
  async close(): Promise<void> {
    await this.#last;
  }

  /**
   * Runs `work` as the only writer, with an index that has caught up, after finishing what others left
   * unfinished.
   * @param work called again with a new writer when this one is fenced off and it throws {@link Superseded}.
   *   `into` holds what is already done.
   */
  #alone(
    deadline: number,
    work: (writer: LetterWriter, into: Done, finished: number) => Promise<void>,
  ): Promise<Done> {
    // One at a time in this process, which would otherwise fence itself off.
    const result = this.#last.then(async () => {
      const into: Done = { done: [], already: [], refused: [], next: undefined, remaining: 0 };
      for (let tries = 1; ; tries++) {
        const began = performance.now();
        try {
          await this.#attempt(deadline, into, work);
          return into;
        } catch (error) {
          if (!(error instanceof Superseded)) throw isKafkaOutage(error) ? unavailable(error) : error;
        }
        // Two processes that take turns would fence each other off forever, see SitesWriter.
        const now = performance.now();
        const wait = Math.random() * (now - began) * 2 ** Math.min(tries, 3);
        if (now + wait > deadline - PAGE_MS) throw busy();
        await sleep(wait);
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }

  async #attempt(
    deadline: number,
    into: Done,
    work: (writer: LetterWriter, into: Done, finished: number) => Promise<void>,
  ): Promise<void> {
    const writer = await this.#parts.openWriter();
    try {
      await this.#parts.topic.catchUp(() => performance.now() < deadline);
      let finished = 0;
      for (;;) {
        const some = await this.#finishSome(writer);
        finished += some;
        if (some < PAGE) break;
        if (performance.now() > deadline - PAGE_MS) throw busy();
        await this.#parts.topic.catchUp(() => performance.now() < deadline);
      }
      if (finished > 0) await this.#parts.topic.catchUp(() => performance.now() < deadline);
      await work(writer, into, finished);
    } finally {
      await writer.close();
    }
  }

  async #finishSome(writer: LetterWriter): Promise<number> {
    const begun = await this.#parts.index.page(REPLAYING, { order: 'oldest', limit: PAGE });
    const [first] = begun;
    if (!first) return 0;
    const some = begun.filter(({ intent }) => isNear(intent, first.intent));
    const records = await this.#parts.topic.records(some.map(({ intent }) => intent!));
    const replays = some.flatMap((one): Planned[] => {
      const record = records.get(one.intent!.offset);
      if (!record) return [];
      const key = Buffer.from(record.headers.key ?? '', 'base64').toString('utf8');
      return [{ ...one, replay: { key, value: Buffer.from(record.value ?? '', 'base64') } }];
    });
    await this.#parts.publish(replays.map(({ replay }) => replay));
    // If Kafka has deleted the record of the replay, it cannot be finished; confirm it anyway, so nothing
    // waits for it.
    const actions = some.map((one) => ({
      action: actionOn(one, 'done', { by: one.actions.at(-1)?.by ?? '' }),
    }));
    if (!(await writer.write(actions))) throw new Superseded();
    return some.length;
  }

  /** Passes the selection to `act`, page by page. `act` returns false when the writer was fenced off. */
  async #pages(
    selection: Selection,
    statuses: readonly Entry['status'][],
    asked: Asked,
    into: Done,
    act: (page: ListedLetter[]) => Promise<boolean>,
  ): Promise<void> {
    // Another page would not finish in time.
    const isLate = () => performance.now() > asked.deadline - PAGE_MS;
    if (selection.letters) {
      const settled = new Set([...into.done, ...into.refused.map(({ letter }) => letter)]);
      const wanted = [...new Set(selection.letters)].filter((letter) => !settled.has(letter));
      const entries = await this.#parts.index.entries(wanted);
      into.already = [];
      const open: ListedLetter[] = [];
      for (const letter of wanted) {
        const entry = entries.get(letter);
        if (!entry || (asked.site !== undefined && entry.site !== asked.site)) {
          into.refused.push({ letter, code: 'unknown_letter', message: 'There is no such dead letter.' });
        } else if (!statuses.includes(entry.status)) {
          into.already.push({ letter, status: entry.status });
        } else {
          open.push({ letter, ...entry });
        }
      }
      for (let rest = open; rest.length > 0; ) {
        const page = nearOnes(rest);
        rest = rest.slice(page.length);
        if (!(await act(page))) throw new Superseded();
        if (!isLate()) continue;
        into.refused.push(...rest.map(({ letter }) => outOfTime(letter)));
        break;
      }
      return;
    }
    const { filter, limit } = selection;
    let seen = into.done.length + into.refused.length;
    into.next ??= selection.after;
    for (;;) {
      const found = await this.#parts.index.page(
        { ...filter, ...(asked.site !== undefined && { site: asked.site }), statuses: ['open'] },
        { order: 'oldest', after: into.next, limit: Math.min(PAGE, limit - seen) },
      );
      const page = nearOnes(found);
      if (page.length === 0) break;
      const isOnes = await act(page);
      const last = page.at(-1)!;
      // Skip what is done or refused, even if the writer was fenced off afterwards.
      const isBehind =
        into.done.includes(last.letter) || into.refused.some((one) => one.letter === last.letter);
      if (isOnes || isBehind) into.next = [last.at, last.letter];
      seen += page.length;
      if (!isOnes) throw new Superseded();
      if (seen >= limit || isLate()) break;
    }
    into.remaining = await this.#parts.index.count(
      { ...filter, ...(asked.site !== undefined && { site: asked.site }), statuses: ['open'] },
      into.next,
    );
    if (into.remaining === 0) into.next = undefined;
  }

  async #plan(
    page: readonly ListedLetter[],
    revision: Revision,
    sites: Sites,
    asked: Asked,
  ): Promise<{ wanted: Planned[]; refused: Refusal[] }> {
    const { topic, partitions, areErased } = this.#parts;
    const records =
      revision.event === undefined ? await topic.records(page.map(({ place }) => place)) : new Map();
    const revised: (Planned & { event: FootfallEvent })[] = [];
    const refused: Refusal[] = [];
    for (const one of page) {
      const { letter, place } = one;
      const record = records.get(place.offset);
      if (!record && revision.event === undefined) {
        refused.push({ letter, code: 'letter_expired', message: 'Kafka has deleted the letter.' });
        continue;
      }
      const is = revise(letter, Buffer.from(record?.value ?? '', 'base64'), revision, {
        sites,
        partitions,
      });
      if (is.refusal) {
        refused.push({ letter, ...is.refusal });
      } else if (asked.site !== undefined && is.event.site !== asked.site) {
        refused.push({
          letter,
          code: 'wrong_site',
          message: 'The event would belong to another site than the key.',
        });
      } else {
        revised.push({ ...one, ...is });
      }
    }
    const erased = await areErased(revised.map(({ event }) => event));
    const wanted = revised.filter((_, i) => !erased[i]);
    for (const { letter } of revised.filter((_, i) => erased[i])) {
      refused.push({ letter, code: 'erased', message: 'The person of this event was erased since.' });
    }
    return { wanted, refused };
  }
}

interface Planned extends ListedLetter {
  replay: Replay;
}

const REPLAYING: LetterFilter = { statuses: ['replaying'] };

const isNear = (one: Entry['intent'], other: Entry['intent']) =>
  one?.partition === other?.partition && Math.abs((one?.offset ?? 0) - (other?.offset ?? 0)) < SPAN;

/** The first letters, as many as one pass can read. */
function nearOnes(letters: ListedLetter[]): ListedLetter[] {
  const end = letters.findIndex(({ place }, i) => i === PAGE || !isNear(place, letters[0]!.place));
  return end < 0 ? letters : letters.slice(0, end);
}

const actionOn = (
  { letter, reason, at, site }: ListedLetter,
  action: Action['action'],
  { by, note }: Pick<Asked, 'by' | 'note'>,
): Action => ({
  letter,
  action,
  at: Date.now(),
  by,
  note: action === 'done' ? undefined : note,
  reason,
  timestamp: at,
  site,
});

const outOfTime = (letter: string): Refusal => ({
  ...{
    letter,
    code: 'out_of_time',
    message: 'The request ran out of time before this letter; send it again.',
  },
});

/** Another process opened a writer. */
class Superseded extends Error {}

const busy = () =>
  new FootfallError(
    'dead_letters_busy',
    503,
    'Other requests keep replaying or discarding letters. Try again.',
    {
      retryAfter: 1,
      expose: true,
    },
  );

const unavailable = (cause: unknown) =>
  kafkaUnavailable('Kafka does not answer. The request may or may not have taken effect.', cause);
