import type { Command } from '@commander-js/extra-typings';
import { EXIT, isBadOption } from '../local/command.ts';

/** What a command has to say at its end. */
export interface Report {
  /** For programs: what `--json` prints. */
  data: object;
  /** For people. */
  lines: readonly string[];
  /** One of {@link EXIT}; `done` when absent. */
  exitCode?: number;
}

/** The exit code of the command that ran last. */
export const exit: { code: number } = { code: EXIT.done };

/**
 * Makes an action of a command out of a function that gives a report. The report is all that goes to standard output:
 * JSON with `--json`, lines without.
 * @param act gets the command's arguments and options. A `bad_option` that it throws is printed as a wrong usage.
 * @example command.addOption(json).action(reported(async (id, options) => showSite(id, options)))
 */
export const reported =
  <A extends unknown[]>(act: (...args: A) => Promise<Report>) =>
  async (...args: A): Promise<void> => {
    const command = args.at(-1) as Command<unknown[], { json?: true }>;
    const {
      data,
      lines,
      exitCode = EXIT.done,
    } = await act(...args).catch((error: unknown) => {
      if (isBadOption(error)) command.error(error.message, { code: error.code, exitCode: EXIT.usage });
      throw error;
    });
    if (command.opts().json) console.log(JSON.stringify(data, null, 2));
    else if (lines.length > 0) console.log(lines.join('\n'));
    exit.code = exitCode;
  };

/** Tells people how it goes, on standard error, which a program that reads the report passes over. */
export const note = (line: string): void => console.error(line);

/** A table with columns as wide as their widest cell. @param rows the heads, then the cells, all of one length. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
