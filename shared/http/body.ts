import { gunzipSync } from 'node:zlib';
import { FootfallError } from '../errors.ts';
import type { HttpRequest } from './stack.ts';

/** How gzip begins (1f 8b) after somebody has read it as UTF-8; nothing can bring such a body back. */
const BROKEN_GZIP = '\u001f\ufffd';

const tooLarge = (maxBytes: number) =>
  new FootfallError('body_too_large', 413, `The body has more than ${maxBytes} bytes.`, {
    details: { limit: maxBytes },
  });

/**
 * The text of a request's body, plain or gzip. Gzip is told by its first bytes: some gateways unpack and leave
 * the header, others pass the bytes on.
 * @param maxBytes the limit, after unpacking.
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
 * The JSON of a request's body, see {@link readText}. Nulls are dropped from objects: clients write them for what
 * is absent. In arrays they stay, so that places are kept.
 * @throws FootfallError `body_too_large` (413), `invalid_body` (400).
 */
export function readJson(request: HttpRequest, maxBytes: number): unknown {
  const text = readText(request, maxBytes);
  try {
    return JSON.parse(text, withoutNull);
  } catch {
    throw new FootfallError('invalid_body', 400, 'The body is no JSON.');
  }
}

/** A reviver; `this` is what holds the value. */
function withoutNull(this: unknown, _key: string, value: unknown): unknown {
  return value === null && !Array.isArray(this) ? undefined : value;
}

function gunzip(bytes: Buffer, maxBytes: number): Buffer<ArrayBuffer> {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new FootfallError('invalid_body', 400, 'The body is no whole gzip stream.');
  }
}
