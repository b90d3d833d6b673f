import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import { causeOf } from '../../local/command.ts';
import { withoutSecrets } from '../../local/without-secrets.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import type { healthSchema } from '../../shared/status/health.ts';
import { invokeApi } from '../invoke-api.ts';
import { clockFinding, type Finding, fine, problem } from './findings.ts';

/** How long an answer may take, ms. Health waits for Kafka and Redis itself. */
const LIMIT_MS = 15_000;

/** What an API says of itself. */
export type Health = z.infer<typeof healthSchema>;

/** What a reason of health means, and the runbook's page about it. */
const REASONS: Record<Health['reasons'][number], string> = {
  redis_down: 'The API does not reach Redis. See "API fails" in docs/runbook.md.',
  redis_full: 'Redis is full. See "Redis is full" in docs/runbook.md.',
  kafka_down: 'The API does not reach Kafka. See "API fails" in docs/runbook.md.',
  ahead:
    'The events topic was made again, and new events are not counted. See "Topic was made again" in docs/runbook.md.',
  behind: 'Numbers are behind by more than a minute. See "Numbers are late" in docs/runbook.md.',
  healing: 'Redis has lost data and is being filled again. See "Healing takes long" in docs/runbook.md.',
  lost: 'Kafka deleted records before they were counted. See "Records are lost" in docs/runbook.md.',
};

/**
 * Asks an API for its health, clock and version.
 * @param url as `--url` of the other commands
 * @returns the findings, and its health when it has told that
 */
export async function askApi(url: string): Promise<{ findings: Finding[]; health?: Health }> {
  try {
    return await (url.startsWith('lambda:') ? askFunctions(url.slice('lambda:'.length)) : askServer(url));
  } catch (error) {
    return { findings: [problem('reach', (error as Error).message)] };
  }
}

async function askServer(url: string): Promise<{ findings: Finding[]; health?: Health }> {
  const at = `The API at ${withoutSecrets(url)}`;
  const began = Date.now();
  const response = await fetch(new URL('/v1/health', url), { signal: AbortSignal.timeout(LIMIT_MS) }).catch(
    (cause: Error) => {
      const why = cause.name === 'TimeoutError' ? `within ${LIMIT_MS / 1_000} s` : `(${causeOf(cause)})`;
      const message = `${at} does not answer ${why}. Start it with npm start, or name the API with --url.`;
      throw new FootfallError('api_unreachable', 503, message, { cause });
    },
  );
  const date = Date.parse(response.headers.get('date') ?? '');
  // The header has whole seconds: half of one is added.
  const ahead = date + 500 - (began + Date.now()) / 2;
  const { findings, health } = healthOf(at, await response.text());
  const clock = health && !Number.isNaN(date) ? [clockFinding('the API', ahead)] : [];
  const version = health ? await versionOf(url, at) : [];
  return { findings: [...findings, ...clock, ...version], ...(health && { health }) };
}

async function askFunctions(deployment: string): Promise<{ findings: Finding[]; health?: Health }> {
  const request = { method: 'GET', path: '/v1/health', limitMs: LIMIT_MS };
  const { text } = await invokeApi(deployment)(request, {});
  return healthOf(`The API of ${deployment}`, text);
}

function healthOf(at: string, text: string): { findings: Finding[]; health?: Health } {
  let health: Health | undefined;
  try {
    health = (JSON.parse(text) as { data?: Health }).data;
  } catch {
    // Another server answers there.
  }
  if (!Array.isArray(health?.reasons)) return { findings: [problem('reach', `${at} is not Footfall.`)] };
  if (health.reasons.length === 0)
    return { findings: [fine('health', `${at} says that all numbers are right and new.`)], health };
  // Another version may have reasons that this command does not know.
  const findings = health.reasons.map((reason) =>
    problem('health', REASONS[reason] ?? `${at} says ${reason}. See docs/runbook.md.`),
  );
  return { findings, health };
}

/** Commands of another version than the functions may know other settings. */
async function versionOf(url: string, at: string): Promise<Finding[]> {
  const file = join(import.meta.dirname, '..', '..', 'package.json');
  const { version: own } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  try {
    const response = await fetch(new URL('/v1/openapi.json', url), { signal: AbortSignal.timeout(LIMIT_MS) });
    const { info } = (await response.json()) as { info: { version: string } };
    if (info.version === own) return [fine('version', `${at} and this command have version ${own}.`)];
    const message = `${at} has version ${info.version}, this command ${own}. Use the command of the deployed version.`;
    return [problem('version', message)];
  } catch {
    return [];
  }
}
