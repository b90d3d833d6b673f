import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newProgram, wholeNumber } from '../local/command.ts';
import { addSites, demoSites } from '../local/sites/demo-sites.ts';
import type { FootfallEvent } from '../shared/event/event.ts';
import { readConfig } from '../shared/platform/config.ts';
import { kafkaClient } from '../shared/platform/kafka/client.ts';
import { ensureTopics } from '../shared/platform/kafka/topics.ts';
import { DAY_MS } from '../shared/platform/time.ts';
import { median, printFigures, withServices } from './measure.ts';
import { readBack } from './workload.ts';

const SITE = 'demo';
/** The other way sends a part of the rows: its speed does not depend on how many there are. */
const SLOW_PART = 0.02;

/** Measures an import. */
export async function main(args: string[]): Promise<number> {
  const { rows, rounds } = newProgram('npm run bench -- import')
    .description(
      'Measures how fast footfall import reads a CSV file of views, carts and orders into Kafka, from the start of the ' +
        'command to its end. Reads back what Kafka has, and compares it with the file.',
    )
    .option('--rows <n>', 'rows of the file', wholeNumber(1_000, 100_000_000), 200_000)
    .option('--rounds <n>', 'rounds', wholeNumber(1, 100), 3)
    .parse(args, { from: 'user' })
    .opts();
  return withServices(async (services) => {
    const folder = await mkdtemp(join(tmpdir(), 'footfall-bench-'));
    try {
      const history = makeHistory(rows);
      const file = join(folder, 'history.csv');
      await writeFile(file, history.csv);
      const seconds: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const env = {
          KAFKA_BROKERS: services.kafkaBrokers.join(','),
          REDIS_URL: services.redisUrl,
          EVENTS_TOPIC: `bench-${round}`,
          SITES_TOPIC: `bench-sites-${round}`,
          REDIS_KEY_PREFIX: `bench-${round}:`,
        };
        const config = readConfig(env);
        await ensureTopics(config.kafka);
        await addSites(config, demoSites());
        seconds.push(await importFile(file, env, folder));
        await verify(config.kafka, history);
      }
      const original = await oneByOne(services.kafkaBrokers, history.csv);
      console.log(
        `\n${rows.toLocaleString('en')} rows; median of ${rounds} rounds. Kafka has each of them once, with its name, ` +
          'person and order.',
      );
      printFigures(
        [
          { what: 'rows', measured: rows / median(seconds), unit: '/s', other: original },
          {
            what: 'a million rows',
            measured: (median(seconds) / rows) * 1e6,
            unit: 's',
            other: 1e6 / original,
          },
        ],
        'a record each',
      );
      return 0;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

interface History {
  csv: string;
  /** Events by name, user and order. */
  expected: Map<string, number>;
}

const NAMES = { view: 'view_item', addtocart: 'add_to_cart', transaction: 'purchase' } as const;

/** Events of three weeks, in the layout of RetailRocket's public file. */
function makeHistory(rows: number): History {
  const from = Date.now() - 21 * DAY_MS;
  const kinds = ['view', 'view', 'addtocart', 'transaction'] as const;
  const expected = new Map<string, number>();
  const lines = Array.from({ length: rows }, (_, n) => {
    const kind = kinds[n % 4]!;
    const [ts, user] = [from + Math.floor((n / rows) * 20 * DAY_MS), (n * 7919) % 5_000];
    const order = kind === 'transaction' ? String(n) : '';
    const key = keyOf(NAMES[kind], String(user), order);
    expected.set(key, (expected.get(key) ?? 0) + 1);
    return `${ts},${user},${kind},${n % 700},${order}`;
  });
  return { csv: `timestamp,visitorid,event,itemid,transactionid\n${lines.join('\n')}\n`, expected };
}

const keyOf = (name: string, user: string, order: string) => `${name}|${user}|${order}`;

/** @returns seconds, with the start of the process. */
async function importFile(file: string, env: NodeJS.ProcessEnv, folder: string): Promise<number> {
  const command = [join(import.meta.dirname, '..', 'cli', 'main.ts'), 'import', file, '--site', SITE];
  const began = performance.now();
  const child = spawn(process.execPath, [...command, '--preset', 'retailrocket', '--no-wait', '--restart'], {
    cwd: folder,
    env: { ...process.env, ...env, INIT_CWD: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (part: Buffer) => {
    errors += part;
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`footfall import ended with ${code}: ${errors}`);
  return (performance.now() - began) / 1_000;
}

/** @throws Error when Kafka does not have exactly what the file says. */
async function verify(kafka: ReturnType<typeof readConfig>['kafka'], { expected }: History): Promise<void> {
  const rows = expected.values().reduce((sum, count) => sum + count, 0);
  const found = new Map<string, number>();
  for (const record of (await readBack(kafka, rows)).flat()) {
    const { value } = JSON.parse(record.json) as { value: string };
    const event = JSON.parse(Buffer.from(value, 'base64').toString()) as FootfallEvent;
    const key = keyOf(event.name, event.user, event.transaction_id ?? '');
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  for (const [key, count] of expected) {
    if (found.get(key) !== count) {
      throw new Error(`The file has ${count} × ${key}, and Kafka has ${found.get(key) ?? 0}.`);
    }
  }
  if (found.size !== expected.size) throw new Error('Kafka has events that are not in the file.');
}

/** Rows that a loop sends in a second, each awaited: what a script without an import does. */
async function oneByOne(brokers: readonly string[], csv: string): Promise<number> {
  const lines = csv.trimEnd().split('\n').slice(1);
  const some = lines.slice(0, Math.max(100, Math.round(lines.length * SLOW_PART)));
  const { kafka } = readConfig({ KAFKA_BROKERS: brokers.join(','), REDIS_URL: 'redis://localhost' });
  const topic = 'bench-one-by-one';
  await ensureTopics({ ...kafka, eventsTopic: topic });
  const producer = kafkaClient(kafka, 'bench').producer();
  await producer.connect();
  const began = performance.now();
  for (const line of some) {
    const [timestamp, key = '-', event, item] = line.split(',');
    const value = JSON.stringify({ user_id: key, interaction_type: event, product_id: item, timestamp });
    await producer.send({ topic, messages: [{ key, value }] });
  }
  const seconds = (performance.now() - began) / 1_000;
  await producer.disconnect();
  return some.length / seconds;
}
