import { readRun } from '../local/run-file.ts';
import { FootfallError } from '../shared/platform/errors.ts';

/** What `npm start` takes; no deployment does. */
const LAPTOP_ADMIN_KEY = 'footfall-admin-key';

/** Calls the API and gives an answer's `data`; undefined where there is no body. */
export type CallApi = <T>(method: string, path: string, body?: object) => Promise<T>;

interface Problem {
  code: string;
  detail: string;
  errors?: { path: string; message: string }[];
}

/**
 * The API that is meant, with the admin key of the environment, else the one of a laptop.
 * @param url what the command was told, if anything: else FOOTFALL_URL, a running `npm start`, localhost.
 */
export const openApi = (url: string | undefined): CallApi =>
  callApi({
    url: url || process.env.FOOTFALL_URL || readRun()?.FOOTFALL_URL || 'http://localhost:3000',
    key: process.env.FOOTFALL_ADMIN_KEY || LAPTOP_ADMIN_KEY,
  });

/** @throws FootfallError, in words for people: what the API refused, or that nothing answers there. */
function callApi({ url, key }: { url: string; key: string }): CallApi {
  if (!URL.canParse(url))
    throw new FootfallError('bad_url', 400, `--url ${url} is no address such as http://localhost:3000.`);
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(35_000),
    }).catch((cause) => {
      const message = `Nothing answers at ${url}: start it with npm start, or say --url.`;
      throw new FootfallError('api_unreachable', 503, message, { cause });
    });
    const text = await response.text();
    if (response.ok) return (text === '' ? undefined : (JSON.parse(text) as { data: T }).data) as T;
    throw refusalOf(response.status, text);
  };
}

function refusalOf(status: number, text: string): FootfallError {
  let problem: Problem | undefined;
  try {
    problem = JSON.parse(text) as Problem;
  } catch {
    // Something else than the API answers there.
  }
  if (problem?.code === undefined) {
    return new FootfallError('not_the_api', status, `What answers there is not this API (status ${status}).`);
  }
  if (problem.code === 'unauthorized') {
    const message = 'The admin key is not taken: set FOOTFALL_ADMIN_KEY to the one of this installation.';
    return new FootfallError(problem.code, status, message);
  }
  const errors = problem.errors ?? [];
  // Where there are several, the detail has them all.
  const where = errors.length === 1 && errors[0]!.path !== '' && !problem.detail.includes(errors[0]!.path);
  const message = where ? `${errors[0]!.path}: ${problem.detail}` : problem.detail;
  return new FootfallError(problem.code, status, `${message} (${problem.code})`);
}
