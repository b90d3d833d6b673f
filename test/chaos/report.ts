import type { Verdict } from './truth.ts';

/** The results of one fault over all rounds. */
interface Row {
  times: number;
  events: number;
  lost: number;
  doubled: number;
  wrong: number;
  answers: number;
  unavailable: number;
  violations: number;
  seconds: number[];
}

/** The table at the end. */
export class Report {
  readonly #rows = new Map<string, Row>();

  add(
    fault: string,
    { lost, doubled, wrong }: Verdict,
    measured: Pick<Row, 'events' | 'answers' | 'unavailable' | 'violations'> & { seconds: number },
  ): void {
    const row = this.#rows.get(fault) ?? {
      ...{ times: 0, events: 0, lost: 0, doubled: 0, wrong: 0 },
      ...{ answers: 0, unavailable: 0, violations: 0, seconds: [] },
    };
    row.times++;
    row.events += measured.events;
    row.lost += lost;
    row.doubled += doubled;
    row.wrong += wrong;
    row.answers += measured.answers;
    row.unavailable += measured.unavailable;
    row.violations += measured.violations;
    row.seconds.push(measured.seconds);
    this.#rows.set(fault, row);
  }

  /** One line for each fault, and one for all. */
  toString(): string {
    const lines = [...this.#rows].map(([fault, row]) => [
      fault,
      ...[row.times, row.events, row.lost, row.doubled, row.wrong].map(String),
      `${row.answers} / ${row.unavailable} / ${row.violations}`,
      row.seconds.map((seconds) => seconds.toFixed(1)).join(', '),
    ]);
    const head = [
      ...['fault', 'times', 'events', 'lost', 'doubled', 'wrong'],
      ...['reads: answers / 503 / violations', 'seconds until lag was zero'],
    ];
    const sum = (i: number) => String(lines.reduce((total, line) => total + Number(line[i]), 0));
    const rows = [head, ...lines, ['all', ...[1, 2, 3, 4, 5].map(sum), '', '']];
    const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
    return rows
      .map((row) =>
        row
          .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
  }
}
