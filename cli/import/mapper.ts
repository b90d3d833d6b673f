import type { FootfallEvent } from '../../shared/event/event.ts';
import type { Row } from './rows.ts';

/** A row that can be read. */
export type ReadableRow = Extract<Row, { fields: string[] }>;

/** Turns rows into events. Rows come in the file's order, twice: once to `survey`, then to `map`. */
export interface Mapper {
  /**
   * Looks at a row before anything is sent.
   * @returns when it happened, ms since the epoch.
   * @throws Reject when `map` will refuse the row.
   */
  survey(row: ReadableRow): number;
  /**
   * @param fingerprint stands for the file's content, so that a second import makes the same ids.
   * @returns the event that this row completes, or undefined when more rows belong to it.
   * @throws Reject
   */
  map(row: ReadableRow, fingerprint: string): FootfallEvent | undefined;
}
