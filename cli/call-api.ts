import { badOption } from '../local/command.ts';
import { LAPTOP_ADMIN_KEY } from '../local/laptop-admin-key.ts';
import { readRun } from '../local/run-file.ts';
import { FootfallError } from '../shared/platform/errors.ts';
import { invokeApi, type Send } from './invoke-api.ts';

const USUAL_URL = 'http://localhost:3000';

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
 * Finds the API, and the admin key: FOOTFALL_ADMIN_KEY, or the one of a laptop. Says so when it has to guess.
 * @param url of `--url`; without it FOOTFALL_URL, else a running `npm start`, else port 3000 of this machine.
 *   `lambda:footfall-prod` invokes the functions of that deployment, past the public API.
 * @throws FootfallError `bad_option` when the URL is none.
 * @example const { sites } = await openApi(undefined)<{ sites: Site[] }>('GET', '/v1/sites');
 */
export function openApi(url: string | undefined): CallApi {
  const named = url || process.env.FOOTFALL_URL || readRun()?.FOOTFALL_URL;
  if (!named) console.error(`No npm start of this project is running. Using ${USUAL_URL}.`);
  return callApi({ url: named ?? USUAL_URL, key: process.env.FOOTFALL_ADMIN_KEY || LAPTOP_ADMIN_KEY });
}

const sendOver =
  (url: string): Send =>
  async ({ method, path, body }, headers) => {
    const response = await fetch(new URL(path, url), {
      ...{ method, headers },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(35_000),
    }).catch((cause) => {
      const message = `Nothing answers at ${url}. Start it with npm start, or name the API with --url.`;
      throw new FootfallError('api_unreachable', 503, message, { cause });
    });
    return { status: response.status, text: await response.text() };
  };

function callApi({ url, key }: { url: string; key: string }): CallApi {
  if (!URL.canParse(url)) throw badOption(`${url} is not a URL such as http://localhost:3000.`);
  const send = url.startsWith('lambda:') ? invokeApi(url.slice('lambda:'.length)) : sendOver(url);
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const { status, text } = await send(
      { method, path, body: body && JSON.stringify(body) },
      { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    );
    const isOk = status >= 200 && status < 300;
    if (isOk && text === '') return undefined as T;
    const answer = parseJson(text);
    if (isOk && answer?.data !== undefined) return answer.data as T;
    throw refusalOf(url, status, answer);
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
