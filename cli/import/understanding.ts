import { FootfallError } from '../../shared/platform/errors.ts';
import { DateEvidence } from './dates.ts';
import { DecimalEvidence } from './decimal-evidence.ts';
import { type Layout, readLayout } from './layout.ts';
import { fieldReader, type Plan } from './plan.ts';
import type { Field } from './presets.ts';
import { readRows, requireColumns } from './rows.ts';
import { numberIn, type Reading } from './values.ts';

/** What an import has understood of how a file is written. */
export interface Understanding {
  layout: Layout;
  reading: Reading;
  /** Kinds of times at the file's beginning, for people. */
  times: string[];
}

/** The number of rows to look at; more only while a date or a number among them could mean two things. */
const ROWS_LOOKED_AT = 1_000;

/** Fields that are decimal numbers. */
const NUMBERS = [
  ...['price', 'amount', 'value', 'quantity', 'refunded'],
  ...['tax', 'shipping', 'discount', 'item_discount'],
] as const satisfies Field[];

/**
 * Tells from a file how it is written: encoding, line ends, delimiter, order of day and month, decimal sign.
 * @throws FootfallError `unreadable_file`, `missing_column`, `ambiguous_dates` 400.
 */
export async function understandFile(file: string, plan: Plan): Promise<Understanding> {
  const { given, wanted, needed } = plan;
  const layout = await readLayout(file, wanted, given);
  requireColumns(file, needed, layout);
  const dates = new DateEvidence();
  const decimals = new DecimalEvidence();
  const timeOf = fieldReader(plan, 'ts');
  const numbers = NUMBERS.map((field) => fieldReader(plan, field));
  let looked = 0;
  look: for await (const rows of readRows(file, wanted, layout)) {
    for (const { fields } of rows) {
      const isOpen =
        (dates.undecided !== undefined && !given.dateForm) || (decimals.isOpen && !given.decimal);
      if (looked >= ROWS_LOOKED_AT && !isOpen) break look;
      if (!fields) continue;
      looked += 1;
      const time = timeOf(fields);
      if (time !== '') dates.add(time);
      for (const numberOf of numbers) decimals.add(numberIn(numberOf(fields)));
    }
  }
  const { undecided } = dates;
  if (undecided !== undefined && !given.dateForm) {
    throw new FootfallError(
      'ambiguous_dates',
      400,
      `Nothing was sent: the time ${JSON.stringify(undecided)} could be two dates, and no line of the file says which. ` +
        'Add --date-form day-first or --date-form month-first.',
    );
  }
  const reading = { dateForm: given.dateForm ?? dates.form, decimal: given.decimal ?? decimals.sign };
  return { layout, reading, times: dates.kinds };
}
