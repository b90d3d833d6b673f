import { gunzipSync } from 'node:zlib';
import { FootfallError } from '../errors.ts';
import type { HttpRequest } from './stack.ts';

/** The first bytes of gzip (1f 8b) after a gateway has read them as UTF-8. Such a body cannot be restored. */
const BROKEN_GZIP = '\u001f\ufffd';

/** Levels of nested arrays and objects; the outermost is the first. */
const MAX_DEPTH = 32;
/** In one object. */
const MAX_KEYS = 1_000;

const tooLarge = (maxBytes: number) =>
  new FootfallError('body_too_large', 413, `The body has more than ${maxBytes} bytes.`, {
    details: { limit: maxBytes },
  });

/**
 * The text of a request's body, plain or gzip. Gzip is recognized by its first bytes: some gateways unpack the body and
 * leave the header, others pass the bytes on.
 * @param maxBytes the limit, before and after unpacking.
 * @throws FootfallError `body_too_large` (413), `invalid_body` (400).
 */
export function readText(request: HttpRequest, maxBytes: number): string {
  if (!request.isBase64Encoded && request.body?.startsWith(BROKEN_GZIP)) {
    const message =
      'The gateway read the gzip stream as text: send it with content type application/octet-stream.';
    throw new FootfallError('invalid_body', 400, message);
  }
  let bytes = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = gunzip(bytes, maxBytes);
  return bytes.toString('utf8');
}

/**
 * The JSON of a request's body, see {@link readText}. Nulls are dropped from objects, where clients write them for
 * absent fields. In arrays they stay, so that no element moves.
 * @param options.keepNulls where a null is a value, as in a JSON Patch.
 * @throws FootfallError `body_too_large` (413), `invalid_body`, `body_too_deep`, `too_many_keys` (400).
 */
export function readJson(request: HttpRequest, maxBytes: number, { keepNulls = false } = {}): unknown {
  let body: unknown;
  try {
    body = JSON.parse(readText(request, maxBytes));
  } catch (error) {
    if (error instanceof FootfallError) throw error;
    throw new FootfallError('invalid_body', 400, 'The body is not JSON.');
  }
  tidy(body, 1, keepNulls);
  return body ?? undefined;
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
  if (names.length > MAX_KEYS) {
    const message = `An object of the body has more than ${MAX_KEYS} keys.`;
    throw new FootfallError('too_many_keys', 400, message, { details: { limit: MAX_KEYS } });
  }
  for (const name of names) {
    if (object[name] !== null) tidy(object[name], depth + 1, keepNulls);
    else if (!keepNulls) delete object[name];
  }
}

function gunzip(bytes: Buffer, maxBytes: number): Buffer<ArrayBuffer> {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new FootfallError('invalid_body', 400, 'The body is not a complete gzip stream.');
  }
}
