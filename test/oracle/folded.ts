import fc from 'fast-check';
import { decode, usersOf } from '../../shared/event/decode.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { homeOfOrder } from '../../shared/event/order-note.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import type { ChunkDelta } from '../../shared/fold/chunk-delta.ts';
import type { OrderStates } from '../../shared/fold/chunk-orders.ts';
import { type Funnels, fold, type States } from '../../shared/fold/fold.ts';
import type { Arrivals, Forwarded } from '../../shared/fold/identity.ts';
import { packOrder, unpackOrder } from '../../shared/fold/order-state.ts';
import { countSessions } from '../../shared/fold/sessions.ts';
import {
  type Erased,
  newUserState,
  packUserState,
  type UserState,
  unpackUserState,
} from '../../shared/fold/user-state.ts';
import type { FunnelDefinition } from '../../shared/funnels/definition.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { type Counters, getOrMake, increase } from '../../shared/platform/counters.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { formatDay } from '../../shared/platform/time.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { type Site, Sites } from '../../shared/sites/site.ts';
import { type Numbers, Tally } from './naive.ts';
import { recordOf } from './streams.ts';

/** How partitions are read. */
export interface Reading {
  /** One batch of a partition, among those with unread records. */
  turns: { partition: number; size: number }[];
  /** Records a batch, after the turns. */
  rest: number;
  /** The turn before which everything that was counted is lost. */
  loss: number | null;
  /** One in this many batches sends its records to other shards a second time, as after a crash. */
  repeats: number;
}

export const readings: fc.Arbitrary<Reading> = fc.record({
  turns: fc.array(fc.record({ partition: fc.nat({ max: 15 }), size: fc.integer({ min: 1, max: 20 }) }), {
    maxLength: 30,
    size: 'max',
  }),
  rest: fc.integer({ min: 1, max: 30 }),
  loss: fc.option(fc.nat({ max: 20 }), { freq: 3 }),
  repeats: fc.integer({ min: 1, max: 9 }),
});

/** Reads partitions one batch after the other. */
export const inTurn = (rest: number): Reading => ({ turns: [], rest, loss: null, repeats: 9 });

/**
 * The log and a fold of it. What shards send to each other is appended to the log, and may lead to more: it is read to
 * its end.
 */
export class FoldedLog {
  folded: Folded;
  readonly #records: KafkaRecord[][];
  #next: number[];
  readonly #sites: readonly Site[];
  readonly #funnels: readonly FunnelDefinition[];
  #batches = 0;

  constructor(sites: readonly Site[], partitions: number, funnels: readonly FunnelDefinition[] = []) {
    this.#sites = sites;
    this.#funnels = funnels;
    this.#records = Array.from({ length: partitions }, () => []);
    this.#next = this.#records.map(() => 0);
    this.folded = this.#start();
  }

  append(events: readonly FootfallEvent[]): this {
    for (const event of events) {
      const partition = partitionOf(userKey(event), this.#records.length);
      const records = this.#records[partition]!;
      records.push(recordOf(JSON.stringify(event), partition, records.length));
    }
    return this;
  }

  /** Reads everything in the log, also what is appended meanwhile. */
  read({ turns, rest, loss, repeats }: Reading): Folded {
    for (const [i, { partition, size }] of turns.entries()) {
      if (i === loss) this.forget();
      const unread = this.#unread();
      if (unread.length > 0) this.#hand(unread[partition % unread.length]!, size, repeats);
    }
    for (let unread = this.#unread(); unread.length > 0; unread = this.#unread()) {
      for (const partition of unread) this.#hand(partition, rest, repeats);
    }
    return this.folded;
  }

  /** Loses what was counted. The whole log is read again. */
  forget(): void {
    this.folded = this.#start();
    this.#next = this.#records.map(() => 0);
  }

  #start(): Folded {
    return new Folded(this.#sites, this.#records.length, this.#funnels);
  }

  #unread(): number[] {
    return [...this.#records.keys()].filter((one) => this.#next[one]! < this.#records[one]!.length);
  }

  #hand(partition: number, size: number, repeats: number): void {
    const next = this.#next[partition]!;
    const batch = this.#records[partition]!.slice(next, next + size);
    this.#next[partition] = next + batch.length;
    this.folded.apply(batch);
    const sent = this.folded.forwards.splice(0);
    this.append(sent);
    if (++this.#batches % repeats === 0) this.append(sent);
  }
}

/** Adds up what the fold gives for batches of several partitions, under the names of naive.ts. */
export class Folded {
  readonly #sites: Sites;
  readonly #partitions: number;
  readonly #tally = new Tally();
  readonly #states = new Map<string, { site: string; user: string; bytes: Buffer }>();
  /** Of erased users, by key. */
  readonly #tombstones = new Map<string, Erased>();
  readonly #orders = new Map<string, Buffer>();
  /** What is worth knowing of events, by code. */
  readonly notes: Counters = new Map();
  /** `site:outcome` → records. */
  readonly ledger: Counters = new Map();
  chunks = 0;

  readonly #funnels: Funnels;
  readonly #arrivals = new Map<number, Arrivals>();
  /** Records from one shard to another that are not applied yet. */
  forwards: Forwarded[] = [];

  /** @param funnels that each of the sites defined. */
  constructor(sites: readonly Site[], partitions: number, funnels: readonly FunnelDefinition[] = []) {
    this.#sites = new Sites(sites);
    this.#funnels = new Map(sites.map(({ id }) => [id, funnels]));
    this.#partitions = partitions;
  }

  /** Folds one batch of one partition. The states go through their packed form, as between two invocations. */
  apply(records: readonly KafkaRecord[]): void {
    const users = usersOf(records, this.#partitions);
    const read = (record: KafkaRecord) => decode(record, users, this.#sites);
    const states: States = new Map();
    const arrivals = getOrMake(this.#arrivals, records[0]!.partition, () => new Map());
    const orders: OrderStates = new Map();
    for (const { key } of users.values()) {
      const order = this.#orders.get(key);
      if (order) orders.set(key, unpackOrder(order));
      const stored = this.#states.get(key);
      const erased = this.#tombstones.get(key);
      if (stored) states.set(key, unpackUserState(stored.bytes));
      else if (erased) states.set(key, { ...newUserState(), erased });
    }
    const shard = { generation: String(STATE_FORMAT), next: records[0]!.offset };
    const snapshot = {
      states,
      orders,
      funnels: this.#funnels,
      arrivals,
      replayed: new Set<string>(),
      kept: new Map(),
    };
    for (const chunk of fold(records, { decode: read, snapshot, shard })) {
      this.chunks++;
      this.forwards.push(...chunk.forwards);
      this.#add(chunk);
    }
  }

  #add(chunk: ChunkDelta): void {
    for (const [site, counts] of chunk.ledger) {
      for (const [outcome, count] of Object.entries(counts)) {
        const name = `${site}:${outcome}`;
        if (count > 0) this.ledger.set(name, (this.ledger.get(name) ?? 0) + count);
      }
    }
    for (const [site, minutes] of chunk.minutes) {
      for (const { start, hourStart, day, resolution, events, counters } of minutes) {
        const date = formatDay(day);
        this.#tally.add(['days', site.id, date], events);
        for (const [counter, amount] of counters) {
          this.#tally.add(['day', site.id, date, counter], amount);
          const iso = (ts: number) => new Date(ts).toISOString();
          if (resolution !== 'day') this.#tally.add(['hour', site.id, date, iso(hourStart), counter], amount);
          if (resolution === 'minute')
            this.#tally.add(['minute', site.id, date, iso(start), counter], amount);
        }
      }
    }
    for (const [site, days] of chunk.days) {
      for (const [
        day,
        { counters, products, breakdowns, gaps, secondOrders, funnels, carts, quality },
      ] of days) {
        for (const [field, sums] of quality?.findings ?? []) {
          const [kind, , code = ''] = field.split('|');
          if (kind === 'noted') increase(this.notes, code, sums.get('n') ?? 0);
        }
        const date = formatDay(day);
        for (const [counter, amount] of counters) this.#tally.add(['day', site.id, date, counter], amount);
        for (const [product, { money, ...counts }] of products) {
          for (const [metric, amount] of [...Object.entries(counts), ...(money ?? [])]) {
            this.#tally.add(['product', site.id, date, metric, product], amount);
          }
        }
        for (const [dimension, values] of breakdowns) {
          for (const [value, sums] of values) {
            for (const [counter, amount] of sums) {
              this.#tally.add(['breakdown', site.id, date, dimension, counter, value], amount);
            }
          }
        }
        for (const [gap, users] of gaps) this.#tally.add(['gap', site.id, date, gap], users);
        for (const [days, buyers] of secondOrders) this.#tally.add(['second', site.id, date, days], buyers);
        for (const [field, amount] of carts) this.#tally.add(['carts', site.id, date, field], amount);
        for (const [key, fields] of funnels) {
          for (const [field, count] of fields) this.#tally.add(['funnel', site.id, key, date, field], count);
        }
      }
    }
    for (const [site, { cohorts, buyers }] of chunk.sites) {
      for (const [period, starts] of buyers) {
        for (const [start, fields] of starts) {
          for (const [field, amount] of fields) {
            this.#tally.add(['buyers', site.id, period, formatDay(start), field], amount);
          }
        }
      }
      for (const [period, starts] of cohorts) {
        for (const [start, cells] of starts) {
          for (const [n, users] of cells) {
            this.#tally.add(['cohort', site.id, period, formatDay(start), n], users);
          }
        }
      }
    }
    for (const { site, key, state } of chunk.orders) {
      this.#orders.set(`${site.id}:${homeOfOrder(key)}`, packOrder(state));
    }
    for (const { site, user, state } of chunk.users) {
      this.#states.set(`${site.id}:${user}`, { site: site.id, user, bytes: packUserState(state) });
    }
    for (const { site, user, receipt, at, removes } of chunk.erasures) {
      if (!removes) continue;
      this.#states.delete(`${site.id}:${user}`);
      this.#tombstones.set(`${site.id}:${user}`, { until: at, receipt });
    }
  }

  stateOf(site: string, user: string): UserState | undefined {
    const stored = this.#states.get(`${site}:${user}`);
    return stored && unpackUserState(stored.bytes);
  }

  numbers(): Numbers {
    const tally = new Tally();
    for (const { site, user, bytes } of this.#states.values()) {
      addUser(tally, site, user, unpackUserState(bytes));
    }
    return { ...this.#tally.numbers(), ...tally.numbers() };
  }
}

export function addUser(tally: Tally, site: string, user: string, state: UserState): void {
  // A visitor that became a user counts as the user; another state holds ids alone.
  if (state.alias !== undefined || state.first === Infinity) return;
  tally.add(['user', site, user, 'first'], state.first);
  tally.add(['user', site, user, 'last'], state.last);
  if (state.firstKnown !== Infinity) tally.add(['user', site, user, 'first known'], state.firstKnown);
  tally.add(['user', site, user, 'sessions'], countSessions(state.sessions));
  for (const [counter, amount] of state.sums) tally.add(['user', site, user, counter], amount);
}
