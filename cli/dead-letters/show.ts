import type { z } from 'zod';
import type { countsAnswer, letterAnswer, lettersAnswer } from '../../shared/dead-letters/letter-schemas.ts';

/** Dead letters for people. */

export type ShownLetter = z.infer<typeof letterAnswer>;

/** Columns as wide as their widest. */
function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}

export function countLines(counts: z.infer<typeof countsAnswer>['counts']): string[] {
  if (counts.length === 0) return ['There are none.'];
  return table([
    ['day', 'reason', 'site', 'status', 'letters'],
    ...counts.map(({ day, reason, site = '-', status, letters }) => [
      day,
      reason,
      site,
      status,
      String(letters),
    ]),
  ]);
}

export function letterLines(letters: z.infer<typeof lettersAnswer>['letters']): string[] {
  if (letters.length === 0) return ['There are none.'];
  return table([
    ['letter', 'at', 'status', 'reason', 'site', 'event'],
    ...letters.map(({ letter, at, status, reason, site = '-', name = '-' }) => [
      letter,
      at,
      status,
      reason,
      site,
      name,
    ]),
  ]);
}

export function shownLines(letter: ShownLetter): string[] {
  const { record, actions, refused_now: now } = letter;
  const rows: [string, string | undefined][] = [
    ['status', letter.status],
    ['reason', `${letter.reason}: ${letter.detail}`],
    ['site', letter.site],
    ['event', letter.name],
    ['written', letter.at],
    ['received', letter.received],
    ['record', `partition ${record.partition}, offset ${record.offset} of ${record.topic}`],
    ['key', record.key],
    ['replay of', letter.replays],
    ['refused again', letter.became],
  ];
  return [
    letter.letter,
    ...rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(14)} ${value}`])),
    ...actions.map(
      ({ action, at, by, note }) => `  ${action.padEnd(14)} ${at} by ${by}${note ? `: ${note}` : ''}`,
    ),
    `  ${'now'.padEnd(14)} ${
      letter.erased
        ? 'its person was erased: it is neither shown nor replayed'
        : now
          ? `refused as ${now.code}: ${now.message}`
          : 'would be counted'
    }`,
    ...(letter.erased ? [] : ['', letter.text ?? `base64: ${letter.base64 ?? ''}`]),
  ];
}
