import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { badOption, runCommand, useOf, wholeNumber } from '../../local/command.ts';
import type { countsAnswer, lettersAnswer } from '../../shared/dead-letters/api.ts';
import { chunkArray } from '../../shared/platform/chunk-array.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { progressLine } from '../../shared/platform/progress.ts';
import { type CallApi, openApi } from '../call-api.ts';
import { countLines, letterLines, type ShownLetter, shownLines } from './show.ts';

const help = `npm run dead-letters -- COMMAND [options]

What could not be counted, and what is done with it, over HTTP.

  counts            how many there are by day, reason, site and status
  list              the newest ones
  show LETTER       one, with what it holds, and why it would be refused now
  replay LETTER…    have letters counted, each once; or all open ones of --reason
  discard LETTER…   note that letters are not going to be counted; or all open ones of --reason

Which letters:

  --reason REASON   not_json, not_an_event, unknown_version, unknown_site, wrong_key, wrong_partition, too_late
  --site SITE       that they say they are of
  --from, --to DAY  by the day (UTC) on which they were written; the last one is in it
  --status STATUS   open, replaying, replayed or discarded (list, counts)
  --limit N         letters that list shows (50)

What is changed of them before they are replayed:

  --backfill        count it on its own day, however late it is
  --patch JSON      JSON Patch (RFC 6902), such as '[{"op":"replace","path":"/site","value":"shoes"}]'; @FILE reads it
  --event JSON      instead of all that one letter holds; @FILE reads it

  --note TEXT  kept with what is done
  --url URL    the API (default: FOOTFALL_URL, else a running npm start, else http://localhost:3000)
  --help

The admin key is that of FOOTFALL_ADMIN_KEY, else the one of a laptop's installation: a site's own for that site's
letters, the installation's for all.
`;

const options = {
  reason: { type: 'string' },
  site: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  status: { type: 'string' },
  limit: { type: 'string' },
  backfill: { type: 'boolean' },
  patch: { type: 'string' },
  event: { type: 'string' },
  note: { type: 'string' },
  url: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const FILTER = ['reason', 'site', 'from', 'to'] as const;
type Option = Exclude<keyof typeof options, 'url' | 'help'>;

/** Each command: whether it takes letters, and which options. */
const COMMANDS: Record<string, { letters: 'none' | 'one' | 'some'; options: readonly Option[] }> = {
  counts: { letters: 'none', options: [...FILTER, 'status'] },
  list: { letters: 'none', options: [...FILTER, 'status', 'limit'] },
  show: { letters: 'one', options: [] },
  replay: { letters: 'some', options: [...FILTER, 'backfill', 'patch', 'event', 'note'] },
  discard: { letters: 'some', options: [...FILTER, 'note'] },
};

/** Letters that one request names. */
const NAMED = 100;
/** Letters of one page of a list. */
const PAGE = 500;
/** A 503 says to ask again; so often, one second apart. */
const PATIENCE = 30;

type Given = { [name in Option]?: (name extends 'backfill' ? boolean : string) | undefined };

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [command, ...letters] = positionals;
  const { help: _, url, ...given } = values;
  checkUse(command, letters, given);
  const api = openApi(url);
  switch (command) {
    case 'counts':
      print(countLines(await pages(api, '/v1/dead-letters/counts', given, Infinity, countsOf)));
      return 0;
    case 'list': {
      const limit = wholeNumber('limit', given.limit, { min: 1, max: 100_000 }) ?? 50;
      print(letterLines(await pages(api, '/v1/dead-letters', given, limit, lettersOf)));
      return 0;
    }
    case 'show': {
      const path = `/v1/dead-letters/${encodeURIComponent(letters[0]!)}`;
      print(shownLines(await patiently(() => api<ShownLetter>('GET', path))));
      return 0;
    }
    default:
      return act(api, command as 'replay' | 'discard', letters, given);
  }
}

type Counts = z.infer<typeof countsAnswer>;
type Letters = z.infer<typeof lettersAnswer>;
const countsOf = ({ counts }: Counts) => counts;
const lettersOf = ({ letters }: Letters) => letters;

async function pages<A extends { next_cursor?: string | undefined }, T>(
  api: CallApi,
  path: string,
  { reason, site, from, to, status }: Given,
  limit: number,
  rowsOf: (answer: A) => T[],
): Promise<T[]> {
  const rows: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const wanted = {
      reason,
      site,
      from,
      to,
      status,
      cursor,
      limit: String(Math.min(PAGE, limit - rows.length)),
    };
    const query = new URLSearchParams(
      Object.entries(wanted).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    const answer = await patiently(() => api<A>('GET', `${path}?${query}`));
    rows.push(...rowsOf(answer));
    cursor = answer.next_cursor;
    if (cursor === undefined || rows.length >= limit) return rows;
  }
}

/** Of letters that a request did not come to. */
const OUT_OF_TIME = 'out_of_time';

interface Acted {
  replayed?: number;
  discarded?: number;
  already: { letter: string; status: string }[];
  refused: { letter: string; code: string; message: string }[];
  remaining: number;
  next_cursor?: string;
}

/** Until none is left. @returns 1 when some were refused. */
async function act(
  api: CallApi,
  verb: 'replay' | 'discard',
  letters: readonly string[],
  given: Given,
): Promise<number> {
  const total: Omit<Acted, 'remaining'> & { done: number } = { done: 0, already: [], refused: [] };
  const bar = progressLine(verb === 'replay' ? 'Replaying' : 'Discarding', undefined, console.log);
  const ask = async (body: object) => {
    const answer = await patiently(() => api<Acted>('POST', `/v1/dead-letters/${verb}`, body));
    total.done += answer.replayed ?? answer.discarded ?? 0;
    total.already.push(...answer.already);
    const [late = [], refused = []] = [true, false].map((isLate) =>
      answer.refused.filter(({ code }) => (code === OUT_OF_TIME) === isLate),
    );
    total.refused.push(...refused);
    bar.update(total.done, `${total.done} done, ${total.refused.length} refused, ${answer.remaining} left`);
    return { cursor: answer.next_cursor, late: late.map(({ letter }) => letter) };
  };
  const change = { note: given.note, ...(verb === 'replay' && changeOf(given)) };
  try {
    for (const some of chunkArray(letters, NAMED)) {
      for (let rest = some; rest.length > 0; ) rest = (await ask({ letters: rest, ...change })).late;
    }
    if (letters.length === 0) {
      const { reason, site, from, to } = given;
      let cursor: string | undefined;
      do ({ cursor } = await ask({ reason, site, from, to, cursor, ...change }));
      while (cursor !== undefined);
    }
  } finally {
    bar.stop();
  }
  const done = verb === 'replay' ? 'Replayed' : 'Discarded';
  console.log(
    `${done}: ${total.done}. Had been before: ${total.already.length}. Refused: ${total.refused.length}.`,
  );
  const shown = total.refused.slice(0, 20);
  print(shown.map(({ letter, code, message }) => `  ${letter}  ${code}  ${message}`));
  if (total.refused.length > shown.length) console.log(`  and ${total.refused.length - shown.length} more`);
  return total.refused.length > 0 ? 1 : 0;
}

function changeOf({ backfill, patch, event }: Given): object {
  const operations = patch === undefined ? [] : jsonOf('patch', patch);
  if (!Array.isArray(operations)) throw badOption('--patch must be an array of operations.');
  if (backfill) operations.push({ op: 'add', path: '/backfill', value: true });
  return {
    ...(operations.length > 0 && { patch: operations }),
    ...(event !== undefined && { event: jsonOf('event', event) }),
  };
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text);
  } catch (error) {
    throw badOption(`--${name} is no JSON: ${(error as Error).message}`);
  }
}

/** What is not now is asked again: an answer that was lost does nothing twice. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const isOver =
        !(error instanceof FootfallError) || error.status !== 503 || error.code === 'api_unreachable';
      if (isOver || tries === PATIENCE) throw error;
    }
    await sleep(1_000);
  }
}

/** @throws FootfallError `bad_option`, saying how the command is used. */
function checkUse(command: string | undefined, letters: readonly string[], given: Given): void {
  const use = useOf(COMMANDS, command);
  for (const name of Object.keys(given) as Option[]) {
    if (given[name] !== undefined && !use.options.includes(name))
      throw badOption(`${command} has no --${name}.`);
  }
  if (use.letters === 'none' && letters.length > 0) throw badOption(`${command} takes no letters.`);
  if (use.letters === 'one' && letters.length !== 1)
    throw badOption(`Use it so: npm run dead-letters -- ${command} LETTER`);
  if (use.letters === 'some' && (letters.length === 0) === (given.reason === undefined)) {
    throw badOption(`Say which: ${command} LETTER…, or ${command} --reason REASON.`);
  }
}

const print = (lines: readonly string[]) => {
  if (lines.length > 0) console.log(lines.join('\n'));
};

await runCommand(main, help);
