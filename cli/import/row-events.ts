import { EVENT_NAME, EVENT_VERSION, type FootfallEvent, type Item } from '../../shared/event/event.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { toMinor } from '../../shared/platform/money.ts';
import type { Mapper, ReadableRow } from './mapper.ts';
import { fieldReader, type Plan } from './plan.ts';
import type { Field } from './presets.ts';
import { clip, Reject, readCurrency, readInstant, readQuantity, readText } from './values.ts';

/**
 * Makes one event of each row.
 * @param now when the import takes place, ms since the epoch. Later times are refused.
 */
export function rowMapper(plan: Plan, now: number): Mapper {
  const read = (field: Field) => fieldReader(plan, field);
  const [idOf, tsOf, userOf, anonymousOf, eventOf, productOf, nameOf, brandOf, categoryOf] = (
    ['id', 'ts', 'user', 'anonymous', 'event', 'product', 'name', 'brand', 'category'] as const
  ).map(read) as [Reader, Reader, Reader, Reader, Reader, Reader, Reader, Reader, Reader];
  const [priceOf, quantityOf, currencyOf, transactionOf, countryOf, pageOf, searchTermOf] = (
    ['price', 'quantity', 'currency', 'transaction', 'country', 'page', 'search_term'] as const
  ).map(read) as [Reader, Reader, Reader, Reader, Reader, Reader, Reader];
  const props = Object.keys(plan.columns)
    .filter((field): field is `props.${string}` => field.startsWith('props.'))
    .map((field) => ({ name: field.slice('props.'.length), textOf: read(field) }));

  function itemOf(fields: readonly string[], currency: string): Item | undefined {
    const id = productOf(fields);
    if (id === '') return undefined;
    const quantity = quantityOf(fields);
    const item: Item = {
      id: readText(id, 128, 'product'),
      quantity: quantity === '' ? 1 : readQuantity(quantity),
    };
    const name = nameOf(fields);
    if (name !== '') item.name = name;
    const brand = brandOf(fields);
    if (brand !== '') item.brand = brand;
    const category = categoryOf(fields);
    if (category !== '') item.category = category;
    const price = priceOf(fields);
    if (price !== '') item.amount = amountOf(price, currency, item.quantity);
    return item;
  }

  function map({ line, fields }: ReadableRow, fingerprint: string): FootfallEvent {
    const ts = instantOf(tsOf(fields), plan.zone, now);
    const known = plan.anonymous ? '' : userOf(fields);
    const user = readText(known || anonymousOf(fields) || userOf(fields), 256, 'user');
    const given = idOf(fields);
    const event: FootfallEvent = {
      v: EVENT_VERSION,
      id: given === '' ? `${fingerprint}:${line}` : readText(given, 128, 'id'),
      site: plan.site.id,
      user,
      ...(known !== '' && { known: true }),
      name: nameOfEvent(eventOf(fields), plan.events),
      ts,
      received: now,
      backfill: true,
    };
    const currencyText = currencyOf(fields);
    const currency = currencyText === '' ? plan.currency : readCurrency(currencyText);
    const item = itemOf(fields, currency);
    if (item) event.items = [item];
    if (item?.amount !== undefined) event.currency = currency;
    const transaction = transactionOf(fields);
    if (transaction !== '') event.transaction_id = readText(transaction, 128, 'transaction');
    const country = countryOf(fields);
    if (country !== '') event.country = readText(country, 64, 'country');
    const page = pageOf(fields);
    if (page !== '') event.page = page;
    const term = searchTermOf(fields);
    if (term !== '') event.search_term = term;
    for (const { name, textOf } of props) {
      const text = textOf(fields);
      if (text !== '') {
        event.props ??= {};
        event.props[name] = text;
      }
    }
    return event;
  }

  return { survey: (row) => map(row, 'survey').ts, map };
}

type Reader = (fields: readonly string[]) => string;

/** Reads a time that is not after `now`. @returns ms since the epoch. @throws Reject */
export function instantOf(text: string, zone: string, now: number): number {
  const ts = readInstant(text, zone);
  if (ts > now) throw new Reject(`The time ${clip(text)} is in the future.`);
  return ts;
}

/** Reads a price, times the quantity. @returns minor units of the currency. @throws Reject */
export function amountOf(price: string, currency: string, quantity: number): number {
  try {
    return toMinor(price, currency, quantity);
  } catch (error) {
    if (error instanceof FootfallError) throw new Reject(`The price ${clip(price)}: ${error.message}`);
    throw error;
  }
}

function nameOfEvent(text: string, events: Readonly<Record<string, string>>): string {
  const name = Object.hasOwn(events, text) ? events[text]! : text;
  if (EVENT_NAME.test(name)) return name;
  throw new Reject(
    `The event name ${clip(text)} must be a letter, then letters, digits and underscores, 40 at most. Map it with --map.`,
  );
}
