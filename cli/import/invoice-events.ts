import { EVENT_VERSION, type FootfallEvent, type Item, MAX_ITEMS } from '../../shared/event/event.ts';
import type { Mapper, ReadableRow } from './mapper.ts';
import { fieldReader, type Plan } from './plan.ts';
import { Reject } from './reject.ts';
import { type Reading, readPast, readQuantity, readText } from './values.ts';

interface Line {
  invoice: string;
  ts: number;
  customer: string;
  country: string;
  item: Item & { amount: number };
}

/**
 * Makes one event of all rows of an invoice: a `refund` when its number begins with C, else a `purchase`. The rows of an
 * invoice need not stand together, so the event is made at its last row.
 *
 * The first row gives the time, customer and country. As on paper, the amount of each row is rounded to the minor unit
 * and the value is the sum of the rows. A refund has positive quantities and amounts: they are what went back. In a
 * purchase, a correction stays negative as written.
 * @param now when the import takes place, ms since the epoch. Later times are refused.
 */
export function invoiceMapper(plan: Plan, now: number, reading: Reading): Mapper {
  const lastLines = new Map<string, number>();
  const open = new Map<string, Line[]>();
  const invoiceOf = fieldReader(plan, 'transaction');
  const tsOf = fieldReader(plan, 'ts');
  const customerOf = fieldReader(plan, 'user');
  const productOf = fieldReader(plan, 'product');
  const nameOf = fieldReader(plan, 'name');
  const priceOf = fieldReader(plan, 'price');
  const quantityOf = fieldReader(plan, 'quantity');
  const countryOf = fieldReader(plan, 'country');

  const isRefund = (invoice: string) => invoice.startsWith('C');

  function lineOf({ fields }: ReadableRow): Line {
    // The ids of the event and of an anonymous user contain it and may have 128 characters.
    const invoice = readText(invoiceOf(fields), 100, 'invoice number');
    const ts = readPast(tsOf(fields), plan.zone, now, reading);
    const product = readText(productOf(fields), 128, 'product');
    const quantity = readQuantity(quantityOf(fields), reading, isRefund(invoice) ? -1 : 1);
    const name = nameOf(fields);
    const customer = customerOf(fields);
    const country = countryOf(fields);
    return {
      invoice,
      ts,
      customer: customer === '' ? '' : readText(customer, 256, 'customer'),
      country: country === '' ? '' : readText(country, 64, 'country'),
      item: {
        id: product,
        ...(name !== '' && { name }),
        quantity: quantity.pieces,
        amount: quantity.times(priceOf(fields), plan.currency, reading),
      },
    };
  }

  function eventOf(lines: readonly Line[]): FootfallEvent {
    const { invoice, ts, customer, country } = lines[0]!;
    const value = lines.reduce((sum, { item }) => sum + item.amount, 0);
    if (!Number.isSafeInteger(value)) throw new Reject(`The sum of invoice ${invoice} is too large.`);
    return {
      v: EVENT_VERSION,
      id: `import:invoice:${invoice}`,
      site: plan.site.id,
      user: customer === '' ? `invoice-${invoice}` : customer,
      ...(customer !== '' && { known: true }),
      name: isRefund(invoice) ? 'refund' : 'purchase',
      ts,
      received: now,
      backfill: true,
      items: lines.slice(0, MAX_ITEMS).map(({ item }) => item),
      currency: plan.currency,
      value,
      transaction_id: invoice,
      ...(country !== '' && { country }),
    };
  }

  return {
    survey(row) {
      const { invoice, ts } = lineOf(row);
      lastLines.set(invoice, row.line);
      return ts;
    },
    map(row) {
      const line = lineOf(row);
      const lines = open.get(line.invoice);
      if (lines) lines.push(line);
      else open.set(line.invoice, [line]);
      if (lastLines.get(line.invoice) !== row.line) return [];
      const all = open.get(line.invoice)!;
      open.delete(line.invoice);
      return [eventOf(all)];
    },
  };
}
