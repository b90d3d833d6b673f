import type { DeadLetter, Decoded, UserRef } from '../event/decode.ts';
import { isErasedBy } from '../event/erasure.ts';
import { type Erases, type FootfallEvent, MAX_PARTS, type Origin } from '../event/event.ts';
import { invalidUser } from '../event/invalid.ts';
import { keyOfTransaction, type OrderNote, type VerdictNote } from '../event/order-note.ts';
import type { Outcome } from '../event/outcome.ts';
import { type FunnelDefinition, SHOP_FUNNEL } from '../funnels/definition.ts';
import { getOrMake } from '../platform/counters.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import { DAY_MS, localDay } from '../platform/time.ts';
import { userKey } from '../platform/user-key.ts';
import type { Site } from '../sites/site.ts';
import {
  type ChunkDelta,
  type ErasureDelta,
  type Kept,
  type MinuteDelta,
  noOutcomes,
} from './chunk-delta.ts';
import { ChunkOrders, type OrderStates } from './chunk-orders.ts';
import { countBot, countEvent, isOfOrder, RANKING_COST } from './count-event.ts';
import { DeltaBuilder } from './delta-builder.ts';
import {
  type Arrivals,
  forwardErasure,
  forwardEvent,
  forwardState,
  identifiesVisitor,
  joinedState,
  noteArrival,
  returnToVisitor,
} from './identity.ts';
import { admits, visitorOf } from './join-guard.ts';
import { countLetter, countNote, countQuality, hasRoom } from './quality.ts';
import { resolutionOf } from './resolution.ts';
import { type OrderNews, UserChange } from './user-change.ts';
import { type Erased, newUserState, rememberId, type UserState } from './user-state.ts';

/**
 * The most that a chunk's commit may cost, in additions to a hash: it holds Redis for some 20 ms. What sessions and
 * funnels add is only estimated until a chunk's end. A fourth of it would hold Redis for 8 ms, and cost more than twice
 * as much in all: the events of a small chunk share fewer counters. An event that costs more by itself gets a chunk of
 * its own.
 */
const MAX_COST = 20_000;

/** A line of an order adds to its product's purchases, units, revenue and trend, and to its category and brand; its name is written, too. */
const ITEM_COST = 4 * RANKING_COST + 9;

/** The states of a batch's users, by the key of their records. The fold adds new users to it. */
export type States = Map<string, UserState>;

/** The funnels that sites have defined, by site. Every site also has {@link SHOP_FUNNEL}. */
export type Funnels = ReadonlyMap<string, readonly FunnelDefinition[]>;

/** What is known of a shard before its records are folded. The fold carries it along. */
export interface FoldSnapshot {
  /** The fold adds new users to it. */
  states: States;
  /** The fold adds new ones to it. */
  orders: OrderStates;
  funnels: Funnels;
  /** What other shards have sent until now. The fold adds to it. */
  arrivals: Arrivals;
  /** Of the dead letters that the records replay, those that were replayed here before. The fold adds to it. */
  replayed: Set<string>;
  /** By the key of their records: the invalid events of a site's day that are letters. The fold adds to it. */
  kept: Map<string, Kept>;
}

export interface FoldOptions {
  /** Reads a record. Called once for each, when it is its turn, so that events can be freed early. */
  decode(record: KafkaRecord): Decoded<Site>;
  snapshot: FoldSnapshot;
  /** The id of the generation that is counted, and the offset after the last record that was folded. */
  shard: { generation: string; next: number };
}

/**
 * Turns records, in the order of their offsets, into the fewest writes that count them. Pure: no I/O, no clock.
 *
 * Yields chunks, each to be committed as one, in their order. The snapshot is carried along from chunk to chunk: encode
 * a chunk before you ask for the next. What shards of another generation have sent is passed over.
 * @example
 * for (const delta of fold(records, { decode, snapshot, shard: { generation: '4', next: 100 } })) encode(delta);
 */
export function* fold(
  records: readonly KafkaRecord[],
  { decode, snapshot, shard }: FoldOptions,
): Generator<ChunkDelta> {
  const newChunk = () => new Chunk(snapshot, shard.generation);
  let chunk = newChunk();
  let expected = shard.next;
  for (const record of records) {
    const decoded = decode(record);
    const items = decoded.event?.items?.length ?? 0;
    // An erasure is a chunk of its own: it removes what is stored, and nothing may be on its way there.
    const isErasure = decoded.event?.erases !== undefined;
    if (isErasure ? chunk.hasBegun : chunk.cost > 0 && chunk.cost + items * ITEM_COST > MAX_COST) {
      yield chunk.finish();
      chunk = newChunk();
    }
    chunk.skip(record.offset - expected);
    expected = record.offset + 1;
    chunk.add(decoded);
    if (isErasure) {
      yield chunk.finish();
      chunk = newChunk();
    }
  }
  if (chunk.hasBegun) yield chunk.finish();
}

const NONE_KEPT: Kept = { events: 0, bytes: 0 };

type Decodable = Exclude<Decoded<Site>, DeadLetter<Site>>;

class Chunk {
  readonly #builder = new DeltaBuilder();
  readonly #snapshot: FoldSnapshot;
  readonly #generation: string;
  /** Whether the record is one that another shard has sent. */
  #isDerived = false;
  readonly #users = new Map<string, UserChange>();
  readonly #orders: ChunkOrders;

  constructor(snapshot: FoldSnapshot, generation: string) {
    this.#snapshot = snapshot;
    this.#generation = generation;
    const originOf = (record: KafkaRecord, part: number) => this.#origin(record, part);
    this.#orders = new ChunkOrders(this.#builder, snapshot.orders, originOf);
  }

  get cost(): number {
    return this.#builder.delta.cost;
  }

  get hasBegun(): boolean {
    return this.#builder.delta.nextOffset > 0;
  }

  /** Notes offsets that hold no record. */
  skip(count: number): void {
    this.#builder.delta.skipped += count;
  }

  add(decoded: Decoded<Site>): void {
    const { record } = decoded;
    const { delta } = this.#builder;
    delta.nextOffset = record.offset + 1;
    delta.timestamp = record.timestamp;
    // States and timelines grow by at most what the record holds.
    this.#builder.addBytes(record.value?.length ?? 0);
    const from = decoded.event ? decoded.event.origin : decoded.origin;
    this.#isDerived = from !== undefined;
    if (from && from.generation !== this.#generation) {
      this.#note(decoded.site?.id ?? '-', 'otherGeneration');
      return;
    }
    // First of all, whatever the outcome: a refused replay is one letter only, and a bot's event has no id to compare.
    const { replays } = decoded.event ?? decoded;
    if (replays !== undefined && !this.#isFirst(replays)) {
      this.#note(decoded.site?.id ?? '-', 'duplicate');
      return;
    }
    if (!decoded.event) {
      this.#refuse(decoded);
      return;
    }
    const { event, site } = decoded;
    if (event.bot !== undefined) {
      this.#note(site.id, 'bot');
      this.#countBot(event, event.bot, site);
      countQuality(event, site, this.#builder);
      return;
    }
    if (event.erases) {
      this.#erase(event, event.erases, decoded);
      return;
    }
    if (event.order) {
      this.#hear(event, event.order, decoded);
      return;
    }
    const joined = event.joins && unpacked(event.joins);
    if (event.joins && !joined) {
      const detail = 'joins holds no state of a user that this version can read.';
      this.#refuse({ record, reason: 'not_an_event', detail, site, origin: event.origin });
      return;
    }
    const erased = this.#snapshot.states.get(decoded.user.key)?.erased;
    if (erased && isErasedBy(event, erased.until)) {
      this.#drop(event, joined, erased, decoded);
      return;
    }
    const user = this.#user(decoded.user, site);
    if (!this.#isNew(event, user)) {
      this.#note(site.id, 'duplicate');
      return;
    }
    const siteDelta = this.#builder.site(site);
    // There is no clock: what counts as old follows from the newest event.
    if (event.received > siteDelta.received) siteDelta.received = event.received;
    const visitor = visitorOf(event);
    if (event.returned !== undefined) user.refuse(event.returned);
    else if (
      visitor !== undefined &&
      !admits(user.delta.state, {
        visitor,
        isState: event.joins !== undefined,
        day: localDay(event.ts, site.zone),
      })
    ) {
      this.#note(site.id, 'forwarded');
      this.#sendBack(event, visitor, decoded);
      return;
    }
    if (event.joins && joined) {
      this.#note(site.id, 'joined');
      const from = event.returned === undefined ? event.joins.user : undefined;
      this.#orders.release(user.merge(from, joined, event.ts), event, record);
    } else if (belongsElsewhere(user.delta.state, event)) {
      this.#note(site.id, 'forwarded');
      this.#forward(event, record, user);
    } else {
      this.#note(site.id, 'applied');
      this.#count(event, decoded, user);
    }
  }

  /** Returns what a visitor's shard has sent to a user whom too many visitors turn out to be. */
  #sendBack(event: FootfallEvent, visitor: string, { record, site }: Decodable): void {
    this.#builder.delta.forwards.push(returnToVisitor(event, visitor, this.#origin(record, 0)));
    // A long history comes in several parts.
    if (!event.joins || event.origin?.part !== 0) return;
    countNote('constant_user_id', event, site, this.#builder);
  }

  #refuse(letter: DeadLetter<Site>): void {
    const { site, quality } = letter;
    const isKept = letter.reason !== 'invalid' || this.#keep(letter);
    if (site && quality) countLetter(isKept ? 'kept' : 'refused', quality, site, this.#builder);
    this.#note(site?.id ?? '-', isKept ? 'deadLettered' : 'refused');
    if (!isKept) return;
    this.#builder.delta.letters.push(letter);
    // It has arrived, if only to be refused: no shard has to wait for it.
    if (letter.origin) this.#arrives(letter.origin);
  }

  /** Whether an invalid event becomes a letter: the limit of its site's day decides, see quality.ts. */
  #keep({ site, quality, isKnown }: DeadLetter<Site>): boolean {
    // It became a letter when it had no site that this process knew; quality does not have it either.
    if (!site || !quality) return true;
    const { bytes, received } = quality;
    const key = userKey({ site: site.id, user: invalidUser(received) });
    const kept = getOrMake(this.#snapshot.kept, key, () => ({ events: 0, bytes: 0 }));
    if (!isKnown && (bytes === undefined || !hasRoom(site, kept, bytes))) return false;
    const day = Math.floor(received / DAY_MS);
    for (const one of [kept, getOrMake(this.#builder.delta.kept, key, () => ({ site, day, ...NONE_KEPT }))]) {
      one.events++;
      one.bytes += bytes ?? 0;
    }
    return true;
  }

  /** False when the letter was replayed before: a replay that was interrupted and continued may be published twice. */
  #isFirst(letter: string): boolean {
    if (this.#snapshot.replayed.has(letter)) return false;
    this.#snapshot.replayed.add(letter);
    this.#builder.delta.replays.push(letter);
    return true;
  }

  /** Records of other shards are compared by where they come from: those shards have compared the ids. */
  #isNew(event: FootfallEvent, user: UserChange): boolean {
    const { origin } = event;
    if (!origin) return rememberId(user.delta.state.ids, event);
    return this.#arrives(origin);
  }

  /** False when it came before. */
  #arrives(origin: Origin): boolean {
    if (!noteArrival(this.#snapshot.arrivals, origin)) return false;
    noteArrival(this.#builder.delta.arrivals, origin);
    return true;
  }

  /** Forgets a user, and sends the erasure to the shards of the person's other ids. */
  #erase(event: FootfallEvent, { receipt, of }: Erases, { record, site, user }: Decodable): void {
    const { origin, received: until } = event;
    if (origin && !this.#arrives(origin)) {
      this.#note(site.id, 'duplicate');
      return;
    }
    this.#note(site.id, 'erasure');
    const { delta } = this.#builder;
    const erasure: ErasureDelta = {
      ...{ site, user: user.user, receipt, of, at: until, timestamp: record.timestamp },
      ...{ removes: undefined, sent: 0, came: origin ? 1 : 0 },
    };
    delta.erasures.push(erasure);
    const before = this.#snapshot.states.get(user.key)?.erased;
    // What is known now was received after this erasure.
    if (before && before.until >= until) return;
    const { ids, orders, ...removes } = this.#user(user, site).erase({ until, receipt });
    erasure.removes = removes;
    erasure.sent = ids.length;
    ids.forEach((id, part) => {
      const origin = this.#origin(record, part);
      delta.forwards.push(forwardErasure(site.id, id, { until, receipt }, origin));
    });
    const options = { from: ids.length, erasure: { until, receipt } };
    erasure.sent += this.#orders.release(orders, event, record, options);
  }

  /**
   * Handles a record of a user who was erased after it was received. A visitor who was on the way to that user is
   * erased too: what the visitor did still counts for the shop, but for no person.
   */
  #drop(
    event: FootfallEvent,
    joined: UserState | undefined,
    erased: Erased,
    { record, site, user }: Decodable,
  ): void {
    if (event.origin && !this.#arrives(event.origin)) {
      this.#note(site.id, 'duplicate');
      return;
    }
    // The visitor's shard has compared its id, and it was not counted there. Whether it comes before or after the
    // erasure is chance, and may differ when the log is counted again. So it counts for the shop either way.
    if (event.origin && !event.joins) {
      this.#note(site.id, 'applied');
      this.#countNumbers(event, site);
      if (isOfOrder(event)) this.#orders.count(event, undefined, site, record);
      return;
    }
    this.#note(site.id, 'erased');
    if (!event.joins || !joined) return;
    // The visitor's shard has taken the sessions back, for this shard to count.
    const forgotten = new UserChange(
      { site, user: user.user, state: newUserState() },
      this.#funnelsOf(site),
      this.#builder,
    );
    const released = forgotten.merge(event.joins.user, joined, event.ts);
    const { orders } = forgotten.erase(erased);
    const { forwards, erasures } = this.#builder.delta;
    // What came back names the user who did not take it, not another id of this person.
    if (event.returned === undefined) {
      forwards.push(forwardErasure(site.id, event.joins.user, erased, this.#origin(record, 0)));
    }
    const options = { from: 1, erasure: { until: erased.until, receipt: erased.receipt } };
    const told = this.#orders.release([...released, ...orders], event, record, options);
    erasures.push({
      ...{ site, user: user.user, receipt: erased.receipt, of: undefined, at: erased.until },
      timestamp: record.timestamp,
      ...{ removes: undefined, sent: told + (event.returned === undefined ? 1 : 0), came: 0 },
    });
  }

  #origin({ partition, offset }: KafkaRecord, part: number): Origin {
    return { partition, offset, part, generation: this.#generation };
  }

  #forward(event: FootfallEvent, record: KafkaRecord, user: UserChange): void {
    const { forwards } = this.#builder.delta;
    const { state } = user.delta;
    if (state.alias === undefined) {
      const alias = event.identifies!;
      forwards.push(...forwardState(event, alias, user.detach(alias), this.#origin(record, 0)));
    }
    forwards.push(forwardEvent(event, state.alias!, this.#origin(record, MAX_PARTS - 1)));
    // The visitor is kept as long as a user with this event would be.
    if (event.ts > state.last) state.last = event.ts;
  }

  #count(event: FootfallEvent, { site, record }: Decodable, user: UserChange): void {
    const minute = this.#countNumbers(event, site);
    this.#builder.newest(event, record.offset, site);
    let news: OrderNews = { isNews: true, released: [] };
    if (event.personless) user.keep(event.ts);
    else news = user.add(event, minute);
    if (!isOfOrder(event)) return;
    if (news.isNews) this.#orders.count(event, event.personless ? undefined : event.user, site, record);
    else countNote('order_copy', event, site, this.#builder);
    this.#orders.release(news.released, event, record, { from: 1 });
  }

  /** Counts what does not depend on who the user is. */
  #countNumbers(event: FootfallEvent, site: Site): MinuteDelta {
    const minute = this.#builder.minute(event.ts, resolutionOf(event), site);
    minute.events++;
    countEvent(event, this.#builder.site(site), { minute, builder: this.#builder });
    countQuality(event, site, this.#builder);
    return minute;
  }

  /** Handles what another shard knows of an order. */
  #hear(event: FootfallEvent, note: OrderNote, { record, site, user }: Decodable): void {
    if (!event.origin || !this.#arrives(event.origin)) {
      this.#note(site.id, 'duplicate');
      return;
    }
    this.#note(site.id, 'order');
    const siteDelta = this.#builder.site(site);
    if (event.received > siteDelta.received) siteDelta.received = event.received;
    if (note.kind === 'verdict') this.#judge(event, note, { record, site, user });
    else this.#orders.change(event, note, { record, site, user });
  }

  /**
   * Applies a verdict to a person's order, or passes it on when the person is known under another id. That user may not
   * have taken the visitor, so it then comes back, after the visitor's orders. The person or the order may be forgotten:
   * what is counted of it then stays.
   */
  #judge(event: FootfallEvent, verdict: VerdictNote, { record, site, user }: Omit<Decodable, 'event'>): void {
    const { visitor, ...rest } = event;
    const state = this.#snapshot.states.get(user.key);
    const key = keyOfTransaction(event.transaction_id ?? '');
    if (state?.orders.has(key)) {
      const released = this.#user(user, site).judge(key, verdict);
      this.#orders.release(released, event, record, { from: 1 });
      return;
    }
    const origin = this.#origin(record, 0);
    const { forwards } = this.#builder.delta;
    if (state?.alias !== undefined && !verdict.passedOn) {
      const order = { ...verdict, passedOn: true } as const;
      forwards.push({ ...rest, user: state.alias, visitor: user.user, origin, order });
    } else if (visitor !== undefined && state?.joins.isStopped) {
      forwards.push({ ...rest, user: visitor, origin });
    }
  }

  /** Without a user: a bot that keeps no cookies would be a new one with each event. */
  #countBot(event: FootfallEvent, bot: string, site: Site): void {
    const minute = this.#builder.minute(event.ts, resolutionOf(event), site);
    minute.events++;
    countBot(bot, minute, this.#builder);
  }

  finish(): ChunkDelta {
    for (const user of this.#users.values()) user.settle();
    return this.#builder.delta;
  }

  #note(site: string, outcome: Outcome): void {
    const { ledger, derived } = this.#builder.delta;
    getOrMake(ledger, site, noOutcomes)[outcome]++;
    if (this.#isDerived) getOrMake(derived, site, noOutcomes)[outcome]++;
  }

  #user({ key, user }: UserRef, site: Site): UserChange {
    return getOrMake(this.#users, key, () => {
      const state = getOrMake(this.#snapshot.states, key, newUserState);
      return new UserChange({ site, user, state }, this.#funnelsOf(site), this.#builder);
    });
  }

  #funnelsOf(site: Site): FunnelDefinition[] {
    return [SHOP_FUNNEL, ...(this.#snapshot.funnels.get(site.id) ?? [])];
  }
}

function unpacked(joins: { state: string }): UserState | undefined {
  try {
    return joinedState(joins);
  } catch {
    return undefined;
  }
}

/**
 * Whether the event belongs to another user's shard. What comes from another shard stays: two ids that name each other
 * would send it back and forth forever.
 */
function belongsElsewhere({ alias, firstKnown, refused }: UserState, event: FootfallEvent): boolean {
  if (event.origin || event.personless) return false;
  if (alias !== undefined) return true;
  return identifiesVisitor(event) && firstKnown === Infinity && event.identifies !== refused;
}
