import { readFileSync } from 'node:fs';
import { badOption, EXIT } from '../../local/command.ts';
import { chunkArray } from '../../shared/platform/chunk-array.ts';
import { progressLine } from '../../shared/platform/progress-line.ts';
import { openApi } from '../call-api.ts';
import { fromHere } from '../options.ts';
import { note, type Report } from '../report.ts';
import { type Filter, untilAvailable } from './read.ts';
import { type Decision, decisionLines } from './show.ts';

/** Letters that one request may name. */
const NAMED = 100;
/** The API's code for letters that a request had no time for. They are sent again. */
const OUT_OF_TIME = 'out_of_time';

/** What `POST /v1/dead-letters/replay` and `…/discard` answer. */
interface Answer extends Omit<Decision, 'done'> {
  replayed?: number;
  discarded?: number;
  remaining: number;
  next_cursor?: string;
}

interface Options extends Filter {
  url?: string | undefined;
  backfill?: true | undefined;
  /** JSON, or `@` and a file that holds it. */
  patch?: string | undefined;
  event?: string | undefined;
  note?: string | undefined;
}

/**
 * Replays or discards letters, in as many requests as that takes.
 * @param keys of letters; none when `options.reason` selects them.
 * @returns a report that failed when some were refused.
 * @throws FootfallError `bad_option`, and what `openApi` throws.
 */
export async function decide(
  verb: 'replay' | 'discard',
  keys: readonly string[],
  options: Options,
): Promise<Report> {
  const { url, reason, site, from, to } = options;
  if ((keys.length === 0) === (reason === undefined)) {
    throw badOption(
      `Name letters, or select them with --reason: ${verb} events-3-17, ${verb} --reason too_late.`,
    );
  }
  if (keys.length > 0 && [site, from, to].some((value) => value !== undefined))
    throw badOption('--site, --from and --to go with --reason, not with named letters.');
  const change = { note: options.note, ...changeOf(options) };
  const api = openApi(url);
  const decision: Decision = { done: 0, already: [], refused: [] };
  const bar = progressLine(verb === 'replay' ? 'Replaying' : 'Discarding', undefined, note);
  const send = async (selection: object) => {
    const body = { ...selection, ...change };
    const answer = await untilAvailable(
      () => api<Answer>('POST', `/v1/dead-letters/${verb}`, body),
      'decide',
    );
    const late = answer.refused.filter(({ code }) => code === OUT_OF_TIME);
    decision.done += answer.replayed ?? answer.discarded ?? 0;
    decision.already.push(...answer.already);
    decision.refused.push(...answer.refused.filter(({ code }) => code !== OUT_OF_TIME));
    const { done, refused } = decision;
    bar.update(done, `${done} done, ${refused.length} refused, ${answer.remaining} left`);
    return { cursor: answer.next_cursor, late: late.map(({ letter }) => letter) };
  };
  try {
    for (const some of chunkArray(keys, NAMED)) {
      for (let rest = some; rest.length > 0; ) rest = (await send({ letters: rest })).late;
    }
    if (reason !== undefined) {
      let cursor: string | undefined;
      do ({ cursor } = await send({ reason, site, from, to, cursor }));
      while (cursor !== undefined);
    }
  } finally {
    bar.stop();
  }
  return {
    data: decision,
    lines: decisionLines(verb, decision),
    exitCode: decision.refused.length > 0 ? EXIT.failed : EXIT.done,
  };
}

/** How letters are changed before a replay. @throws FootfallError `bad_option`. */
function changeOf({ backfill, patch, event }: Options): object {
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
    return JSON.parse(text.startsWith('@') ? readFileSync(fromHere(text.slice(1)), 'utf8') : text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw badOption(`--${name}: there is no file ${text.slice(1)}.`);
    if (code !== undefined) throw badOption(`--${name}: ${text.slice(1)} cannot be read: ${message}.`);
    throw badOption(`--${name} is not JSON: ${message}`);
  }
}
