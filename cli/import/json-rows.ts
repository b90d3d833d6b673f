import type { LineReader, Row } from './row.ts';

/** JSON.parse rounds such numbers: ids of 64 bits have up to 19 digits, and Google's client ids are two numbers. */
const LONG_NUMBER = /\d{16}|\d{5}\.\d{9}/;
const KEPT = /^(?:-?\d+|\d{5,10}\.\d{9,10})$/;

/**
 * Reads a JSON object a line. A line that is a list of objects counts as that many lines: some systems export everything as
 * one list.
 */
export function jsonReader(columns: readonly string[]): LineReader {
  const paths = columns.map((column) => column.split('.'));
  /** How many more records than lines there were so far. */
  let extra = 0;

  function add(value: unknown, line: number, raw: string, rows: Row[]): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      rows.push({ line, raw, reason: 'The line is not a JSON object.' });
      return;
    }
    rows.push({ line, raw, fields: paths.map((path) => textAt(value, path)), object: value });
  }

  return {
    take(lines, number, rows) {
      lines.forEach((text, position) => {
        const line = number + position + extra;
        if (text.trim() === '') return;
        let value: unknown;
        try {
          value = parseJson(text);
        } catch {
          rows.push({ line, raw: text, reason: whyNotJson(text) });
          return;
        }
        if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) {
          add(value, line, text, rows);
          return;
        }
        value.forEach((element, index) => {
          add(element, line + index, JSON.stringify(element), rows);
        });
        extra += value.length - 1;
      });
    },
    end() {},
  };
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parses JSON. Whole numbers beyond 2^53 and client ids become text, since a number would not keep their digits. */
function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}

function keepDigits(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && KEPT.test(context.source) ? context.source : value;
}

function whyNotJson(text: string): string {
  const outside = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const word = /-?\b(?:NaN|Infinity|None|undefined)\b/.exec(outside)?.[0];
  return word ? `The line is not JSON: JSON has no ${word}. Write null instead.` : 'The line is not JSON.';
}

/** The value at a path as text; blank for an object, and when there is none. */
function textAt(object: object, path: readonly string[]): string {
  let value: unknown = object;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return '';
    value = (value as Record<string, unknown>)[key];
  }
  return value === null || typeof value === 'object' ? '' : String(value);
}
