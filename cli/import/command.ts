import type { Command } from '@commander-js/extra-typings';
import { DEDUPE_WINDOW_MS, MAX_IDS } from '../../shared/fold/user-state.ts';
import { HOUR_MS } from '../../shared/platform/time.ts';
import { examples, json } from '../options.ts';
import { reported } from '../report.ts';
import { FIELDS, PRESETS } from './presets.ts';

/** The names in lines of at most 100 characters. */
function inLines(names: readonly string[]): string {
  const lines = [''];
  for (const name of names) {
    if (`${lines.at(-1)} ${name}`.length >= 100) lines.push('');
    lines[lines.length - 1] += ` ${name}`;
  }
  return lines.map((line) => line.trimStart()).join('\n');
}

const NOTES = `${inLines(['Fields:', ...FIELDS.map((field) => `${field},`), 'props.NAME.'])}

How the file is written is told from the file: encoding, delimiter, line ends, dates and decimal
sign. --dry-run shows what was understood. Times are ISO 8601, 31.12.2025 13:45, 12/31/2025 1:45 PM,
or an epoch in seconds, ms, µs or ns. A local time that a change of the clocks repeats is taken as
the first of the two. One that it skips is moved by the length of the gap.

Rows of one user with one transaction are one order.

How far a run came is kept in .footfall/imports. With --restart, or after you delete that folder, the
command sends everything again. An event that is sent again counts twice once its id is forgotten:
${DEDUPE_WINDOW_MS / HOUR_MS} hours after it came, or after ${MAX_IDS.toLocaleString('en-US')} newer events of its user.`;

export function declareImport(program: Command): void {
  program
    .command('import')
    .summary("load a shop's history from a file")
    .description(
      "Loads a shop's history from a CSV, TSV or NDJSON file, gzipped or not, through the same pipeline as live " +
        'events. After a stop, run the same command again: it goes on where it stopped. Kafka and Redis are those of ' +
        'KAFKA_BROKERS and REDIS_URL, else of a running npm start.',
    )
    .argument('<file>', 'file ending in .csv, .tsv, .txt, .ndjson, .jsonl or .json, with or without .gz')
    .requiredOption('--site <id>', 'site that the history belongs to')
    .option('--preset <name>', `layout of a known file: ${Object.keys(PRESETS).join(', ')}`)
    .option(
      '--columns <pairs>',
      'field=column,… on top of the preset; field=A|B reads column A, or B where A is blank',
    )
    .option('--map <pairs>', "file's name=event name,… on top of the preset, such as view=view_item")
    .option('--zone <zone>', "IANA zone of times without an offset (default: the preset's, else the site's)")
    .option('--currency <code>', "ISO 4217 currency of prices (default: the preset's, else the site's)")
    .option('--encoding <name>', 'such as windows-1252 or utf-16le (default: told from the file)')
    .option('--delimiter <character>', 'between columns, such as ";" or tab (default: told from the file)')
    .option(
      '--date-form <form>',
      'of dates such as 03/04/2025: day-first or month-first (default: told from the file)',
    )
    .option('--decimal <sign>', 'decimal sign of numbers, "." or "," (default: told from the file)')
    .option('--rejects <file>', 'file for lines that cannot be read (default: FILE.rejects.ndjson here)')
    .option('--dry-run', 'show what is understood of the file, check all of it, and send nothing')
    .option('--restart', 'send everything again, however far an earlier run came')
    .option('--no-wait', 'do not wait until the events are counted')
    .addOption(json)
    .addHelpText(
      'after',
      `${examples(
        ['Load a known data set', 'import online-retail.csv --preset online-retail --site online-retail'],
        [
          'Check a file of your own',
          'import shop.csv --site shoes --columns ts=time,user=customer,event=action,product=sku --dry-run',
        ],
      )}\n\n${NOTES}`,
    )
    .action(reported(async (file, options) => (await import('./import.ts')).importFile(file, options)));
}
