import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { wholeNumber } from '../../local/command.ts';
import { STATUSES } from '../../shared/dead-letters/letter-entry.ts';
import { DEAD_LETTER_REASONS } from '../../shared/event/outcome.ts';
import { answered, examples } from '../options.ts';
import { reported } from '../report.ts';

const reason = new Option('--reason <reason>', 'only letters with this reason').choices(DEAD_LETTER_REASONS);
const site = new Option('--site <id>', 'only letters whose event names this site');
const from = new Option('--from <day>', 'only letters written on this UTC day or later, such as 2026-03-01');
const to = new Option('--to <day>', 'only letters written on this UTC day or earlier');
const status = new Option('--status <status>', 'only letters in this status').choices(STATUSES);
const text = new Option('--note <text>', 'kept with the decision');

/** Adds the options that select letters. */
const filtered = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) => command.addOption(reason).addOption(site).addOption(from).addOption(to);

const reading = () => import('./read.ts');
const deciding = () => import('./decide.ts');

export function declareDeadLetters(program: Command): void {
  const letters = program
    .command('dead-letters')
    .summary('look at what could not be counted, and replay or discard it')
    .description(
      'A record that cannot be counted is kept as a dead letter, with its reason. These commands call the API. The ' +
        'admin key is FOOTFALL_ADMIN_KEY, or the one of a laptop when that is not set. The admin key of a site reaches ' +
        'the letters of that site, the one of the installation all.',
    )
    .addHelpText(
      'after',
      examples(
        ['Count them', 'dead-letters counts'],
        ['See why one was refused, and whether it would be now', 'dead-letters show events-3-17'],
        ['Count all late events of a site', 'dead-letters replay --reason too_late --site shoes --backfill'],
        [
          'Correct one, then count it',
          `dead-letters replay events-3-18 --patch '[{"op":"replace","path":"/name","value":"view_item"}]'`,
        ],
      ),
    );

  filtered(answered(letters.command('counts')))
    .summary('count letters by day, reason, site and status')
    .description('Counts the letters by day, reason, site and status.')
    .addOption(status)
    .action(reported(async (options) => (await reading()).countLetters(options)));

  filtered(answered(letters.command('list')))
    .summary('list the newest letters')
    .description('Lists the newest letters.')
    .addOption(status)
    .option('--limit <n>', 'how many', wholeNumber(1, 100_000), 50)
    .action(reported(async (options) => (await reading()).listLetters(options)));

  answered(letters.command('show'))
    .summary('show one letter, and whether it would be counted now')
    .description(
      'Shows one letter: what it holds, what was done with it, and whether it would be counted now.',
    )
    .argument('<letter>', 'its key, such as events-3-17')
    .action(reported(async (letter, options) => (await reading()).showLetter(letter, options)));

  filtered(answered(letters.command('replay')))
    .summary('count letters now, each once')
    .description(
      'Sends letters to be counted, each once: the named ones, or all open ones with --reason. Exits with 1 when ' +
        'some are refused again.',
    )
    .argument('[letters...]', 'their keys, such as events-3-17')
    .option('--backfill', 'count each on its own day, however late it is')
    .option('--patch <json>', 'change each by a JSON Patch (RFC 6902) first; @FILE reads it from a file')
    .option('--event <json>', 'send this event instead of what one letter holds; @FILE reads it from a file')
    .addOption(text)
    .action(reported(async (keys, options) => (await deciding()).decide('replay', keys, options)));

  filtered(answered(letters.command('discard')))
    .summary('mark letters as never to be counted')
    .description('Marks letters as never to be counted: the named ones, or all open ones with --reason.')
    .argument('[letters...]', 'their keys, such as events-3-17')
    .addOption(text)
    .action(reported(async (keys, options) => (await deciding()).decide('discard', keys, options)));
}
