import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { closing } from '../support/closing.ts';
import { waitFor } from '../support/wait-for.ts';

/** Without the servers of `npm test`: starting its own is what is tested. */
const { KAFKA_BROKERS: _brokers, REDIS_URL: _url, ...env } = process.env;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'footfall-start-'));
  return closing(folder, () => rm(folder, { recursive: true, force: true }));
}

/** What `npm start` runs, in a process group of its own, as in a terminal. */
class Run {
  readonly dataDir: string;
  output = '';
  readonly #start: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(dataDir: string, args: string[]) {
    this.dataDir = dataDir;
    this.#start = spawn(
      process.execPath,
      ['local/start/start.ts', '--embedded', '--data', dataDir, ...args],
      {
        env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [this.#start.stdout!, this.#start.stderr!]) {
      stream.on('data', (data) => {
        this.output += data;
      });
    }
    this.ended = new Promise((resolve) => this.#start.once('close', resolve));
    closing(this, () => this.#start.exitCode ?? this.ctrlC());
  }

  /** Resolves when these words have been printed. */
  async printed(words: string | RegExp): Promise<void> {
    const found = () => (typeof words === 'string' ? this.output.includes(words) : words.test(this.output));
    await waitFor(`"${words}" in the output`, () => found() || this.#start.exitCode !== null, {
      timeoutMs: 90_000,
    });
    if (!found()) throw new Error(`It ended before it printed "${words}":\n${this.output}`);
  }

  /** Sends what a terminal sends at Ctrl-C: SIGINT to all in the group. */
  ctrlC(): Promise<number | null> {
    process.kill(-this.#start.pid!, 'SIGINT');
    return this.ended;
  }

  /** The process ids of the servers, from their pid files. */
  async servers(): Promise<{ kafka: number; redis: number; functions: number }> {
    const pid = async (...path: string[]): Promise<number> =>
      JSON.parse(await readFile(join(this.dataDir, ...path, 'server.pid'), 'utf8')).pid;
    return {
      kafka: await pid('kafka'),
      redis: await pid('redis'),
      functions: await pid('logs', 'functions'),
    };
  }

  /** Of the metrics that it serves: by series, as `name{label="value"}`, its value. */
  async metrics(): Promise<Map<string, number>> {
    const response = await fetch(/Metrics +(http:\S+)/.exec(this.output)![1]!);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const [, series, value] = /^(.+) (\S+)$/.exec(line)!;
        return [series!, Number(value)];
      }),
    );
  }

  get url(): string {
    return /API +(http:\S+)\/v1/.exec(this.output)![1]!;
  }
}

function alive(pids: Record<string, number>): string[] {
  return Object.entries(pids).flatMap(([name, pid]) => {
    try {
      process.kill(pid, 0);
      return [name];
    } catch {
      return [];
    }
  });
}

async function get(url: string): Promise<{ data?: { events?: Record<string, number> } }> {
  const response = await fetch(url, { headers: { authorization: 'Bearer demo-read-key' } });
  return response.json() as never;
}

describe('npm start', () => {
  test('takes an event over HTTP, counts it once, and still knows it after a restart', async () => {
    const dataDir = await newFolder();
    const first = new Run(dataDir, ['--no-simulate']);
    await first.printed('Ctrl-C stops everything.');
    const servers = await first.servers();
    expect(alive(servers)).toEqual(['kafka', 'redis', 'functions']);

    const post = (body: unknown) =>
      fetch(`${first.url}/v1/events`, {
        method: 'POST',
        headers: { authorization: 'Bearer demo-write-key', 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post({ user_id: 'ada', interaction_type: 'view', product_id: 'tea-1' })).status).toBe(202);
    const event = { name: 'view_item', user_id: 'ada', items: [{ item_id: 'tea-1' }] };
    const bad = { name: '', user_id: 'ada' };
    const old = { ...event, id: 'e-old', timestamp: '2020-01-01T00:00:00Z' };
    await post({ events: [{ ...event, id: 'e-1' }, { ...event, id: 'e-2' }, bad, old] });
    await post({ ...event, id: 'e-2' });
    await post(bad);
    await waitFor('all of it to be counted', async () => {
      const metrics = await first.metrics();
      const [counted, refused] = [
        'footfall_duplicates_total',
        'footfall_problems_total{code="invalid_events"}',
      ];
      return metrics.get(counted!) === 1 && metrics.get(refused!) === 1;
    });
    expect(Object.fromEntries(await first.metrics())).toMatchObject({
      footfall_accepted_events_total: 5,
      footfall_applied_total: 3,
      footfall_duplicates_total: 1,
      'footfall_dead_lettered_total{reason="too_late"}': 1,
      'footfall_refused_events_total{code="invalid_event"}': 2,
      'footfall_problems_total{code="invalid_events"}': 1,
      'footfall_requests_total{function="collect",status="2xx"}': 3,
      'footfall_requests_total{function="collect",status="4xx"}': 1,
      footfall_failed_batches_total: 0,
      footfall_lost: 0,
      footfall_healing_records: 0,
      footfall_up: 1,
    });

    const seen = (await get(`${first.url}/v1/users/ada`)).data;
    expect(seen?.events).toEqual({ view_item: 3 });

    expect(await first.ctrlC()).toBe(0);
    expect(first.output).toContain('Everything is stopped.');
    expect(alive(servers)).toEqual([]);

    const second = new Run(dataDir, ['--no-simulate']);
    await second.printed('Ctrl-C stops everything.');
    expect((await get(`${second.url}/v1/users/ada`)).data).toEqual(seen);
    // Of this run: what the log has of earlier ones was counted by them.
    expect((await second.metrics()).get('footfall_applied_total')).toBe(0);
    expect(await second.ctrlC()).toBe(0);
  });

  describe('beside another program on port 3000', () => {
    let run: Run;

    beforeAll(async () => {
      // Free or not before: it is taken now.
      const other = createServer().listen(3000);
      closing(other, () => other.close());
      await Promise.race([once(other, 'listening'), once(other, 'error')]);
      run = new Run(await newFolder(), ['--no-simulate']);
      await run.printed('Ctrl-C stops everything.');
    });

    test('prints first a link to the dashboard that is signed in', async () => {
      const [address, key] = /http:\S+/.exec(run.output)![0].split('#key=');
      expect(address).toBe(`${run.url}/`);
      expect(await (await fetch(address!)).text()).toContain('<title>Footfall</title>');
      const access = await fetch(`${run.url}/v1/access`, { headers: { authorization: `Bearer ${key}` } });
      expect(await access.json()).toMatchObject({
        data: {
          kind: 'installation',
          sites: expect.arrayContaining([expect.objectContaining({ id: 'demo' })]),
        },
      });
    });

    test('says that the port is taken, and its requests go to the one that it has', async () => {
      expect(run.output).toContain(`\n3000 is taken; the API is at ${run.url}\n`);
      expect(run.output).not.toMatch(/localhost:3000\b/);
      const requests = run.output.match(/^ {2}curl .+?[^\\]$/gms)!;
      const answerOf = async (request: string): Promise<object> => {
        const { stdout } = await promisify(execFile)('sh', ['-c', request]);
        return JSON.parse(stdout);
      };
      const [send, read, ...others] = requests;
      expect(others).toEqual([]);
      expect(await answerOf(send!)).toMatchObject({ accepted: 1 });
      await waitFor('the event to be counted', async () => 'data' in (await answerOf(read!)));
      expect(await answerOf(read!)).toMatchObject({ data: { user_id: 'ana', orders: 1 } });
    });

    /** The last one: it ends the run. */
    test('says which server died, and stops the others', async () => {
      const servers = await run.servers();
      process.kill(servers.redis, 'SIGKILL');
      expect(await run.ended).toBe(1);
      expect(run.output).toMatch(/^Redis was ended by SIGKILL; its log is .*server\.log\.$/m);
      expect(alive(servers)).toEqual([]);
    });
  });

  test('simulates visitors, shows that their events are applied, and waits for a Kafka that pauses', async () => {
    const run = new Run(await newFolder(), ['--rate', '20']);
    await run.printed(/applied [1-9]/);
    const servers = await run.servers();
    process.kill(servers.kafka, 'SIGSTOP');
    await run.printed(/^Kafka does not answer \(.+\)\. Waiting for it\.$/m);
    process.kill(servers.kafka, 'SIGCONT');
    await run.printed(/^Kafka answers again\.$/m);
    const before = run.output.length;
    await waitFor('the simulator to go on', () => /applied [1-9]/.test(run.output.slice(before)));
    expect(await run.ctrlC()).toBe(0);
    expect(alive(servers)).toEqual([]);
  });

  test('explains its options', async () => {
    const start = (arg: string) =>
      promisify(execFile)(process.execPath, ['local/start/start.ts', arg], { env });
    expect((await start('--help')).stdout).toContain('--rate <n>');
    await expect(start('--rate=fast')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('It must be a number of events a second'),
    });
    await expect(start('--speed=9')).rejects.toMatchObject({ code: 2 });
  });
});
