import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Row } from './row.ts';

/** A row that can be read. */
export type ReadableRow = Extract<Row, { fields: string[] }>;

/** Gets a sentence on what was left out of an event, such as `tax must be a number`. */
export type Note = (text: string) => void;

/** Turns rows into events. Each row comes twice, in the file's order: all to `survey`, then all to `map`. */
export interface Mapper {
  /**
   * Checks a row before anything is sent.
   * @returns the time of the row, ms since the epoch.
   * @throws Reject when `map` will refuse the row.
   */
  survey(row: ReadableRow): number;
  /**
   * Makes the events that a row completes.
   * @param fingerprint hash of the file's content. Ids are made of it, so a second import makes the same ids.
   * @param note is told what was left out of the row's event.
   * @returns none when later rows belong to the same event.
   * @throws Reject
   */
  map(row: ReadableRow, fingerprint: string, note: Note): FootfallEvent[];
}
