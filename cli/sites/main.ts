import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { badOption, runCommand, useOf, wholeNumber } from '../../local/command.ts';
import { keyHash } from '../../shared/sites/site-keys.ts';
import { openApi } from '../call-api.ts';
import { keyLines, type ShownKey, type ShownSite, siteLines } from './show.ts';

const help = `npm run sites -- COMMAND [options]

Makes and changes sites and their keys, over HTTP.

  create ID [settings] [--zone ZONE]   a site with its first write, read and admin key; its zone, UTC unless said,
                                       is for good
  list                                 all sites
  show ID                              one site, its settings and its keys
  set ID settings                      change settings; what is not named stays, the zone always does
  key ID --kind write|read|admin       a further key
  rotate ID KEY [--overlap SECONDS]    a new key instead of one, which goes on for the overlap (86400)
  revoke ID KEY                        end a key now
  hash                                 a new admin key for an installation, and its hash

KEY is a key's id, which show tells. Settings:

  --name TEXT
  --currency CODE           of money that does not say (USD)
  --retention-days N        how long a day's numbers are kept after it (1095)
  --lateness-hours N        how late an event may come that is no backfill (72)
  --origins A,B             web pages that may send, such as https://shop.example,https://*.shop.example;
                            "" for all of them
  --measurement-ids A,B     GA4's ids of the site; "" for none

  --url URL    the API (default: FOOTFALL_URL, else a running npm start, else http://localhost:3000)
  --help

The installation's admin key is that of FOOTFALL_ADMIN_KEY, else the one of a laptop. A site's own admin key does
for show, set and rotate of that site.
`;

const options = {
  zone: { type: 'string' },
  name: { type: 'string' },
  currency: { type: 'string' },
  'retention-days': { type: 'string' },
  'lateness-hours': { type: 'string' },
  origins: { type: 'string' },
  'measurement-ids': { type: 'string' },
  kind: { type: 'string' },
  overlap: { type: 'string' },
  url: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

type Values = { [name in Exclude<keyof typeof options, 'help'>]?: string | undefined };

const SETTINGS = [
  'name',
  'currency',
  'retention-days',
  'lateness-hours',
  'origins',
  'measurement-ids',
] as const;

/** Each command: how many arguments it has besides its name, and which options. */
const COMMANDS: Record<string, { operands: string[]; options: readonly (keyof Values)[] }> = {
  create: { operands: ['ID'], options: [...SETTINGS, 'zone'] },
  list: { operands: [], options: [] },
  show: { operands: ['ID'], options: [] },
  set: { operands: ['ID'], options: SETTINGS },
  key: { operands: ['ID'], options: ['kind'] },
  rotate: { operands: ['ID', 'KEY'], options: ['overlap'] },
  revoke: { operands: ['ID', 'KEY'], options: [] },
  hash: { operands: [], options: [] },
};

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [command, ...operands] = positionals;
  const { help: _, url: __, ...given } = values;
  checkUse(command, operands, given);
  if (command === 'hash') {
    printHash();
    return 0;
  }
  const api = openApi(values.url);
  const [id, key] = operands.map(encodeURIComponent) as [string, string];
  switch (command) {
    case 'create': {
      const body = { id: operands[0], ...(values.zone && { zone: values.zone }), ...settingsOf(values) };
      const made = await api<{ site: ShownSite; new_keys: ShownKey[] }>('POST', '/v1/sites', body);
      print(siteLines(made.site));
      printNewKeys(made.new_keys);
      break;
    }
    case 'list': {
      const { sites } = await api<{ sites: ShownSite[] }>('GET', '/v1/sites');
      if (sites.length === 0) console.log('There is no site yet: npm run sites -- create ID');
      for (const site of sites) console.log([site.id, site.zone, site.currency, site.name ?? ''].join('  '));
      break;
    }
    case 'show':
      print(siteLines(await api<ShownSite>('GET', `/v1/sites/${id}`)));
      break;
    case 'set': {
      const settings = settingsOf(values);
      if (Object.keys(settings).length === 0) throw badOption('Say what to set; --help tells the settings.');
      print(siteLines(await api<ShownSite>('PATCH', `/v1/sites/${id}`, settings)));
      break;
    }
    case 'key':
      printNewKeys([await api<ShownKey>('POST', `/v1/sites/${id}/keys`, { kind: values.kind })]);
      break;
    case 'rotate': {
      const overlap_seconds = wholeNumber('overlap', values.overlap, { min: 0, max: 7_776_000 });
      const rotated = await api<{ new_key: ShownKey; old_key: ShownKey }>(
        'POST',
        `/v1/sites/${id}/keys/${key}/rotate`,
        { ...(overlap_seconds !== undefined && { overlap_seconds }) },
      );
      print(keyLines([rotated.old_key]));
      printNewKeys([rotated.new_key]);
      break;
    }
    case 'revoke':
      await api('DELETE', `/v1/sites/${id}/keys/${key}`);
      console.log(`The key ${operands[1]} of ${operands[0]} has ended.`);
      break;
  }
  return 0;
}

/** @throws FootfallError `bad_option`, saying how the command is used. */
function checkUse(command: string | undefined, operands: readonly string[], given: Values): void {
  const use = useOf(COMMANDS, command);
  if (operands.length !== use.operands.length) {
    throw badOption(`Use it so: npm run sites -- ${[command, ...use.operands].join(' ')}`);
  }
  for (const name of Object.keys(given) as (keyof Values)[]) {
    if (given[name] !== undefined && !use.options.includes(name)) {
      throw badOption(
        command === 'set' && name === 'zone'
          ? "A site's zone can not be changed: its days would be cut anew."
          : `${command} has no --${name}.`,
      );
    }
  }
  if (command === 'key' && given.kind === undefined) throw badOption('Say --kind write, read or admin.');
}

function settingsOf(values: Values): Record<string, unknown> {
  const settings: Record<string, unknown> = {
    name: values.name,
    currency: values.currency,
    retention_days: wholeNumber('retention-days', values['retention-days'], { min: 3, max: 36_500 }),
    lateness_hours: wholeNumber('lateness-hours', values['lateness-hours'], { min: 1, max: 720 }),
    allowed_origins: listOf(values.origins),
    measurement_ids: listOf(values['measurement-ids']),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

const listOf = (text: string | undefined): string[] | undefined =>
  text
    ?.split(',')
    .map((part) => part.trim())
    .filter(Boolean);

const print = (lines: readonly string[]) => console.log(lines.join('\n'));

function printNewKeys(keys: readonly ShownKey[]): void {
  console.log('\nKeep these now: only hashes are stored, and nobody can show a key again.\n');
  for (const { kind, id, key } of keys) console.log(`  ${kind.padEnd(5)}  ${key}  (id ${id})`);
}

function printHash(): void {
  const key = `ffi_${randomBytes(24).toString('base64url')}`;
  console.log(`FOOTFALL_ADMIN_KEY=${key}`);
  console.log(`FOOTFALL_ADMIN_KEY_HASH=${keyHash(key)}`);
  console.log(
    '\nDeploy with the hash. Keep the key now: it is stored nowhere, and makes and changes all sites.',
  );
}

await runCommand(main, help);
