import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpResponse } from '../../shared/platform/http/stack.ts';
import type { Random } from '../../shared/simulation/random.ts';
import { type Answer, checkContract, requestOf } from '../support/http.ts';
import type { Child } from './child.ts';
import { SITES } from './environment.ts';
import type { Load } from './load.ts';

/** The longest that API Gateway waits for a function (Quotas for HTTP APIs, "Maximum integration timeout"), ms. */
const GATEWAY_MS = 30_000;
const PAUSE_MS = 150;

const QUESTIONS = [
  '/v1/overview',
  '/v1/overview',
  '/v1/events',
  '/v1/products',
  '/v1/users/unique',
  '/v1/funnels/shop',
  '/v1/sessions',
  '/v1/carts/abandoned',
  '/v1/carts/daily',
  '/v1/orders',
  '/v1/ledger',
  '/v1/health',
];

interface Overview {
  data: { total_events: number; bots: number };
  meta: { complete: boolean | null };
}

/**
 * A client that asks all the time. An answer has to be right, or say that it is not complete, or be a 503 with a
 * reason. Anything else is a violation, also a missing answer.
 */
export class Reads {
  readonly #analytics: Child;
  readonly #load: Load;
  readonly #dice: Random;
  #stopped = false;
  #asking: Promise<void> | undefined;
  answered = 0;
  unavailable = 0;
  slowestMs = 0;
  readonly violations: string[] = [];

  constructor(analytics: Child, load: Load, dice: Random) {
    this.#analytics = analytics;
    this.#load = load;
    this.#dice = dice;
  }

  run(): void {
    this.#asking = this.#ask();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#asking;
  }

  async #ask(): Promise<void> {
    while (!this.#stopped) {
      await this.ask(this.#dice.pick(QUESTIONS), this.#dice.pick(SITES).id);
      await sleep(PAUSE_MS);
    }
  }

  /** Asks one question and judges the answer. @returns the answer, if there is one. */
  async ask<T>(path: string, site: string): Promise<T | undefined> {
    const request = requestOf('GET', path, { headers: { authorization: `Bearer ${site}-read-key` } });
    const least = this.#load.accepted.get(site) ?? 0;
    const started = performance.now();
    const response = await Promise.race([
      this.#analytics.invoke(request).catch(String),
      sleep(GATEWAY_MS, 'no answer', { ref: false }),
    ]);
    this.slowestMs = Math.max(this.slowestMs, performance.now() - started);
    try {
      return this.#judge(path, site, least, response as HttpResponse | string) as T;
    } catch (error) {
      this.violations.push(`${path} of ${site}: ${(error as Error).message}`);
      return undefined;
    }
  }

  #judge(path: string, site: string, least: number, response: HttpResponse | string): unknown {
    if (typeof response === 'string') throw new Error(response);
    const { statusCode = 0, headers = {}, body = '' } = response;
    const answer: Answer = {
      status: statusCode,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
      ),
      body: JSON.parse(body),
    };
    if (statusCode === 503) {
      checkContract('GET', path, answer);
      const isHealth = path === '/v1/health';
      if (!isHealth && !answer.headers['retry-after']) throw new Error('503 without Retry-After');
      this.unavailable++;
      return undefined;
    }
    if (statusCode !== 200) throw new Error(`${statusCode} ${body.slice(0, 200)}`);
    checkContract('GET', path, answer);
    this.answered++;
    if (path === '/v1/overview') {
      const { data, meta } = answer.body as Overview;
      const most = this.#load.attempted.get(site) ?? 0;
      if (data.total_events > most) throw new Error(`${data.total_events} events where ${most} were sent`);
      if (meta.complete && data.total_events < least) {
        throw new Error(`"complete" with ${data.total_events} events where ${least} were accepted`);
      }
    }
    return answer.body;
  }
}
