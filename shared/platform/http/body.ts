import { isUtf8 } from 'node:buffer';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { FootfallError } from '../errors.ts';
import { hasLongNumbers, type JsonBreak, readTolerantly } from './json-text.ts';
import type { HttpRequest } from './stack.ts';

/** The first bytes of gzip (1f 8b) after a gateway has read them as UTF-8. Such a body cannot be restored. */
const BROKEN_GZIP = '\u001f\ufffd';

/** Levels of nested arrays and objects; the outermost is the first. */
const MAX_DEPTH = 32;
/** In one object. */
const MAX_KEYS = 1_000;

/** @param what has too many bytes; by default the body. */
export const tooLarge = (maxBytes: number, what = 'The body') =>
  new FootfallError('body_too_large', 413, `${what} has more than ${maxBytes} bytes.`, {
    details: { limit: maxBytes },
  });

/**
 * The text of a request's body: UTF-8, with or without a byte order mark, plain or compressed (gzip, brotli,
 * deflate). Gzip is told by its first bytes, and a body that a gateway has unpacked is read as it is: some
 * gateways unpack and leave the header, others pass the bytes on.
 * @param maxBytes the limit, after unpacking.
 * @throws FootfallError `body_too_large` 413, `unsupported_encoding` 415, `invalid_body` 400.
 */
export function readText(request: HttpRequest, maxBytes: number): string {
  if (!request.isBase64Encoded && request.body?.startsWith(BROKEN_GZIP)) {
    const message =
      'The gateway read the gzip stream as text: send it with content type application/octet-stream.';
    throw new FootfallError('invalid_body', 400, message);
  }
  const sent = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');
  if (sent.length > maxBytes) throw tooLarge(maxBytes);
  const bytes = unpacked(sent, request.headers['content-encoding'], maxBytes);
  const text = bytes.toString('utf8');
  if (!isUtf8(bytes)) {
    const byte = firstBadByte(bytes, text);
    throw new FootfallError(
      'invalid_body',
      400,
      `The body is not UTF-8: byte ${byte} is wrong, counted from 0.`,
    );
  }
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

const BYTE_ORDER_MARK = '\ufeff';

/** The place of the first byte that is not UTF-8, from 0. @param text the bytes as decoded, with replacements. */
function firstBadByte(bytes: Buffer, text: string): number {
  let at = 0;
  for (const character of text) {
    const isWritten = bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
    if (character === '\ufffd' && !isWritten) return at;
    at += Buffer.byteLength(character);
  }
  return at;
}

/**
 * The JSON of a request's body, see {@link readText}. Nulls are dropped from objects: clients write them for what
 * is absent. In arrays they stay, so that places are kept. `NaN` and `Infinity`, which Python writes, become
 * Infinity, for the caller to refuse. Whole numbers beyond 2^53 become text, which keeps their digits.
 * @param options.keepNulls where a null is a value, as in a JSON Patch.
 * @throws FootfallError those of {@link readText}; `invalid_body`, `body_too_deep`, `too_many_keys` 400.
 */
export function readJson(request: HttpRequest, maxBytes: number, { keepNulls = false } = {}): unknown {
  const text = readText(request, maxBytes);
  let body: unknown;
  try {
    body = hasLongNumbers(text) ? unrounded(text) : JSON.parse(text);
  } catch {
    if (text.trim() === '') throw new FootfallError('invalid_body', 400, 'The body is empty.');
    const read = readTolerantly(text);
    if ('broken' in read) throw notJson(read.broken);
    body = read.value;
  }
  tidy(body, 1, keepNulls);
  return body ?? undefined;
}

/** @throws an error for a text that is not JSON. */
function unrounded(text: string): unknown {
  const read = readTolerantly(text);
  if ('broken' in read) throw new SyntaxError();
  return read.value;
}

function notJson({ line, column, found }: JsonBreak): FootfallError {
  const what = found === '' ? 'it ends too early' : `unexpected ${JSON.stringify(found)}`;
  const message = `The body is not JSON: ${what} at line ${line}, column ${column}.`;
  return new FootfallError('invalid_body', 400, message);
}

/** Drops nulls. A reviver would cost ten times as much, and exhaust the stack on a deep body. */
function tidy(value: unknown, depth: number, keepNulls: boolean): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) {
    const message = `The body nests arrays and objects more than ${MAX_DEPTH} levels deep.`;
    throw new FootfallError('body_too_deep', 400, message, { details: { limit: MAX_DEPTH } });
  }
  if (Array.isArray(value)) {
    for (const one of value) tidy(one, depth + 1, keepNulls);
    return;
  }
  const object = value as Record<string, unknown>;
  const names = Object.keys(object);
  if (names.length > MAX_KEYS && !isNumbered(names)) {
    const message = `An object of the body has more than ${MAX_KEYS} keys.`;
    throw new FootfallError('too_many_keys', 400, message, { details: { limit: MAX_KEYS } });
  }
  for (const name of names) {
    if (object[name] !== null) tidy(object[name], depth + 1, keepNulls);
    else if (!keepNulls) delete object[name];
  }
}

/** The keys of a list that came as an object: `{"0": …, "1": …}`. Such a list may be longer. */
const isNumbered = (names: readonly string[]) => names.every((name) => /^\d{1,7}$/.test(name));

type Unpack = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;

/** Some clients mean zlib's format by deflate (RFC 9110), others raw deflate. */
const inflate: Unpack = (bytes, options) =>
  bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0
    ? inflateSync(bytes, options)
    : inflateRawSync(bytes, options);

const UNPACK: ReadonlyMap<string, { name: string; unpack: Unpack }> = new Map([
  ['br', { name: 'brotli', unpack: brotliDecompressSync }],
  ['deflate', { name: 'deflate', unpack: inflate }],
]);
/** Encodings that need no header to be told, or are none. */
const TOLD_BY_BYTES = new Set(['gzip', 'x-gzip', 'identity', '']);

/** @throws FootfallError `unsupported_encoding` 415, `body_too_large` 413, `invalid_body` 400. */
function unpacked(bytes: Buffer, encoding: string | undefined, maxBytes: number): Buffer {
  const name = encoding?.trim().toLowerCase() ?? '';
  const known = UNPACK.get(name);
  if (!known && !TOLD_BY_BYTES.has(name)) {
    const message = `The encoding ${JSON.stringify(name.slice(0, 60))} is not supported: send gzip, br, deflate or none.`;
    throw new FootfallError('unsupported_encoding', 415, message);
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return unpack(gunzipSync, 'gzip', bytes, maxBytes);
  return known ? unpack(known.unpack, known.name, bytes, maxBytes) : bytes;
}

/** Whether a gateway has unpacked the body: compressed bytes are no valid UTF-8 that begins as JSON does. */
const isText = (bytes: Buffer) => /^[\s\ufeff]*[{["]/.test(bytes.toString('utf8', 0, 64)) && isUtf8(bytes);

function unpack(unpackSync: Unpack, name: string, bytes: Buffer, maxBytes: number): Buffer {
  try {
    return unpackSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    if (isText(bytes)) return bytes;
    throw new FootfallError('invalid_body', 400, `The body is not a whole ${name} stream.`);
  }
}
