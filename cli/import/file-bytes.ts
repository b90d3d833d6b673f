import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FootfallError } from '../../shared/platform/errors.ts';

export type Format = 'csv' | 'ndjson';

/** What a pass over a file reports to. */
export interface Watch {
  /** Is told how many bytes of the file are read so far; packed bytes when it is packed. */
  onBytes?: ((bytes: number) => void) | undefined;
  /** Gets the unpacked content. */
  hash?: Hash | undefined;
}

const CHUNK_BYTES = 256 * 1024;

/** Reads the format from a file's name. @throws FootfallError `unknown_format` 400. */
export function formatOf(file: string): { format: Format; gzip: boolean } {
  const name = file.toLowerCase();
  const gzip = name.endsWith('.gz');
  const plain = gzip ? name.slice(0, -3) : name;
  if (/\.(ndjson|jsonl|json)$/.test(plain)) return { format: 'ndjson', gzip };
  if (/\.(csv|tsv|txt)$/.test(plain)) return { format: 'csv', gzip };
  throw new FootfallError(
    'unknown_format',
    400,
    `The import does not read files named like ${file}. It reads .csv, .tsv, .txt, .ndjson, .jsonl and .json, with or ` +
      'without .gz. Save a spreadsheet as CSV first.',
  );
}

/** Reads a file's content, unpacked. @throws FootfallError `unreadable_file` 400. */
export async function* readBytes(file: string, { onBytes, hash }: Watch = {}): AsyncGenerator<Buffer> {
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  let bytes = 0;
  source.on('data', (chunk) => {
    bytes += chunk.length;
    onBytes?.(bytes);
  });
  // pipeline destroys the unpacking stream with the source's error, so the reader sees errors of both.
  const content: Readable = formatOf(file).gzip
    ? pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), () => {})
    : source;
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      hash?.update(chunk);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof FootfallError) throw error;
    const problem = (error as Error).message;
    throw new FootfallError('unreadable_file', 400, `${file} cannot be read: ${problem}.`, { cause: error });
  } finally {
    source.destroy();
  }
}
