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

/** Letters of which one step takes care: what is read, said to be done, published and said to have been done. */
const PAGE = 200;
/** What lies between the letters of a page is read as well; so many records at most. */
const SPAN = 20_000;
/** No page begins in the last part of the time. */
const PAGE_MS = 8_000;
/** The sweep finishes what was begun so long ago, ms: whoever began it has ended. */
const ABANDONED_MS = MINUTE_MS;

/** Some letters by their keys, or all open ones of a filter behind a cursor. */
export type Selection =
  | { letters: readonly string[]; filter?: never }
  | { filter: LetterFilter; after?: LetterCursor | undefined; limit: number; letters?: never };

export interface Asked {
  /** Who asks, for the record: `installation`, `site:<id>`. */
  by: string;
  note?: string | undefined;
  /** Only this site's letters are there for who asks, and only its events may come of them. */
  site?: string | undefined;
  /** On performance's clock, ms: it is to be over then. */
  deadline: number;
}

export interface Refusal {
  letter: string;
  code: string;
  message: string;
}

/** What became of the letters. */
export interface Done {
  /** Letters with which it was done now. */
  done: string[];
  /** Those with which it, or its opposite, had been done before. */
  already: { letter: string; status: Entry['status'] }[];
  refused: Refusal[];
  /** Where to go on, if there is more; a cursor in the order of the oldest first. */
  next: LetterCursor | undefined;
  /** Open letters of the filter from there on. */
  remaining: number;
}

export interface LetterRegisterParts {
  index: DeadLetterIndex;
  topic: LetterTopic;
  openWriter(): Promise<LetterWriter>;
  /** Publishes to the topic of events; resolves when all in-sync replicas have them. */
  publish(replays: readonly Replay[]): Promise<void>;
  /** All sites that there are. */
  sites(): Promise<Sites>;
  /** Of each event, whether it is of a person who was erased after it happened or was received. */
  areErased(events: readonly FootfallEvent[]): Promise<boolean[]>;
  /** Partitions of the events topic. */
  partitions: number;
}

/**
 * Replays and discards dead letters. Their topic says what was done with each, and is written by one producer at a
 * time: opening it shuts out whoever has opened it before. So what is open when the index goes up to the topic's end is
 * open, and nobody else acts on it, until this writer writes or is shut out. Redis is only asked for what the topic has
 * said.
 *
 * A replay is written down first, as the very bytes that are going to be published, then it is published, then that is
 * written down. Whoever finds the first without the last publishes the same again; the shard that gets it knows by the
 * letter's key that it has had it (see fold.ts). So each letter is counted once, whatever ends whom wherever.
 */
export class LetterRegister {
  readonly #parts: LetterRegisterParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: LetterRegisterParts) {
    this.#parts = parts;
  }

  /**
   * Has letters counted.
   * @returns when what it says is in Kafka, on all in-sync replicas.
   * @throws FootfallError `dead_letters_busy` and `dead_letters_indexing` 503, `kafka_unavailable` 503: some of it may
   *   have been done, or will be by the next sweep; to ask again does it once. What Redis threw.
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
        // Not before: who is shut out takes the page once more.
        into.refused.push(...refused);
        if (wanted.length === 0) return true;
        await this.#parts.publish(wanted.map(({ replay }) => replay));
        into.done.push(...wanted.map(({ letter }) => letter));
        // Shut out here: whoever has opened a writer publishes it once more, which changes nothing, and says so.
        return writer.write(wanted.map((one) => say('done', one)));
      });
    });
  }

  /** Has letters never be counted, unless they are replayed after all. Throws as {@link replay}. */
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
   * Finishes what others have begun: letters of which it was written down what is to be published, a minute ago or
   * more, and not that it was.
   * @returns how many. Throws as {@link replay}.
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

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#last;
  }

  /**
   * As the one writer, with the index as the topic is; after what others have begun is finished.
   * @param work is done anew by another writer when this one is shut out and it throws {@link Superseded}; what is in
   *   `into` is done.
   */
  #alone(
    deadline: number,
    work: (writer: LetterWriter, into: Done, finished: number) => Promise<void>,
  ): Promise<Done> {
    // One after the other in this process, which else would shut itself out.
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
        // Two who open in turn would shut each other out for ever, see SiteRegister.
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
    // One whose intent Kafka has deleted can't be finished, and is not waited for either.
    const actions = some.map((one) => ({
      action: actionOn(one, 'done', { by: one.actions.at(-1)?.by ?? '' }),
    }));
    if (!(await writer.write(actions))) throw new Superseded();
    return some.length;
  }

  /** Takes the selection page by page to `act`, which says whether it is still the one who may. */
  async #pages(
    selection: Selection,
    statuses: readonly Entry['status'][],
    asked: Asked,
    into: Done,
    act: (page: ListedLetter[]) => Promise<boolean>,
  ): Promise<void> {
    // One more page would not be done in time.
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
      // What is done, or refused, is behind; also when this writer has been shut out after it.
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
          message: 'The event would be of another site than the key.',
        });
      } else {
        revised.push({ ...one, ...is });
      }
    }
    const erased = await areErased(revised.map(({ event }) => event));
    const wanted = revised.filter((_, i) => !erased[i]);
    for (const { letter } of revised.filter((_, i) => erased[i])) {
      refused.push({ letter, code: 'erased', message: 'It is of a person who was erased since.' });
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

/** The first ones, as many as can be read in one go. */
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
  ...{ letter, code: 'out_of_time', message: 'There was no time for it: ask for it again.' },
});

/** Another writer was opened. */
class Superseded extends Error {}

const busy = () =>
  new FootfallError('dead_letters_busy', 503, 'Others are replaying or discarding all the time; ask again.', {
    retryAfter: 1,
    expose: true,
  });

const unavailable = (cause: unknown) =>
  kafkaUnavailable('Kafka does not answer now; what was asked for may have been done.', cause);
