import { EVENT_NAME, EVENT_VERSION, type FootfallEvent, type Item } from '../../shared/event/event.ts';
import { idInCookie } from '../../shared/intake/values/ids.ts';
import { keptReader } from './kept-columns.ts';
import type { Note, ReadableRow } from './mapper.ts';
import { fieldReader, type Plan } from './plan.ts';
import type { Field } from './presets.ts';
import { clip, Reject } from './reject.ts';
import { type Reading, readAmount, readCurrency, readPast, readQuantity, readText } from './values.ts';

/** What a row says. */
export interface RowEvent {
  event: FootfallEvent;
  /** What came back, in positive quantities; the event then has no items. */
  returned?: Item;
  /** How much of its order was given back since, in minor units. */
  refunded?: number;
  line: number;
  /** The id was in the file. */
  hasId: boolean;
  /** The currency was in the file. */
  namesCurrency: boolean;
}

type Reader = (fields: readonly string[]) => string;
type Wrote = Record<(typeof READ)[number], Reader>;

const READ = [
  ...['id', 'ts', 'user', 'anonymous', 'event', 'product', 'name', 'brand', 'category', 'price'],
  ...['quantity', 'amount', 'currency', 'transaction', 'value', 'refunded', 'status'],
  ...['country', 'page', 'search_term'],
] as const satisfies Field[];

/** Names whose rows belong together when they have the same transaction. */
export const ORDER_NAMES: ReadonlySet<string> = new Set(['purchase', 'refund']);

/**
 * Makes a reader of rows, each of which is an event or a line of an order.
 * @param now when the import takes place, ms since the epoch. Later times are refused.
 */
export function rowReader(
  plan: Plan,
  now: number,
  reading: Reading,
): (row: ReadableRow, fingerprint: string, note: Note) => RowEvent {
  const of = Object.fromEntries(READ.map((field) => [field, fieldReader(plan, field)])) as Wrote;
  const props = Object.keys(plan.columns)
    .filter((field): field is `props.${string}` => field.startsWith('props.'))
    .map((field) => ({ name: field.slice('props.'.length), textOf: fieldReader(plan, field) }));

  const kept = keptReader(plan, reading);

  /** @returns a line, and whether it came back. Such a line has a positive quantity. */
  function itemOf(fields: readonly string[], currency: string) {
    const id = of.product(fields);
    if (id === '') return undefined;
    const written = of.quantity(fields);
    const isReturn = readQuantity(written, reading).pieces < 0;
    const quantity = isReturn ? readQuantity(written, reading, -1) : readQuantity(written, reading);
    const item: Item = { id: readText(id, 128, 'product'), quantity: quantity.pieces };
    for (const field of ['name', 'brand', 'category'] as const) {
      const text = of[field](fields);
      if (text !== '') item[field] = text;
    }
    const [amount, price] = [of.amount(fields), of.price(fields)];
    if (amount !== '') {
      // Some systems write the amount of what came back with a minus, others without.
      const minor = readAmount(amount, currency, reading);
      item.amount = isReturn ? Math.abs(minor) : minor;
    } else if (price !== '') {
      item.amount = quantity.times(price, currency, reading);
    }
    return { item, isReturn };
  }

  /** A guest's order has no user: it belongs to a visitor who is known by the order alone. */
  function userOf(fields: readonly string[], isOrder: boolean, transaction: string) {
    const known = plan.anonymous ? '' : of.user(fields);
    const guest = isOrder && transaction !== '' ? `order-${transaction}` : '';
    const said = known || of.anonymous(fields) || of.user(fields) || guest;
    const user = readText(idInCookie(said) ?? said, 256, 'user');
    return { user, ...(known !== '' && { known: true as const }) };
  }

  return ({ line, fields }, fingerprint, note) => {
    const status = of.status(fields);
    if (plan.notSales.includes(status.toLowerCase())) {
      throw new Reject(`The order is ${status}, so it is not a sale.`);
    }
    const ts = readPast(of.ts(fields), plan.zone, now, reading);
    const name = plan.event ?? nameOfEvent(of.event(fields), plan.events);
    const transaction = of.transaction(fields);
    const who = userOf(fields, ORDER_NAMES.has(name), transaction);
    const given = of.id(fields);
    const event: FootfallEvent = {
      v: EVENT_VERSION,
      id: given === '' ? `${fingerprint}:${line}` : readText(given, 128, 'id'),
      site: plan.site.id,
      ...who,
      name,
      ts,
      received: now,
      backfill: true,
    };
    const currencyText = of.currency(fields);
    const currency = currencyText === '' ? plan.currency : readCurrency(currencyText);
    const { item, isReturn = false } = itemOf(fields, currency) ?? {};
    if (isReturn && !ORDER_NAMES.has(name)) {
      throw new Reject(
        `The quantity ${clip(of.quantity(fields))}: only orders and refunds have negative quantities.`,
      );
    }
    if (item) {
      if (!isReturn) event.items = [item];
      kept.ofLine(item, fields, currency, note);
    }
    const hasKeptMoney = kept.ofEvent(event, fields, currency, note) || item?.discount !== undefined;
    const value = of.value(fields);
    if (value !== '') event.value = readAmount(value, currency, reading, 'value');
    if (item?.amount !== undefined || value !== '' || hasKeptMoney) event.currency = currency;
    if (transaction !== '') event.transaction_id = readText(transaction, 128, 'transaction');
    const country = of.country(fields);
    if (country !== '') event.country = readText(country, 64, 'country');
    const page = of.page(fields);
    if (page !== '') event.page = page;
    const term = of.search_term(fields);
    if (term !== '') event.search_term = term;
    for (const { name, textOf } of props) {
      const text = textOf(fields);
      if (text !== '') {
        event.props ??= {};
        event.props[name] = text;
      }
    }
    const refunded = of.refunded(fields);
    return {
      event,
      line,
      hasId: given !== '',
      namesCurrency: currencyText !== '' && event.currency !== undefined,
      ...(item && isReturn && { returned: item }),
      ...(refunded !== '' && {
        refunded: Math.abs(readAmount(refunded, currency, reading, 'refunded amount')),
      }),
    };
  };
}

function nameOfEvent(text: string, events: Readonly<Record<string, string>>): string {
  const name = Object.hasOwn(events, text) ? events[text]! : text;
  if (EVENT_NAME.test(name)) return name;
  throw new Reject(
    `The event name ${clip(text)} must be a letter, then letters, digits and underscores, 40 at most. ` +
      `Map it, such as with --map ${JSON.stringify(`${text.slice(0, 40)}=purchase`)}.`,
  );
}
