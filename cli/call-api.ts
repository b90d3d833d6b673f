import { badOption } from '../local/command.ts';
import { LAPTOP_ADMIN_KEY } from '../local/laptop-admin-key.ts';
import { readRun } from '../local/run-file.ts';
import { withoutSecrets } from '../local/without-secrets.ts';
import { FootfallError } from '../shared/platform/errors.ts';
import { invokeApi, type Send } from './invoke-api.ts';
import { note } from './report.ts';

/** How long an answer may take, ms. A function has 29 s; a question that changes nothing can be asked again. */
const LIMIT_MS = { read: 12_000, write: 35_000 };

/**
 * Calls the API.
 * @param path with its query.
 * @param body is sent as JSON.
 * @returns the `data` of the answer; undefined when the answer has no body.
 * @throws FootfallError, in words for people, with the API's code and status; `api_unreachable` when nothing answers,
 *   `not_the_api` when another server does.
 */
export type CallApi = <T>(method: string, path: string, body?: object) => Promise<T>;

interface Problem {
  code: string;
  detail: string;
  errors?: { path: string; message: string }[];
}

/**
 * Finds the API, and the admin key: FOOTFALL_ADMIN_KEY, or the one of a laptop. Tells people which API it is before the
 * first request that changes something.
 * @param url of `--url`; without it FOOTFALL_URL, else the running `npm start`. `lambda:footfall-prod` invokes the
 *   functions of that deployment, past the public API.
 * @param run the record of the running `npm start`
 * @throws FootfallError `bad_option` when the URL is none, `no_installation` 400 when there is none.
 * @example const { sites } = await openApi(undefined)<{ sites: Site[] }>('GET', '/v1/sites');
 */
export function openApi(url: string | undefined, run = readRun()): CallApi {
  const given = url || process.env.FOOTFALL_URL;
  const named = given || run?.FOOTFALL_URL;
  if (!named) {
    const message = 'No npm start of this project is running. Run npm start, or name the API with --url.';
    throw new FootfallError('no_installation', 400, message);
  }
  const from = url ? '' : given ? ' (FOOTFALL_URL)' : ' (the running npm start)';
  return callApi({ url: named, from, key: process.env.FOOTFALL_ADMIN_KEY || LAPTOP_ADMIN_KEY });
}

const sendOver =
  (url: string): Send =>
  async ({ method, path, body, limitMs }, headers) => {
    try {
      const response = await fetch(new URL(path, url), {
        ...{ method, headers },
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(limitMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      const at = withoutSecrets(url);
      const message =
        (cause as Error).name === 'TimeoutError'
          ? `The API at ${at} did not answer within ${limitMs / 1_000} s. Ask it what is wrong: npx footfall doctor`
          : `Nothing answers at ${at}. Start it with npm start, or name the API with --url.`;
      throw new FootfallError('api_unreachable', 503, message, { cause });
    }
  };

/** How people are told of an API that is about to be changed. */
const addressText = (url: string, from: string) =>
  url.startsWith('lambda:')
    ? `the functions of ${url.slice('lambda:'.length)}${from}`
    : `the API at ${withoutSecrets(url)}${from}`;

function callApi({ url, from, key }: { url: string; from: string; key: string }): CallApi {
  if (!URL.canParse(url)) throw badOption(`${url} is not a URL such as http://localhost:3000.`);
  const send = url.startsWith('lambda:') ? invokeApi(url.slice('lambda:'.length)) : sendOver(url);
  let isSaid = false;
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const isRead = method === 'GET';
    if (!isRead && !isSaid) note(`Writing to ${addressText(url, from)}.`);
    isSaid ||= !isRead;
    const limitMs = isRead ? LIMIT_MS.read : LIMIT_MS.write;
    const { status, text } = await send(
      { method, path, body: body && JSON.stringify(body), limitMs },
      { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    );
    const isOk = status >= 200 && status < 300;
    if (isOk && text === '') return undefined as T;
    const answer = parseJson(text);
    if (isOk && answer?.data !== undefined) return answer.data as T;
    throw refusalOf(withoutSecrets(url), status, answer);
  };
}

/** Undefined when the text is not JSON: then another server answers there. */
function parseJson(text: string): ({ data?: unknown } & Partial<Problem>) | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusalOf(url: string, status: number, problem: Partial<Problem> | undefined): FootfallError {
  if (problem?.code === undefined || problem.detail === undefined) {
    const message = `The server at ${url} is not the Footfall API (status ${status}).`;
    return new FootfallError('not_the_api', status, message);
  }
  if (problem.code === 'unauthorized') {
    const message = `${url} refused the admin key. Set FOOTFALL_ADMIN_KEY to the key of that installation.`;
    return new FootfallError(problem.code, status, message);
  }
  const errors = problem.errors ?? [];
  // With several errors, the detail names them all.
  const where = errors.length === 1 && errors[0]!.path !== '' && !problem.detail.includes(errors[0]!.path);
  const message = where ? `${errors[0]!.path}: ${problem.detail}` : problem.detail;
  return new FootfallError(problem.code, status, `${message} (${problem.code})`);
}
