import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addSites } from '../../local/sites/demo-sites.ts';
import { mappingOf } from '../../packages/serverless-offline-kafka/test/support/mapping.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { closing } from '../support/closing.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { ledgerOf } from '../support/ledger.ts';
import { openReader } from '../support/reader.ts';
import { siteOf } from '../support/shop.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * Twice the load that collect can take, for a while: accepted events are counted once, refused requests get an answer,
 * memory does not grow, and the lag ends. `npm run test:soak` is the long form. Latencies are printed and not judged,
 * since a pause of the machine makes any of them long.
 */
const SECONDS = Number(process.env.FOOTFALL_SOAK_SECONDS ?? 10);
const PARTITIONS = 4;
const EVENTS_A_REQUEST = 10;
const CLIENTS = 128;
/** How often memory is measured. */
const SAMPLES = 12;
/** A request without an answer for this long has an unknown outcome. */
const PATIENCE_MS = 15_000;

interface Memory {
  heap: number;
  rss: number;
}

interface Answer {
  status: number;
  retryAfter: string | undefined;
  code: string | undefined;
  ms: number;
}

const config = await freshConfig({ partitions: PARTITIONS });
await addSites(config, [siteOf('shop')]);
const { reader } = openReader(config);
const offsets = closing(new TopicOffsets(config.kafka), (one) => one.close());

function start(role: 'collect' | 'aggregate', ...args: string[]): ChildProcess {
  const child = fork(join(import.meta.dirname, '..', 'support', 'soak-child.ts'), [role, ...args], {
    execArgv: ['--disable-warning=TimeoutNegativeWarning', '--expose-gc'],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      POWERTOOLS_LOG_LEVEL: 'CRITICAL',
      ...envOf(config),
      RATE_LIMIT_KEY_PER_SECOND: '0',
      RATE_LIMIT_IP_PER_SECOND: '0',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return closing(child, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
}

async function memoryOf(child: ChildProcess): Promise<Memory> {
  child.send({});
  const [memory] = (await once(child, 'message')) as [Memory];
  return memory;
}

/** Sends requests over kept connections, and counts what became of their events. */
class Load {
  readonly answers: Answer[] = [];
  accepted = 0;
  /** Events of requests without an answer, or with an error after which some may have been sent. */
  unknown = 0;
  open = 0;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 * CLIENTS });

  constructor(port: number) {
    this.#port = port;
  }

  close(): void {
    this.#agent.destroy();
  }

  async send(): Promise<void> {
    const body = JSON.stringify({
      events: Array.from({ length: EVENTS_A_REQUEST }, () => ({
        event_id: randomUUID(),
        name: 'view_item',
        user_id: `user-${Math.floor(Math.random() * 500)}`,
        items: [{ item_id: `product-${Math.floor(Math.random() * 50)}` }],
      })),
    });
    const began = performance.now();
    this.open++;
    try {
      const answer = await this.#ask(body);
      this.answers.push({ ...answer, ms: performance.now() - began });
      if (answer.status === 202) this.accepted += EVENTS_A_REQUEST;
      else if (answer.code !== 'overloaded' && answer.status !== 429) this.unknown += EVENTS_A_REQUEST;
    } catch {
      this.unknown += EVENTS_A_REQUEST;
    } finally {
      this.open--;
    }
  }

  #ask(body: string): Promise<Omit<Answer, 'ms'>> {
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          ...{ host: '127.0.0.1', port: this.#port, method: 'POST', path: '/v1/events', agent: this.#agent },
          headers: { authorization: 'Bearer shop-write-key', 'content-type': 'application/json' },
          timeout: PATIENCE_MS,
        },
        async (incoming) => {
          const parts: Buffer[] = [];
          for await (const part of incoming) parts.push(part as Buffer);
          const status = incoming.statusCode!;
          const code = status < 300 ? undefined : JSON.parse(Buffer.concat(parts).toString()).code;
          resolve({ status, code, retryAfter: incoming.headers['retry-after'] });
        },
      );
      asked.on('error', reject).on('timeout', () => asked.destroy(new Error('No answer.')));
      asked.end(body);
    });
  }
}

const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const thirds = <T>(values: readonly T[]) => {
  const third = Math.floor(values.length / 3);
  return { second: values.slice(third, 2 * third), last: values.slice(-third) };
};

test(`${SECONDS} s at twice what can be taken`, () => expectSteady(), 600_000 + 5_000 * SECONDS);

async function expectSteady(): Promise<void> {
  const collect = start('collect');
  const [{ port }] = (await once(collect, 'message')) as [{ port: number }];
  const mapping = mappingOf(config.kafka.eventsTopic, { batchSize: 10_000 });
  const aggregate = start('aggregate', JSON.stringify(mapping));
  await once(aggregate, 'message');
  const load = closing(new Load(port), (one) => one.close());

  // The capacity, with clients that wait for their answers.
  const warm = Math.max(3, SECONDS / 6);
  const measure = async (ms: number) => {
    const before = load.accepted;
    const from = performance.now();
    const ask = async () => {
      // A cold process on a busy machine may need longer for its first answer.
      while (performance.now() < from + ms || load.accepted === before) await load.send();
    };
    await Promise.all(Array.from({ length: CLIENTS }, ask));
    return ((load.accepted - before) / (performance.now() - from)) * 1_000;
  };
  await measure(2_000);
  const capacity = await measure(warm * 1_000);
  expect(capacity).toBeGreaterThan(0);

  // Twice the capacity, without waiting for answers.
  const first = load.answers.length;
  const memory: { collect: Memory; aggregate: Memory }[] = [];
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1_000;
  let asked = 0;
  const sending: Promise<void>[] = [];
  while (elapsed() < SECONDS) {
    const due = (2 * capacity * elapsed()) / EVENTS_A_REQUEST;
    while (asked < due) {
      asked++;
      // This process's memory bounds the open requests; one above that counts as not sent.
      if (load.open < 16 * CLIENTS) sending.push(load.send());
    }
    if (sending.length > 5_000) await Promise.all(sending.splice(0, 2_500));
    if (elapsed() > (memory.length * SECONDS) / SAMPLES) {
      memory.push({ collect: await memoryOf(collect), aggregate: await memoryOf(aggregate) });
    }
    await sleep(10);
  }
  await Promise.all(sending);
  const answers = load.answers.slice(first);
  const taken = answers.filter(({ status }) => status === 202);
  const refused = answers.filter(({ status }) => status !== 202);

  const stored = (await offsets.fetch()).reduce((sum, { high }) => sum + high, 0);
  const counted = async () => (await reader.heads()).reduce((sum, { next }) => sum + next, 0);
  for (let before = await counted(); before < stored; ) {
    before = await waitFor(`more than ${before} of ${stored} records to be counted`, async () => {
      const now = await counted();
      return now > before ? now : undefined;
    });
  }
  const applied = (await ledgerOf(reader)).get('shop:applied') ?? 0;

  const mb = (bytes: number) => Number((bytes / 1_048_576).toFixed(1));
  const growth = (role: 'collect' | 'aggregate', kind: keyof Memory) => {
    const { second, last } = thirds(memory.map((one) => one[role][kind]));
    const perMinute = ((mean(last) - mean(second)) / (SECONDS / 3)) * 60;
    return { second: mb(mean(second)), last: mb(mean(last)), 'MB a minute': mb(perMinute) };
  };
  console.table({
    'events/s that can be taken': Math.round(capacity),
    'events/s asked for': Math.round((asked * EVENTS_A_REQUEST) / SECONDS),
    'events/s taken meanwhile': Math.round((taken.length * EVENTS_A_REQUEST) / SECONDS),
    'requests refused': refused.length,
    'ms to a 202, middle': Math.round(middle(taken.map(({ ms }) => ms))),
    'ms to a refusal, middle': Math.round(middle(refused.map(({ ms }) => ms))),
    'events with an unknown end': load.unknown,
    'events accepted': load.accepted,
    'events counted': applied,
  });
  const table = {
    'collect heap, MB': growth('collect', 'heap'),
    'collect RSS, MB': growth('collect', 'rss'),
    'aggregate heap, MB': growth('aggregate', 'heap'),
    'aggregate RSS, MB': growth('aggregate', 'rss'),
  };
  console.table(table);

  // All ids differ, so the count has each accepted event, and beyond these only events of unknown outcome.
  expect(applied).toBeGreaterThanOrEqual(load.accepted);
  expect(applied).toBeLessThanOrEqual(load.accepted + load.unknown);
  expect(taken.length).toBeGreaterThan(0);
  for (const { status, retryAfter } of refused) {
    expect([429, 503]).toContain(status);
    expect(Number(retryAfter)).toBeGreaterThan(0);
  }
  // Within seconds memory is still filling up.
  for (const [name, { second, last }] of Object.entries(SECONDS >= 60 ? table : {})) {
    expect({ name, grows: last > 1.3 * second + (name.includes('RSS') ? 64 : 24) }).toEqual({
      name,
      grows: false,
    });
  }
}
