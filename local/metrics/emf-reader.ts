import { StringDecoder } from 'node:string_decoder';

/** Beginning of a line in CloudWatch's embedded metric format, as Powertools writes it. */
const BEGIN = '{"_aws":';
/** A longer line is no metric (CloudWatch limits events to 1 MB) and is dropped. */
const MAX_LINE = 1 << 20;

/** One line: dimensions, and a number or list of numbers for each metric. */
export type EmfDocument = Record<string, unknown>;

/**
 * Finds metrics in the output of the functions. They may be split into pieces at any place, and follow or
 * precede other output on the same line.
 */
export class EmfReader {
  /** Lines that begin like metrics and cannot be parsed: something else was printed into them. */
  spoilt = 0;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  read(piece: Buffer): EmfDocument[] {
    const lines = (this.#rest + this.#decoder.write(piece)).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE) this.#rest = '';
    return lines.flatMap((line) => this.#documentsOf(line));
  }

  /** One line may hold several documents when a line break was lost. */
  #documentsOf(line: string): EmfDocument[] {
    const [, ...parts] = line.split(BEGIN);
    return parts.flatMap((part) => {
      const text = BEGIN + part;
      // Ignore other output at the end of the line.
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
