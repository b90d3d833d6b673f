import { setTimeout as sleep } from 'node:timers/promises';

const URL = process.env.FOOTFALL_URL ?? 'http://localhost:3000';
const WRITE_KEY = process.env.FOOTFALL_WRITE_KEY ?? 'demo-write-key';

/**
 * Sends events, and sends them again until Footfall has accepted them.
 * Every event needs an `id`: Footfall counts an id once, so a repeated request changes no number.
 *
 * @param {{ id: string, name: string, [field: string]: unknown }[]} events at most 500
 * @param {{ attempts?: number }} options 10 attempts span about two minutes
 * @returns {Promise<{ status: string, id?: string, errors?: object[] }[]>} one verdict for each event
 * @throws when Footfall refuses the whole request, or when no attempt is left
 */
export async function send(events, { attempts = 10 } = {}) {
  const body = JSON.stringify({ events });
  for (let attempt = 1; ; attempt++) {
    const response = await post(body);
    if (response?.status === 202) return (await response.json()).events;
    // 429 and 5xx pass. Any other 4xx comes back for the same request, so the caller has to look at it.
    const isPassing = !response || response.status === 429 || response.status >= 500;
    const problem = response ? `${response.status} ${await response.text()}` : 'no answer';
    if (!isPassing || attempt === attempts) throw new Error(`Footfall did not accept the events: ${problem}`);
    await sleep(1_000 * waitSeconds(response, attempt));
  }
}

/** @param {string} body */
async function post(body) {
  try {
    return await fetch(`${URL}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${WRITE_KEY}`, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    // No connection, or no answer. Footfall may have the events or not: the ids make it safe to send them again.
    return undefined;
  }
}

/**
 * What the server asks for. Otherwise 0.5, 1, 2, … 30 s, with a random part that keeps clients from coming together.
 * @param {Response | undefined} response
 * @param {number} attempt
 */
function waitSeconds(response, attempt) {
  const asked = Number(response?.headers.get('retry-after'));
  return asked > 0 ? asked : Math.min(30, 2 ** (attempt - 2)) * (0.75 + Math.random() / 2);
}
