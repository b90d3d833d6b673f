import { stringify } from 'csv-stringify/sync';
import type { Row } from './question.ts';

/**
 * Rows as CSV (RFC 4180) with a header line; columns in the order in which they first appear. Money becomes columns
 * of its currency (`revenue_EUR`, in units of the currency), other nested values JSON.
 */
export function toCsv(rows: readonly Row[]): string {
  const flat = rows.map(flatten);
  const columns = [...new Set(flat.flatMap((row) => Object.keys(row)))];
  return stringify(flat, { header: true, columns, record_delimiter: 'windows', cast: { string: harmless } });
}

function flatten(row: Row): Row {
  const flat: Row = {};
  for (const [name, value] of Object.entries(row)) {
    if (name === 'money') {
      for (const { currency, revenue, refunded, net } of value as Record<string, string>[]) {
        Object.assign(flat, {
          [`revenue_${currency}`]: Number(revenue),
          [`refunded_${currency}`]: Number(refunded),
          [`net_${currency}`]: Number(net),
        });
      }
    } else if (name === 'average_order') {
      for (const { currency, amount } of value as Record<string, string>[]) {
        flat[`average_order_${currency}`] = Number(amount);
      }
    } else if (typeof value === 'object' && value !== null) {
      flat[name] = JSON.stringify(value);
    } else {
      flat[name] = typeof value === 'boolean' ? String(value) : value;
    }
  }
  return flat;
}

/**
 * Texts come from whoever has a public write key, and a spreadsheet would run those that begin as a formula does
 * (OWASP, "CSV Injection"): an apostrophe keeps them texts. Plain numbers are none.
 */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
}
