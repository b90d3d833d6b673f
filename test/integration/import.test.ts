import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { footfallDir } from '../../local/services/services.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import type { Config } from '../../shared/platform/config.ts';
import { TopicOffsets } from '../../shared/platform/kafka/topic-offsets.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import { closing } from '../support/closing.ts';
import { envOf } from '../support/env-of.ts';
import { freshConfig } from '../support/fresh-config.ts';
import { readTopic } from '../support/read-topic.ts';
import { waitFor } from '../support/wait-for.ts';

/** The command as people run it, against real brokers. */
const root = resolve(import.meta.dirname, '../..');
const states = join(footfallDir, 'imports');

const folder = closing(mkdtempSync(join(tmpdir(), 'footfall-import-')), (path) => {
  for (const name of existsSync(states) ? readdirSync(states) : []) {
    if (!name.endsWith('.json')) continue;
    const state = join(states, name);
    if (JSON.parse(readFileSync(state, 'utf8')).file.startsWith(path)) rmSync(state);
  }
  rmSync(path, { recursive: true });
});

let kafka: Config['kafka'];
let redis: Config['redis'];
beforeEach(async () => {
  const config = await freshConfig({ partitions: 4 });
  await addSites(config, config.sites);
  ({ kafka, redis } = config);
});

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(root, 'cli/main.ts'), 'import', ...args], {
    env: {
      ...process.env,
      ...envOf({ kafka, redis }),
      INIT_CWD: folder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = start(...args);
  const out = { stdout: '', stderr: '' };
  child.stdout!.on('data', (chunk) => {
    out.stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    out.stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...out };
}

/** RetailRocket's shape, with a bad line in each thousand. */
function writeHistory(name: string, rows: number): string {
  const events = ['view', 'view', 'addtocart', 'transaction'];
  const from = Date.now() - 20 * 86_400_000;
  const lines = Array.from({ length: rows }, (_, n) =>
    n % 1000 === 500
      ? `${from},,view,1,`
      : `${from + n * 100},${(n * 7919) % 5000},${events[n % 4]},${n % 700},${n % 4 === 3 ? n : ''}`,
  );
  const content = `timestamp,visitorid,event,itemid,transactionid\n${lines.join('\n')}\n`;
  writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(content) : content);
  return name;
}

async function recordsWritten(): Promise<number> {
  const offsets = new TopicOffsets(kafka);
  try {
    return (await offsets.fetch()).reduce((sum, { high }) => sum + high, 0);
  } finally {
    await offsets.close();
  }
}

const retailRocket = ['--preset', 'retailrocket', '--site', 'demo', '--no-wait'];

describe('footfall import', () => {
  it('brings each row into the partition of its user, once, and tells what it did', async () => {
    const file = writeHistory('whole.csv.gz', 10_000);
    const { code, stdout } = await run(file, ...retailRocket);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/10,000 lines read, 9,990 events sent, 10 lines rejected/),
    });
    expect(stdout).toContain(join(folder, 'whole.csv.gz.rejects.ndjson'));
    const rejects = readFileSync(join(folder, 'whole.csv.gz.rejects.ndjson'), 'utf8').trim().split('\n');
    expect(rejects.map((line) => JSON.parse(line).line)).toEqual(
      Array.from({ length: 10 }, (_, n) => n * 1000 + 502),
    );

    const found = await readTopic(kafka);
    expect(found).toHaveLength(9_990);
    expect(new Set(found.map(({ event }) => event.id)).size).toBe(9_990);
    expect(found.filter(({ event }) => event.name === 'purchase')).toHaveLength(2_500);
    for (const { partition, event } of found) {
      expect(partition).toBe(partitionOf(userKey(event), 4));
      expect(event.backfill).toBe(true);
    }

    const again = await run(file, ...retailRocket);
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/imported before in the same way/),
    });
    expect(await recordsWritten()).toBe(9_990);
  });

  it('goes on after SIGKILL: every event arrives, and what comes twice has the same id', async () => {
    const rows = 150_000;
    const file = writeHistory('killed.csv', rows);
    const child = start(file, ...retailRocket);
    const ended = once(child, 'close');
    await waitFor('the first events', async () => (await recordsWritten()) > 5_000, { everyMs: 5 });
    child.kill('SIGKILL');
    await ended;
    expect(child.signalCode).toBe('SIGKILL');
    const before = await recordsWritten();
    expect(before).toBeLessThan(rows);

    const { code, stdout } = await run(file, ...retailRocket);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Went on after line/);
    const total = rows - rows / 1000;
    const found = await readTopic(kafka);
    expect(new Set(found.map(({ event }) => event.id)).size).toBe(total);
    // One request may have been under way, acknowledged but not yet noted.
    expect(found.length).toBeGreaterThanOrEqual(total);
    expect(found.length - total).toBeLessThanOrEqual(1_000);
    const rejects = readFileSync(join(folder, 'killed.csv.rejects.ndjson'), 'utf8').trim().split('\n');
    expect(rejects).toHaveLength(rows / 1000);
  });

  it('keeps a repeated event right behind its first time, where aggregate still knows its id', async () => {
    const file = writeHistory('twice.csv', 3_000);
    await run(file, ...retailRocket);
    expect((await run(file, ...retailRocket, '--restart')).code).toBe(0);
    const found = await readTopic(kafka);
    const ids = found.map(({ event }) => `${event.user} ${event.id}`);
    expect(ids).toHaveLength(2 * 2_997);
    expect(new Set(ids).size).toBe(2_997);
  });

  it('brings an invoice of a thousand lines whole, with its lines from all over the file', async () => {
    const lines = Array.from(
      { length: 6_000 },
      (_, n) => `${n % 5 === 0 ? 'BIG' : n % 1000},S${n},THING ${n},1,2025-06-01 10:00:00,1.115,7,France`,
    );
    const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
    writeFileSync(join(folder, 'invoices.csv'), `${[header, ...lines].join('\n')}\n`);
    const { code } = await run(
      'invoices.csv',
      '--preset',
      'online-retail',
      '--site',
      'online-retail',
      '--no-wait',
    );
    expect(code).toBe(0);
    const events = (await readTopic(kafka)).map(({ event }) => event);
    const big = events.find((event) => event.transaction_id === 'BIG');
    expect(big?.items).toHaveLength(1_200);
    expect(big?.value).toBe(1_200 * 112);
    expect(events).toHaveLength(801);
  });

  it('tells with --json what it understood, and sends nothing with --dry-run', async () => {
    const file = writeHistory('dry.csv', 2_000);
    const { code, stdout } = await run(file, ...retailRocket, '--dry-run', '--json');
    expect({ code, data: JSON.parse(stdout) }).toEqual({
      code: 0,
      data: expect.objectContaining({
        ...{ outcome: 'finished', dry_run: true, site: 'demo', lines: 2_000, sent: 1_998, rejected: 2 },
        events: { view_item: 998, add_to_cart: 500, purchase: 500 },
        understood: expect.objectContaining({ encoding: 'utf-8', delimiter: ',', times: ['epoch ms'] }),
        first: [0, 1, 2].map(() => expect.objectContaining({ site: 'demo', backfill: true })),
        rejects: join(folder, 'dry.csv.rejects.ndjson'),
      }),
    });
    expect(await recordsWritten()).toBe(0);
  });

  it('refuses history older than the site keeps, and sends nothing', async () => {
    writeFileSync(
      join(folder, 'old.csv'),
      `timestamp,visitorid,event,itemid,transactionid\n${Date.now()},1,view,1,\n0,1,view,1,\n1433221332117,1,view,1,\n`,
    );
    const { code, stderr } = await run('old.csv', ...retailRocket);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Nothing was sent: line 4 is from 2015-06-02, .*sites set demo --retention-days \d+ first\.\n$/,
    );
    expect(await recordsWritten()).toBe(0);
  });

  it('says in one sentence what is wrong', async () => {
    const file = writeHistory('options.csv', 10);
    const told = (code: number, message: string) => ({
      code,
      stderr: expect.stringMatching(message),
      stdout: '',
    });
    expect(await run('missing.csv', ...retailRocket)).toEqual(
      told(1, '^There is no file .*missing\\.csv\\.\n$'),
    );
    expect(await run(file, '--preset', 'retailrocket')).toEqual(told(2, "^Required option '--site <id>'"));
    expect(await run(file, '--preset', 'rees46', '--site', 'demo')).toEqual(
      told(1, 'has no column event_time'),
    );
    writeFileSync(
      join(folder, 'other.csv'),
      'timestamp,visitorid,event,itemid,transactionid\nsoon,1,view,1,\n',
    );
    // The second run is refused likewise: the first has not noted the file as done.
    for (const _ of [1, 2]) {
      expect(await run('other.csv', ...retailRocket)).toEqual(
        told(1, '^Nothing was sent: none of the 1 lines of .*other\\.csv could be read\\. Line 2: .*\n$'),
      );
    }
    expect(await run(file, ...retailRocket, '--rejects', file)).toEqual(
      told(2, '^--rejects must name another'),
    );
    kafka = { ...kafka, brokers: ['127.0.0.1:1'] };
    // Options are checked before that.
    expect(await run(file, ...retailRocket, '--zone', 'London')).toEqual(told(2, '^--zone must be'));
    expect(await run(file, ...retailRocket)).toEqual(told(1, '^Kafka does not answer at 127\\.0\\.0\\.1:1'));
  });
});
