import type { DecimalSign } from '../../shared/intake/values/decimal.ts';
import type { Layout } from './layout.ts';
import type { Plan } from './plan.ts';
import type { Understanding } from './understanding.ts';

/** What was understood of a file, for programs. */
export function understood({ layout, reading, times }: Understanding, plan: Plan) {
  const { format, encoding, lineEndName, delimiter, quote, columns } = layout;
  return {
    format,
    encoding: encoding.name,
    line_end: lineEndName,
    ...(format === 'csv' && { delimiter, quote }),
    ...(plan.shape in TABLES && {
      decimal: reading.decimal ?? null,
      times,
      date_form: reading.dateForm ?? null,
    }),
    zone: plan.zone,
    currency: plan.currency,
    columns: Object.fromEntries(Object.entries(plan.columns).map(([field, column]) => [column!, field])),
    ...(format === 'csv' && { unused: columns.filter((name) => !plan.wanted.includes(name)) }),
  };
}

/** Shapes whose fields are columns. */
const TABLES = { row: true, invoice: true };

/** What was understood of a file, for people. */
export function describe(understanding: Understanding, plan: Plan): string[] {
  const { layout, reading, times } = understanding;
  const facts: [string, string][] = [
    ['Encoding', nameOf(layout)],
    ['Line ends', layout.lineEndName],
  ];
  if (layout.format === 'csv') facts.push(['Delimiter', DELIMITERS[layout.delimiter] ?? layout.delimiter]);
  if (layout.format === 'csv') facts.push(['Quote', layout.quote]);
  if (plan.shape in TABLES) {
    const form = reading.dateForm ? `, ${reading.dateForm}` : '';
    facts.push(['Decimal sign', signOf(reading.decimal)], ['Times', `${times.join(', ') || 'none'}${form}`]);
  }
  facts.push(['Time zone', `${plan.zone}, for times without an offset`], ['Currency', plan.currency]);
  const lines = facts.map(([fact, value]) => `  ${fact}: ${value}`);
  const columns = Object.entries(plan.columns).map(
    ([field, column]) => `  ${column} → ${field}${absent(column!, layout)}`,
  );
  if (columns.length > 0) lines.push('Columns:', ...columns);
  const unused = layout.columns.filter((name) => !plan.wanted.includes(name));
  if (unused.length > 0) lines.push(`  not used: ${unused.join(', ')}`);
  return ['The file:', ...lines];
}

const DELIMITERS: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'pipe',
};

const nameOf = ({ encoding }: Layout) =>
  encoding.isDamaged ? `${encoding.name}, damaged: some lines have bytes that are not UTF-8` : encoding.name;

function signOf(sign: DecimalSign | undefined): string {
  if (sign === 'both') return 'comma and point';
  if (sign === undefined) return 'none seen';
  return sign === ',' ? 'comma' : 'point';
}

const absent = (column: string, { format, columns }: Layout) =>
  format === 'csv' && !column.split('|').some((name) => columns.includes(name)) ? ' (not in this file)' : '';
