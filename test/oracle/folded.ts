import { decode, usersOf } from '../../shared/event/decode.ts';
import type { ChunkDelta } from '../../shared/fold/chunk-delta.ts';
import { type Funnels, fold, type States } from '../../shared/fold/fold.ts';
import type { Arrivals, Forwarded } from '../../shared/fold/identity.ts';
import { countSessions } from '../../shared/fold/sessions.ts';
import { packUserState, type UserState, unpackUserState } from '../../shared/fold/user-state.ts';
import type { FunnelDefinition } from '../../shared/funnels/definition.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { type Counters, getOrMake } from '../../shared/platform/counters.ts';
import type { KafkaRecord } from '../../shared/platform/kafka/record.ts';
import { formatDay } from '../../shared/platform/time.ts';
import { type Site, Sites } from '../../shared/sites/site.ts';
import { type Numbers, Tally } from './naive.ts';

/** Adds up what the fold gives for batches of several partitions, under the names of naive.ts. */
export class Folded {
  readonly #sites: Sites;
  readonly #partitions: number;
  readonly #tally = new Tally();
  readonly #states = new Map<string, { site: string; user: string; bytes: Buffer }>();
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
    for (const { key } of users.values()) {
      const stored = this.#states.get(key);
      if (stored) states.set(key, unpackUserState(stored.bytes));
    }
    const shard = { generation: String(STATE_FORMAT), next: records[0]!.offset };
    const snapshot = {
      states,
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
      for (const [day, { counters, products, breakdowns, gaps, funnels }] of days) {
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
        for (const [key, fields] of funnels) {
          for (const [field, count] of fields) this.#tally.add(['funnel', site.id, key, date, field], count);
        }
      }
    }
    for (const [site, { cohorts }] of chunk.sites) {
      for (const [period, starts] of cohorts) {
        for (const [start, cells] of starts) {
          for (const [n, users] of cells) {
            this.#tally.add(['cohort', site.id, period, formatDay(start), n], users);
          }
        }
      }
    }
    for (const { site, user, state } of chunk.users) {
      this.#states.set(`${site.id}:${user}`, { site: site.id, user, bytes: packUserState(state) });
    }
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
  // A visitor that became a user counts as the user.
  if (state.alias !== undefined) return;
  tally.add(['user', site, user, 'first'], state.first);
  tally.add(['user', site, user, 'last'], state.last);
  if (state.firstKnown !== Infinity) tally.add(['user', site, user, 'first known'], state.firstKnown);
  tally.add(['user', site, user, 'sessions'], countSessions(state.sessions));
  for (const [counter, amount] of state.sums) tally.add(['user', site, user, counter], amount);
}
