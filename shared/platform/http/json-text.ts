/** A token of JSON, or one of the numbers that Python writes and JSON does not have. */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON's texts have none of these characters.
  /[\t\n\r ]*(?:("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))|(NaN|-?Infinity)\b|(true|false|null)\b|([{}[\],:]))/y;

/** JSON has no such number, and JSON.parse reads this one as Infinity. */
const NOT_FINITE = '1e999';

/** Whole numbers of which some are beyond 2^53. A quick look, so that few texts are read the slow way. */
const MAYBE_LONG = /(?<![\d.])(?:(?:\d{17}|9\d{15})\d*(?![\d.eE"])|\d{5,10}\.\d{9,10}(?![\deE"]))/;

/** Whether a text has whole numbers that JSON.parse would round. It may say yes too often. */
export const hasLongNumbers = (text: string): boolean => MAYBE_LONG.test(text);

/** Why a text is not JSON: where it breaks. */
export interface JsonBreak {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** What stands there; empty at the end of the text. */
  found: string;
}

/**
 * Reads JSON that also has Python's `NaN`, `Infinity` and `-Infinity` outside of texts. Each becomes Infinity,
 * which no valid JSON gives, so that the reader can refuse the value that has it. A whole number beyond 2^53 becomes
 * text, since a number would not keep its digits: two ids of 64 bits would become one. So does one of Google's client ids.
 * @returns the value, or where the text breaks.
 */
export function readTolerantly(text: string): { value: unknown } | { broken: JsonBreak } {
  const scanned = scan(text);
  if (typeof scanned === 'number') return { broken: placeOf(text, scanned) };
  try {
    return { value: JSON.parse(scanned) };
  } catch {
    return { broken: placeOf(text, text.length) };
  }
}

/** What may come next. */
type Expecting = 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'end';

/** Checks the grammar without recursion. @returns strict JSON, or the index at which the text breaks. */
function scan(text: string): string | number {
  const parts: string[] = [];
  let copied = 0;
  const open: ('{' | '[')[] = [];
  let expecting: Expecting = 'value';
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    if (!token) {
      const rest = at + /^[\t\n\r ]*/.exec(text.slice(at))![0].length;
      if (rest < text.length || open.length > 0 || expecting !== 'end') return rest;
      parts.push(text.slice(copied));
      return parts.join('');
    }
    const [whole, string, number, notFinite, , mark] = token;
    const start = at + whole.length - whole.trimStart().length;
    at += whole.length;
    if (notFinite !== undefined) {
      parts.push(text.slice(copied, start), NOT_FINITE);
      copied = at;
    }
    if (number !== undefined && isLong(number)) {
      parts.push(text.slice(copied, start), `"${number}"`);
      copied = at;
    }
    const next = after(mark, string !== undefined, expecting, open);
    if (next === undefined) return start;
    expecting = next;
  }
}

/** Google's client ids: two numbers with a point between them, of which a float would lose digits. */
const CLIENT_ID = /^\d{5,10}\.\d{9,10}$/;

const isLong = (number: string) =>
  CLIENT_ID.test(number)
    ? String(Number(number)) !== number
    : /^-?\d{16,}$/.test(number) && !Number.isSafeInteger(Number(number));

/** What may follow a token; undefined where it may not stand. Keeps `open`. */
function after(
  mark: string | undefined,
  isText: boolean,
  expecting: Expecting,
  open: ('{' | '[')[],
): Expecting | undefined {
  const wantsValue = expecting === 'value' || expecting === 'value or ]';
  if (mark === undefined) {
    if (isText && (expecting === 'name' || expecting === 'name or }')) return 'colon';
    return wantsValue ? 'end' : undefined;
  }
  if (mark === ':') return expecting === 'colon' ? 'value' : undefined;
  if (mark === '{' || mark === '[') {
    if (!wantsValue) return undefined;
    open.push(mark);
    return mark === '{' ? 'name or }' : 'value or ]';
  }
  const inside = open.at(-1);
  if (mark === ',') {
    if (expecting !== 'end' || inside === undefined) return undefined;
    return inside === '{' ? 'name' : 'value';
  }
  const mayClose = expecting === 'end' || expecting === (mark === '}' ? 'name or }' : 'value or ]');
  if (!mayClose || inside !== (mark === '}' ? '{' : '[')) return undefined;
  open.pop();
  return 'end';
}

function placeOf(text: string, index: number): JsonBreak {
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  const column = index - before.lastIndexOf('\n');
  return { line, column, found: text.slice(index, index + 20).toWellFormed() };
}
