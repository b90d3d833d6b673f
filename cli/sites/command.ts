import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { wholeNumber } from '../../local/command.ts';
import { answered, examples, json, listOf } from '../options.ts';
import { reported } from '../report.ts';

const name = new Option('--name <text>', 'name for people');
const currency = new Option('--currency <code>', 'currency of amounts that come without one, ISO 4217');
const retentionDays = new Option(
  '--retention-days <n>',
  'days for which the numbers of a day are kept',
).argParser(wholeNumber(3, 36_500));
const latenessHours = new Option(
  '--lateness-hours <n>',
  'hours after which an event is too late, unless it is a backfill',
).argParser(wholeNumber(1, 720));
const invalidEventsADay = new Option(
  '--invalid-events-a-day <n>',
  'events of a day that are kept although they were not understood',
).argParser(wholeNumber(0, 100_000));
const origins = new Option(
  '--origins <list>',
  'web pages that may send, such as https://shop.example,https://*.shop.example; "" for all',
).argParser(listOf);
const ignoredReferrers = new Option(
  '--ignored-referrers <list>',
  'hosts that bring no visitors, such as bank.example; "" for none but payment providers',
).argParser(listOf);
const measurementIds = new Option('--measurement-ids <list>', 'GA4 ids of the site; "" for none').argParser(
  listOf,
);
const takeOver = new Option('--take-over', 'take the GA4 ids from the sites that list them now');
const keyName = new Option('--name <text>', 'who or what has the key');
const expires = new Option(
  '--expires <time>',
  'when the key ends, such as 2027-01-31T18:00:00Z (default: never)',
);
const kind = new Option('--kind <kind>', 'what the key is for').choices(['write', 'read', 'admin'] as const);

/** Adds the settings of a site. */
const withSettings = <A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) =>
  command
    .addOption(name)
    .addOption(currency)
    .addOption(retentionDays)
    .addOption(latenessHours)
    .addOption(invalidEventsADay)
    .addOption(origins)
    .addOption(ignoredReferrers)
    .addOption(measurementIds)
    .addOption(takeOver);

/** The work, which is imported when a command runs. */
const work = () => import('./sites.ts');

export function declareSites(program: Command): void {
  const sites = program
    .command('sites')
    .summary('create and change sites and their keys')
    .description(
      'Creates and changes sites and their keys, through the API. The admin key of the installation is ' +
        "FOOTFALL_ADMIN_KEY, or the one of a laptop when that is not set. A site's own admin key is enough for show, " +
        'set and rotate of that site, and to add and revoke its read keys.',
    )
    .addHelpText(
      'after',
      examples(
        ['Create a site with its first keys', 'sites create shoes --zone Europe/Madrid --currency EUR'],
        ['Change settings', 'sites set shoes --retention-days 730 --origins https://shoes.example'],
        ['Add a read key for a screen', 'sites key shoes --kind read --name "Screen in the office"'],
        ['Replace a key; the old one works for another hour', 'sites rotate shoes KEY-ID --overlap 3600'],
        ['List all sites for a program', 'sites list --json'],
      ),
    );

  withSettings(answered(sites.command('create')))
    .summary('create a site with its first write, read and admin key')
    .description(
      'Creates a site with its first write, read and admin key. Keys are shown once. Its time zone cannot be changed ' +
        'later. Without options the currency is USD, days are kept for 1095 days, and events may be 72 hours late.',
    )
    .argument('<id>', 'id of the new site')
    .option('--zone <zone>', 'IANA time zone in which its days are counted (default: UTC)')
    .action(reported(async (id, options) => (await work()).createSite(id, options)));

  answered(sites.command('list'))
    .summary('list all sites')
    .description('Lists all sites.')
    .action(reported(async (options) => (await work()).listSites(options)));

  answered(sites.command('show'))
    .summary('show the settings and keys of a site')
    .description('Shows the settings of a site, and its keys without their secrets.')
    .argument('<id>', 'id of the site')
    .action(reported(async (id, options) => (await work()).showSite(id, options)));

  withSettings(answered(sites.command('set')))
    .summary('change settings of a site')
    .description('Changes settings of a site. The others stay as they are. The time zone cannot be changed.')
    .argument('<id>', 'id of the site')
    .action(reported(async (id, options) => (await work()).changeSite(id, options)));

  answered(sites.command('key'))
    .summary('add a key to a site')
    .description('Adds a key to a site and shows it once.')
    .argument('<id>', 'id of the site')
    .addOption(kind.makeOptionMandatory())
    .addOption(keyName)
    .addOption(expires)
    .action(reported(async (id, options) => (await work()).addKey(id, options)));

  answered(sites.command('rotate'))
    .summary('replace a key by a new one')
    .description('Replaces a key by a new one, which is shown once. Both work until the overlap is over.')
    .argument('<id>', 'id of the site')
    .argument('<key>', 'id of the key, as `footfall sites show` prints it')
    .option(
      '--overlap <seconds>',
      'how long the old key still works (default: 86400)',
      wholeNumber(0, 7_776_000),
    )
    .action(reported(async (id, key, options) => (await work()).rotateKey(id, key, options)));

  answered(sites.command('revoke'))
    .summary('end a key now')
    .description('Ends a key now.')
    .argument('<id>', 'id of the site')
    .argument('<key>', 'id of the key, as `footfall sites show` prints it')
    .action(reported(async (id, key, options) => (await work()).revokeKey(id, key, options)));

  sites
    .command('hash')
    .summary('make the admin key of an installation, and its hash')
    .description('Makes an admin key for an installation, and the hash to deploy with. Calls nothing.')
    .addOption(json)
    .action(reported(async () => (await work()).makeInstallationKey()));
}
