import { StringDecoder } from 'node:string_decoder';

/** How a line in CloudWatch's embedded metric format begins, as Powertools writes it. */
const BEGIN = '{"_aws":';
/** A line that goes on for longer is none (CloudWatch takes events of 1 MB at most); what has come is dropped. */
const MAX_LINE = 1 << 20;

/** What a line says: dimensions, and numbers or lists of them by metric. */
export type EmfDocument = Record<string, unknown>;

/**
 * Finds metrics in what functions print: among other output, in pieces that end anywhere, behind something that did
 * not end its line, or in front of it.
 */
export class EmfReader {
  /** Lines that begin as metrics and can not be read: something else was printed into them. */
  spoilt = 0;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  read(piece: Buffer): EmfDocument[] {
    const lines = (this.#rest + this.#decoder.write(piece)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE) this.#rest = '';
    return lines.flatMap((line) => this.#documentsOf(line));
  }

  /** Several where a line's end was lost. */
  #documentsOf(line: string): EmfDocument[] {
    const [, ...parts] = line.split(BEGIN);
    return parts.flatMap((part) => {
      const text = BEGIN + part;
      // What follows on the same line is no part of it.
      for (let end = text.length; end > 0; end = text.lastIndexOf('}', end - 2) + 1) {
        try {
          return [JSON.parse(text.slice(0, end)) as EmfDocument];
        } catch {}
      }
      this.spoilt += 1;
      return [];
    });
  }
}
