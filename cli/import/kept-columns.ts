import type { FootfallEvent, Item } from '../../shared/event/event.ts';
import {
  KEPT_FIELDS,
  KEPT_ITEM_FIELDS,
  type KeptField,
  type KeptKind,
  MAX_KEPT_TEXT,
} from '../../shared/event/kept-fields.ts';
import { leftOut, mayBeNegative, readKept } from '../../shared/intake/values/kept-values.ts';
import type { Note } from './mapper.ts';
import { fieldReader, type Plan } from './plan.ts';
import { type Field, KEPT_OF_LINE } from './presets.ts';
import { clip, Reject } from './reject.ts';
import { type Reading, readAmount } from './values.ts';

/** A column that holds a kept field. */
interface Column {
  field: Field;
  /** Its name in the event or item. */
  name: string;
  kind: KeptKind;
  textOf(fields: readonly string[]): string;
}

/** Reads the columns of the fields that are kept and not counted. */
export interface KeptReader {
  /** Adds what a row says of the event as a whole. @returns whether it has money. */
  ofEvent(event: FootfallEvent, fields: readonly string[], currency: string, note: Note): boolean;
  /** Adds what a row says of its line. Its discount is that of the line, not of one piece. */
  ofLine(item: Item, fields: readonly string[], currency: string, note: Note): void;
}

/** A value that cannot be read is left out and noted, so it costs no row. */
export function keptReader(plan: Plan, reading: Reading): KeptReader {
  const column = (field: Field, name: string, kind: KeptKind): Column[] =>
    plan.columns[field] === undefined ? [] : [{ field, name, kind, textOf: fieldReader(plan, field) }];
  const ofEvent = (Object.keys(KEPT_FIELDS) as KeptField[]).flatMap((field) =>
    column(field, field, KEPT_FIELDS[field]),
  );
  const ofLine = (Object.keys(KEPT_OF_LINE) as (keyof typeof KEPT_OF_LINE)[]).flatMap((field) =>
    column(field, KEPT_OF_LINE[field], KEPT_ITEM_FIELDS[KEPT_OF_LINE[field]][0]),
  );

  function add(
    target: FootfallEvent | Item,
    columns: readonly Column[],
    { fields, currency, note }: { fields: readonly string[]; currency: string; note: Note },
  ): boolean {
    let hasMoney = false;
    for (const { field, name, kind, textOf } of columns) {
      const text = textOf(fields);
      if (text === '') continue;
      try {
        const value = kind === 'amount' ? amountOf(text, name, target) : keptValueOf(text, kind);
        Object.assign(target, { [name]: value });
        hasMoney ||= kind === 'amount';
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        note(`${field} ${error.message}`);
      }
    }
    return hasMoney;

    function amountOf(text: string, name: string, target: FootfallEvent | Item): number {
      let amount: number;
      try {
        amount = readAmount(text, currency, reading, name);
      } catch (error) {
        throw error instanceof Reject ? new Reject(`was left out. ${error.message}`) : error;
      }
      const eventName = 'v' in target ? target.name : undefined;
      if (amount < 0 && !mayBeNegative(name, eventName))
        throw new Reject(`${clip(text)} ${leftOut('must be 0 or more')}.`);
      return Math.abs(amount);
    }
  }

  return {
    ofEvent: (event, fields, currency, note) => add(event, ofEvent, { fields, currency, note }),
    ofLine: (item, fields, currency, note) => void add(item, ofLine, { fields, currency, note }),
  };
}

/** @throws Reject */
function keptValueOf(text: string, kind: KeptKind): unknown {
  const read = readKept(kind, text);
  if ('problem' in read) throw new Reject(`${clip(text)} ${leftOut(read.problem)}.`);
  return typeof read.value === 'string' ? read.value.slice(0, MAX_KEPT_TEXT).toWellFormed() : read.value;
}
