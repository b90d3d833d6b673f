import { stringify } from 'csv-stringify/sync';

/** A row of a table. */
export type Row = Record<string, unknown>;

/**
 * Rows as CSV (RFC 4180) with a header line, also when there are no rows. A list of money becomes a column for each
 * currency (`revenue_EUR`, in units of the currency); other nested values become JSON. Values that `columns` do not
 * name come last.
 */
export function toCsv(columns: readonly string[], rows: readonly Row[]): string {
  const flat = rows.map((row) =>
    Object.fromEntries(Object.entries(row).flatMap(([name, value]) => cellsOf(name, value))),
  );
  const header = columns.flatMap((name) => {
    const cells = rows.flatMap((row) => cellsOf(name, row[name]).map(([cell]) => cell));
    // Without rows it is not known whether `revenue` is a list. In most tables it is an amount.
    const isList = MONEY.has(name) && !(rows.length === 0 && name === 'revenue');
    return cells.length > 0 || isList ? cells : [name];
  });
  const all = [...new Set([...header, ...flat.flatMap((row) => Object.keys(row))])];
  return stringify(flat, {
    header: true,
    columns: all,
    record_delimiter: 'windows',
    // A lone line feed or carriage return ends a record for most readers, so what follows it would be a new cell.
    quoted_match: /[\r\n]/,
    cast: { string: harmless },
  });
}

/** Lists of money, and which of their amounts become columns; none: the one amount, under the list's name. */
const MONEY: ReadonlyMap<string, readonly string[]> = new Map([
  ['money', ['revenue', 'refunded', 'net', 'gross', 'discounts', 'shipping', 'tax']],
  ['average_order', []],
  ['revenue', []],
  ['revenue_30m', []],
  ['first_revenue', []],
  ['repeat_revenue', []],
  ['unknown_revenue', []],
  ['net_revenue', []],
  ['net_revenue_per_customer', []],
  ['open_carts_value', []],
  ['left_value', []],
  ['recovered_value', []],
]);

/** A row of a list of money. `unknown`: by part, how many orders do not say it. */
type MoneyRow = Record<string, unknown> & { unknown?: Record<string, number> };

function cellsOf(name: string, value: unknown): [name: string, value: unknown][] {
  const amounts = Array.isArray(value) ? MONEY.get(name) : undefined;
  if (amounts) {
    return (value as MoneyRow[]).flatMap((money): [string, unknown][] =>
      amounts.length > 0
        ? [
            ...amounts
              .filter((amount) => amount in money)
              .map((amount): [string, unknown] => [`${amount}_${money.currency}`, money[amount]]),
            ...Object.entries(money.unknown ?? {}).map(([part, orders]): [string, unknown] => [
              `unknown_${part}_${money.currency}`,
              orders,
            ]),
          ]
        : [[`${name}_${money.currency}`, money.amount]],
    );
  }
  if (typeof value === 'object' && value !== null) return [[name, JSON.stringify(value)]];
  return [[name, typeof value === 'boolean' ? String(value) : value]];
}

/**
 * Anyone with a public write key can send text, and a spreadsheet would run text that begins like a formula (OWASP,
 * "CSV Injection"). Some programs leave out blanks and invisible characters before the sign, so it counts behind them,
 * too. An apostrophe keeps the text a text. Plain numbers are safe.
 */
function harmless(text: string): string {
  return /^[\s\p{Cf}]*[=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫]/u.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text)
    ? `'${text}`
    : text;
}
