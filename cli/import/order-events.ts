import { type FootfallEvent, type Item, MAX_ITEMS } from '../../shared/event/event.ts';
import { KEPT_FIELDS, type KeptField } from '../../shared/event/kept-fields.ts';
import { orderIdOf } from '../../shared/intake/plain-event.ts';
import { refundIdOf, separateReturns } from '../../shared/intake/returns.ts';
import { currencyExponent } from '../../shared/platform/money.ts';
import type { Mapper, ReadableRow } from './mapper.ts';
import { fieldReader, type Plan } from './plan.ts';
import type { Field } from './presets.ts';
import { Reject } from './reject.ts';
import { ORDER_NAMES, type RowEvent, rowReader } from './row-events.ts';
import type { Reading } from './values.ts';

/**
 * Makes one event of each row, and one of all rows of an order: rows of one user with one transaction. The rows of an order
 * may stand anywhere in the file, so the event is made at its last row. This takes about 240 bytes of memory an order.
 *
 * The earliest row gives the time. Of what the rows say of the order as a whole, the first that is not blank counts.
 * @param now when the import takes place, ms since the epoch. Later times are refused.
 */
export function rowMapper(plan: Plan, now: number, reading: Reading): Mapper {
  const read = rowReader(plan, now, reading);
  const complete = plan.inherits ? inheriting(plan) : (row: ReadableRow) => row;
  const lastLines = new Map<string, number>();
  const open = new Map<string, RowEvent[]>();

  return {
    survey(row) {
      const { event } = read(complete(row), 'survey', () => {});
      const order = orderOf(event);
      if (order !== undefined) lastLines.set(order, row.line);
      return event.ts;
    },
    map(row, fingerprint, note) {
      const one = read(complete(row), fingerprint, note);
      const order = orderOf(one.event);
      if (order === undefined) return ORDER_NAMES.has(one.event.name) ? eventsOf([one]) : [one.event];
      const before = open.get(order);
      const rows = before ? [...before, one] : [one];
      if (lastLines.get(order) !== row.line) {
        if (before) before.push(one);
        else open.set(order, rows);
        return [];
      }
      open.delete(order);
      return eventsOf(rows);
    },
  };
}

const orderOf = ({ name, user, transaction_id }: FootfallEvent): string | undefined =>
  transaction_id !== undefined && ORDER_NAMES.has(name) ? `${name}\0${user}\0${transaction_id}` : undefined;

const KEPT = Object.keys(KEPT_FIELDS) as KeptField[];
/** Fields of an order that its first row which has them gives. */
const FIRST_FOUND = ['value', 'country', 'page', 'search_term', ...KEPT] as const;

function eventsOf(rows: readonly RowEvent[]): FootfallEvent[] {
  const events = rows.map(({ event }) => event);
  const first = events.reduce((earliest, event) => (event.ts < earliest.ts ? event : earliest));
  const order = first.transaction_id;
  const items = events.flatMap((event) => event.items ?? []);
  const returns = rows.filter((row) => row.returned !== undefined);
  const returned = returns.map((row) => row.returned!);
  const currency = currencyOf(rows);
  const found = <F extends keyof FootfallEvent>(field: F) =>
    events.find((event) => event[field] !== undefined)?.[field];
  const event: FootfallEvent = { ...first };
  const hasId = rows.some((row) => row.hasId);
  if (items.length > 0) event.items = items.slice(0, MAX_ITEMS);
  if (currency !== undefined && events.some((event) => event.currency)) event.currency = currency;
  for (const field of FIRST_FOUND) {
    const value = found(field);
    if (value !== undefined) Object.assign(event, { [field]: value });
  }
  // The lines that are left out count in the value.
  if (items.length > MAX_ITEMS && items.some(({ amount }) => amount !== undefined)) {
    event.value ??= sumOf(items) - sumOf(returned);
  }
  const totals = new Set(events.flatMap(({ value }) => value ?? []));
  if (totals.size > 1) {
    throw new Reject(
      `The rows of order ${order} have different totals. If the column holds the total of a line, map it with ` +
        '--columns amount= instead of value=.',
    );
  }
  const props = Object.assign({}, ...events.map(({ props }) => props ?? {}).reverse());
  if (Object.keys(props).length > 0) event.props = props;
  const isRefund = event.name === 'refund' || (items.length === 0 && returned.length > 0);
  if (isRefund) {
    return [positive({ ...event, name: 'refund' }, returned)];
  }
  if (!hasId && order !== undefined) event.id = orderIdOf(order);
  const refunded = rows.find((row) => row.refunded !== undefined)?.refunded;
  if (refunded) return [notNegative(event), refundOf(event, refunded, returned)];
  if (returned.length === 0) return [notNegative(event)];
  const ts = returns.reduce((earliest, row) => Math.min(earliest, row.event.ts), returns[0]!.event.ts);
  const separate = separateReturns(event, returned, ts);
  return [notNegative(separate.order), separate.refund];
}

/** @throws Reject when the order is worth less than nothing. */
function notNegative(order: FootfallEvent): FootfallEvent {
  if ((order.value ?? sumOf(order.items ?? [])) >= 0) return order;
  throw new Reject(
    'The total of the order is negative. What came back has negative quantities, or is a refund.',
  );
}

const sumOf = (items: readonly Item[]) => items.reduce((sum, { amount = 0 }) => sum + amount, 0);

/** A refund with what came back in positive numbers, whichever sign the file gives them. */
function positive({ items: kept = [], ...refund }: FootfallEvent, returned: readonly Item[]): FootfallEvent {
  const all = [...kept, ...returned];
  const sign = sumOf(all) < 0 ? -1 : 1;
  const items = all.map((item) => (item.amount ? { ...item, amount: sign * item.amount } : item));
  return {
    ...refund,
    ...(items.length > 0 && { items }),
    ...(refund.value !== undefined && { value: Math.abs(refund.value) }),
  };
}

/** The currency that rows name; rows that name none follow them. @throws Reject when they name two. */
function currencyOf(rows: readonly RowEvent[]): string | undefined {
  const named = rows.filter(({ namesCurrency }) => namesCurrency);
  const all = (named.length > 0 ? named : rows).flatMap(({ event }) => event.currency ?? []);
  const [currency, other] = new Set(all);
  const order = rows[0]!.event.transaction_id ?? '';
  const places = `order ${order} (lines ${rows.map(({ line }) => line).join(', ')})`;
  if (other !== undefined)
    throw new Reject(`The rows of ${places} have prices in ${currency} and in ${other}.`);
  const unlike = rows.find(
    ({ event }) => event.currency && currencyExponent(event.currency) !== currencyExponent(currency!),
  );
  if (unlike) throw new Reject(`Rows of ${places} do not say that their prices are in ${currency}.`);
  return currency;
}

/** The file does not say when money was given back, so the refund counts on the order's day. */
function refundOf(order: FootfallEvent, value: number, returned: readonly Item[]): FootfallEvent {
  const { items: _, props: __, ...event } = order;
  // Tax, coupon and the like are the order's.
  for (const field of KEPT) delete event[field];
  const items = returned.length > 0 && { items: [...returned] };
  return { ...event, id: refundIdOf(order.id), name: 'refund', ...items, value };
}

/** Fields that many exports write in an order's first row alone. */
const ONCE: readonly Field[] = ['ts', 'user', 'anonymous', 'event', 'currency', 'country', 'status'];

/** Fills blank fields of an order from the row before, if that is of the same order. */
function inheriting(plan: Plan): (row: ReadableRow) => ReadableRow {
  const columns = (field: Field) =>
    (plan.columns[field]?.split('|') ?? []).map((column) => plan.wanted.indexOf(column));
  const orderOf = fieldReader(plan, 'transaction');
  const indexes = ONCE.flatMap(columns);
  let before: { order: string; fields: string[] } | undefined;
  return (row) => {
    const fields = [...row.fields];
    const order = orderOf(fields);
    if (order !== '' && order === before?.order) {
      for (const index of indexes) if (fields[index] === '') fields[index] = before.fields[index]!;
    }
    before = { order, fields };
    return { ...row, fields };
  };
}
