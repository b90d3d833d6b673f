import type { Hash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
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
export function formatOf(file: string): { format: Format } {
  const plain = file.toLowerCase().replace(/\.gz$/, '');
  if (/\.(ndjson|jsonl|json)$/.test(plain)) return { format: 'ndjson' };
  if (/\.(csv|tsv|txt)$/.test(plain)) return { format: 'csv' };
  throw new FootfallError(
    'unknown_format',
    400,
    `The import does not read files named like ${file}. It reads .csv, .tsv, .txt, .ndjson, .jsonl and .json, with or ` +
      'without .gz. Save a spreadsheet as CSV first.',
  );
}

/** How a file begins, whatever its name says. */
function kindOf(file: string): 'gzip' | 'zip' | 'plain' {
  const start = Buffer.alloc(4);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    readSync(descriptor, start, 0, 4, 0);
  } catch {
    // Reading the content says why.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  return start.toString('latin1') === 'PK\u0003\u0004' ? 'zip' : 'plain';
}

/** Reads a file's content, unpacked. @throws FootfallError `unreadable_file` 400. */
export async function* readBytes(file: string, { onBytes, hash }: Watch = {}): AsyncGenerator<Buffer> {
  const kind = kindOf(file);
  if (kind === 'zip') {
    throw new FootfallError(
      'unreadable_file',
      400,
      `${file} is a ZIP archive, such as a spreadsheet's .xlsx. Unpack it, or save the spreadsheet as CSV.`,
    );
  }
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  let bytes = 0;
  source.on('data', (chunk) => {
    bytes += chunk.length;
    onBytes?.(bytes);
  });
  // pipeline destroys the unpacking stream with the source's error, so the reader sees errors of both.
  const content: Readable =
    kind === 'gzip' ? pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) : source;
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
