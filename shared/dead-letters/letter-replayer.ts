import { setTimeout as sleep } from 'node:timers/promises';
import { FootfallError } from '../platform/errors.ts';
import { kafkaUnavailable } from '../platform/http/outage-errors.ts';
import { isKafkaOutage } from '../platform/kafka/outage.ts';
import { MINUTE_MS } from '../platform/time.ts';
import type { Sites } from '../sites/site.ts';
import type { LetterEntry } from './letter-entry.ts';
import type { DeadLetterIndex, LetterCursor, LetterFilter, ListedLetter } from './letter-index.ts';
import type { Action } from './letter-record.ts';
import type { LetterTopic } from './letter-topic.ts';
import type { LetterWriter, Replay } from './letter-writer.ts';
import { type NamedPerson, peopleNamed } from './people-named.ts';
import { prepareReplay, type Revision } from './prepare-replay.ts';

/** Letters that one step reads, announces, publishes and confirms. */
const PAGE_SIZE = 200;
/** Offsets that a page may span: the records between its letters are read too. */
const MAX_SPAN = 20_000;
/** The last part of the time limit, in which no page begins, ms. */
const PAGE_MS = 8_000;
/** The sweep finishes replays that began this long ago, ms: the process that began them has ended. */
const ABANDONED_MS = MINUTE_MS;

/** Letters named by key, or the open letters that match a filter, from a cursor on. */
export type Selection =
  | { letters: readonly string[]; filter?: never }
  | { filter: LetterFilter; after?: LetterCursor | undefined; limit: number; letters?: never };

export interface ReplayOptions {
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
  /** Where the problem is in the letter's event, for one that is still not understood. */
  path?: string;
}

/** Outcome of a replay or discard. */
export interface ReplayOutcome {
  /** Letters that this call replayed or discarded. */
  done: string[];
  /** Letters that were replayed or discarded before. */
  already: { letter: string; status: LetterEntry['status'] }[];
  refused: Refusal[];
  /** Cursor to continue from, oldest first; undefined: nothing is left. */
  next: LetterCursor | undefined;
  /** Open letters of the filter behind `next`. */
  remaining: number;
}

export interface LetterReplayerParts {
  index: DeadLetterIndex;
  topic: LetterTopic;
  openWriter(): Promise<LetterWriter>;
  /** Publishes to the events topic; resolves when all in-sync replicas have the records. */
  publish(replays: readonly Replay[]): Promise<void>;
  /** All existing sites. */
  sites(): Promise<Sites>;
  /** Tells of each person whether an erasure covers what happened, or was received, at these times. */
  areErased(people: readonly NamedPerson[]): Promise<boolean[]>;
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
export class LetterReplayer {
  readonly #parts: LetterReplayerParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: LetterReplayerParts) {
    this.#parts = parts;
  }

  /**
   * Publishes letters again, so that aggregate counts them.
   * @returns when all in-sync replicas of Kafka have the records.
   * @throws FootfallError `dead_letters_busy`, `dead_letters_indexing` and `kafka_unavailable` 503. Part of
   *   the work may be done then, or the next sweep may do it; calling again never counts a letter twice.
   *   RedisUnavailable.
   */
  replay(selection: Selection, revision: Revision, options: ReplayOptions): Promise<ReplayOutcome> {
    return this.#asOnlyWriter(options.deadline, async (writer, outcome) => {
      const sites = await this.#parts.sites();
      await this.#pages(selection, ['open', 'discarded'], options, outcome, async (page) => {
        const { wanted, refused } = await this.#plan(page, revision, sites, options);
        const say = (action: 'replay' | 'done', one: Planned) => ({
          action: actionOn(one, action, options),
          ...(action === 'replay' && { replay: one.replay }),
        });
        if (wanted.length > 0 && !(await writer.write(wanted.map((one) => say('replay', one))))) return false;
        // Only after the write: a fenced-off writer repeats the page.
        outcome.refused.push(...refused);
        if (wanted.length === 0) return true;
        await this.#parts.publish(wanted.map(({ replay }) => replay));
        outcome.done.push(...wanted.map(({ letter }) => letter));
        // If this write is fenced off, the next writer publishes the page again, which changes nothing, and
        // confirms it.
        return writer.write(wanted.map((one) => say('done', one)));
      });
    });
  }

  /** Marks letters as never to be counted; they can still be replayed later. Throws as {@link replay}. */
  discard(selection: Selection, options: ReplayOptions): Promise<ReplayOutcome> {
    return this.#asOnlyWriter(options.deadline, async (writer, outcome) => {
      await this.#pages(selection, ['open'], options, outcome, async (wanted) => {
        if (!(await writer.write(wanted.map((one) => ({ action: actionOn(one, 'discard', options) })))))
          return false;
        outcome.done.push(...wanted.map(({ letter }) => letter));
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
    const unfinished = await this.#parts.index.page(REPLAYING, { order: 'oldest', limit: PAGE_SIZE });
    if (!unfinished.some(({ actions }) => (actions.at(-1)?.at ?? 0) < now - ABANDONED_MS)) return 0;
    let finished = 0;
    await this.#asOnlyWriter(deadline, async (_writer, _outcome, before) => {
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
   *   `outcome` holds what is already done.
   */
  #asOnlyWriter(
    deadline: number,
    work: (writer: LetterWriter, outcome: ReplayOutcome, finished: number) => Promise<void>,
  ): Promise<ReplayOutcome> {
    // One at a time in this process, which would otherwise fence itself off.
    const result = this.#last.then(async () => {
      const outcome: ReplayOutcome = { done: [], already: [], refused: [], next: undefined, remaining: 0 };
      for (let tries = 1; ; tries++) {
        const began = performance.now();
        try {
          await this.#attempt(deadline, outcome, work);
          return outcome;
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
    outcome: ReplayOutcome,
    work: (writer: LetterWriter, outcome: ReplayOutcome, finished: number) => Promise<void>,
  ): Promise<void> {
    const writer = await this.#parts.openWriter();
    try {
      await this.#parts.topic.catchUp(() => performance.now() < deadline);
      let finished = 0;
      for (;;) {
        const some = await this.#finishSome(writer);
        finished += some;
        if (some < PAGE_SIZE) break;
        if (performance.now() > deadline - PAGE_MS) throw busy();
        await this.#parts.topic.catchUp(() => performance.now() < deadline);
      }
      if (finished > 0) await this.#parts.topic.catchUp(() => performance.now() < deadline);
      await work(writer, outcome, finished);
    } finally {
      await writer.close();
    }
  }

  async #finishSome(writer: LetterWriter): Promise<number> {
    const unfinished = await this.#parts.index.page(REPLAYING, { order: 'oldest', limit: PAGE_SIZE });
    const [first] = unfinished;
    if (!first) return 0;
    const some = unfinished.filter(({ intent }) => isNear(intent, first.intent));
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

  /** Passes the selection to `handlePage`, page by page. */
  #pages(
    selection: Selection,
    statuses: readonly LetterEntry['status'][],
    options: ReplayOptions,
    outcome: ReplayOutcome,
    handlePage: HandlePage,
  ): Promise<void> {
    return selection.letters
      ? this.#pagesOfNamed(selection.letters, statuses, options, outcome, handlePage)
      : this.#pagesOfFilter(selection, options, outcome, handlePage);
  }

  /** Letters by their keys; what cannot be handled is noted in `outcome`. */
  async #pagesOfNamed(
    letters: readonly string[],
    statuses: readonly LetterEntry['status'][],
    options: ReplayOptions,
    outcome: ReplayOutcome,
    handlePage: HandlePage,
  ): Promise<void> {
    const settled = new Set([...outcome.done, ...outcome.refused.map(({ letter }) => letter)]);
    const wanted = [...new Set(letters)].filter((letter) => !settled.has(letter));
    const entries = await this.#parts.index.entries(wanted);
    outcome.already = [];
    const open: ListedLetter[] = [];
    for (const letter of wanted) {
      const entry = entries.get(letter);
      if (!entry || (options.site !== undefined && entry.site !== options.site)) {
        outcome.refused.push({ letter, code: 'unknown_letter', message: 'There is no such dead letter.' });
      } else if (!statuses.includes(entry.status)) {
        outcome.already.push({ letter, status: entry.status });
      } else {
        open.push({ letter, ...entry });
      }
    }
    for (let rest = open; rest.length > 0; ) {
      const page = firstNearby(rest);
      rest = rest.slice(page.length);
      if (!(await handlePage(page))) throw new Superseded();
      if (!isLate(options)) continue;
      outcome.refused.push(...rest.map(({ letter }) => outOfTime(letter)));
      break;
    }
  }

  /** The open letters of a filter, the oldest first; `outcome` says where to go on. */
  async #pagesOfFilter(
    selection: Extract<Selection, { filter: LetterFilter }>,
    options: ReplayOptions,
    outcome: ReplayOutcome,
    handlePage: HandlePage,
  ): Promise<void> {
    const { index } = this.#parts;
    const { limit, after } = selection;
    const filter: LetterFilter = {
      ...selection.filter,
      ...(options.site !== undefined && { site: options.site }),
      statuses: ['open'],
    };
    let seen = outcome.done.length + outcome.refused.length;
    outcome.next ??= after;
    for (;;) {
      const most = Math.min(PAGE_SIZE, limit - seen);
      const page = firstNearby(
        await index.page(filter, { order: 'oldest', after: outcome.next, limit: most }),
      );
      if (page.length === 0) break;
      const isOnes = await handlePage(page);
      const last = page.at(-1)!;
      // Skip what is done or refused, even if the writer was fenced off afterwards.
      const isBehind =
        outcome.done.includes(last.letter) || outcome.refused.some((one) => one.letter === last.letter);
      if (isOnes || isBehind) outcome.next = [last.at, last.letter];
      seen += page.length;
      if (!isOnes) throw new Superseded();
      if (seen >= limit || isLate(options)) break;
    }
    outcome.remaining = await index.count(filter, outcome.next);
    if (outcome.remaining === 0) outcome.next = undefined;
  }

  async #plan(
    page: readonly ListedLetter[],
    revision: Revision,
    sites: Sites,
    options: ReplayOptions,
  ): Promise<{ wanted: Planned[]; refused: Refusal[] }> {
    const { topic, partitions } = this.#parts;
    const records = await topic.records(page.map(({ place }) => place));
    // Decoded one by one: all letters of a page may be large.
    const contentOf = ({ place }: ListedLetter) =>
      Buffer.from(records.get(place.offset)?.value ?? '', 'base64');
    const keyOf = ({ place }: ListedLetter) =>
      Buffer.from(records.get(place.offset)?.headers.key ?? '', 'base64').toString();
    // First of all: what else is wrong with a letter tells what it holds.
    const isErased = await this.#nameErased(page.map((one) => peopleNamed(contentOf(one), keyOf(one))));
    const revised: (Planned & { people: NamedPerson[] | undefined })[] = [];
    const refused: Refusal[] = [];
    for (const [i, one] of page.entries()) {
      const { letter, place } = one;
      if (isErased[i]) {
        refused.push(erased(letter));
        continue;
      }
      if (!records.has(place.offset) && revision.event === undefined) {
        refused.push({ letter, code: 'letter_expired', message: 'Kafka has deleted the letter.' });
        continue;
      }
      const is = prepareReplay(letter, contentOf(one), revision, { sites, partitions });
      if (is.refusal) {
        refused.push({ letter, ...is.refusal });
      } else if (options.site !== undefined && is.event.site !== options.site) {
        refused.push({
          letter,
          code: 'wrong_site',
          message: 'The event would belong to another site than the key.',
        });
      } else {
        revised.push({ ...one, ...is, people: peopleNamed(is.replay.value) });
      }
    }
    const becomesErased = await this.#nameErased(revised.map(({ people }) => people));
    const wanted = revised.filter((_, i) => !becomesErased[i]);
    refused.push(...revised.filter((_, i) => becomesErased[i]).map(({ letter }) => erased(letter)));
    return { wanted, refused };
  }

  /** Tells of each list whether one of its people was erased. */
  async #nameErased(lists: readonly (NamedPerson[] | undefined)[]): Promise<boolean[]> {
    const all = lists.flatMap((people) => people ?? []);
    const answers = await this.#parts.areErased(all);
    const found = new Set(all.filter((_, i) => answers[i]));
    return lists.map((people) => !people || people.some((one) => found.has(one)));
  }
}

interface Planned extends ListedLetter {
  replay: Replay;
}

/** @returns false when the writer was fenced off. */
type HandlePage = (page: ListedLetter[]) => Promise<boolean>;

/** Whether another page would not finish in time. */
const isLate = ({ deadline }: ReplayOptions) => performance.now() > deadline - PAGE_MS;

const REPLAYING: LetterFilter = { statuses: ['replaying'] };

const isNear = (one: LetterEntry['intent'], other: LetterEntry['intent']) =>
  one?.partition === other?.partition && Math.abs((one?.offset ?? 0) - (other?.offset ?? 0)) < MAX_SPAN;

/** The first letters, as many as one pass can read. */
function firstNearby(letters: ListedLetter[]): ListedLetter[] {
  const end = letters.findIndex(({ place }, i) => i === PAGE_SIZE || !isNear(place, letters[0]!.place));
  return end < 0 ? letters : letters.slice(0, end);
}

const actionOn = (
  { letter, reason, at, site }: ListedLetter,
  action: Action['action'],
  { by, note }: Pick<ReplayOptions, 'by' | 'note'>,
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

const erased = (letter: string): Refusal => ({
  ...{ letter, code: 'erased', message: 'A person of this event was erased since.' },
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
