import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newProgram } from '../local/command.ts';
import { declareDeadLetters } from './dead-letters/command.ts';
import { declareDoctor } from './doctor/command.ts';
import { declareImport } from './import/command.ts';
import { examples } from './options.ts';
import { declareRebuild } from './rebuild/command.ts';
import { exit } from './report.ts';
import { declareSimulate } from './simulate/command.ts';
import { declareSites } from './sites/command.ts';
import { declareTopics } from './topics/command.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));

/**
 * Runs `footfall`. Each `command.ts` declares one command and imports only what its help needs; the work is imported when
 * the command runs, so that help comes at once.
 * @param args such as `['sites', 'list', '--json']`.
 * @returns the exit code.
 * @throws CommanderError after a wrong usage or help, and what the command throws.
 */
export async function footfall(args: readonly string[]): Promise<number> {
  const program = newProgram('footfall')
    .version(version, '--version', 'show the version')
    .description('Real-time analytics for shops: manage sites, load history, look after the data.')
    .addHelpText(
      'after',
      `${examples(
        ['Create a site and its keys', 'sites create shoes --zone Europe/Madrid --currency EUR'],
        ['Check a file without sending it', 'import shop.csv --site shoes --preset rees46 --dry-run'],
        ['See what could not be counted', 'dead-letters counts'],
        ['Ask an installation what is wrong with it', 'doctor'],
      )}

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C.
With --json the result is JSON on standard output. Progress and errors go to standard error.`,
    );
  const all = [
    ...[declareSites, declareImport, declareDeadLetters, declareRebuild],
    ...[declareTopics, declareDoctor, declareSimulate],
  ];
  for (const declare of all) declare(program);
  await program.parseAsync(args, { from: 'user' });
  return exit.code;
}
