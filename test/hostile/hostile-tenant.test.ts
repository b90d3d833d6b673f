import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { keysWithoutEnd } from '../support/keys-without-end.ts';
import { ledgerOf } from '../support/ledger.ts';
import { siteOf } from '../support/shop.ts';
import { waitFor } from '../support/wait-for.ts';
import { HonestShop, MEASUREMENT_ID } from './honest-shop.ts';
import { memoryOf, openInstallation } from './installation.ts';

/**
 * Two shops share an installation. One attacks it with its public write key, and with its read key; the other sends what
 * it always sends, and asks. Nothing of the other may be refused, lost or wrong. Times and memory are printed and not
 * judged, since the machine's other programs change them. Attacks and pauses take turns, so that both are measured in one run.
 */
const SECONDS = Number(process.env.FOOTFALL_HOSTILE_SECONDS ?? 60);
/** Names of attacks.ts, comma-separated; all when empty. */
const ONLY = process.env.FOOTFALL_HOSTILE_ONLY ?? '';
const WRITERS = Number(process.env.FOOTFALL_HOSTILE_WRITERS ?? 3);
const READERS = Number(process.env.FOOTFALL_HOSTILE_READERS ?? 2);
const TURNS = SECONDS >= 300 ? 4 : 2;
/** How long a pause is, as a part of an attack. */
const PAUSE = 0.3;
const SWEEP_EVERY_MS = 20_000;
const SLOW_US = 10_000;

const installation = await openInstallation([
  siteOf('honest', { currency: 'EUR', measurement_ids: [MEASUREMENT_ID] }),
  siteOf('attacker', { currency: 'EUR' }),
]);
const { reader, redis, functions, sweep } = installation;
const shop = new HonestShop(installation.collect.url, installation.analytics.url);
const victim = { measurementId: MEASUREMENT_ID };

type Phase = 'pause' | 'attack';
let phase: Phase | 'lag' = 'lag';
const askMs: Record<Phase, number[]> = { pause: [], attack: [] };
const sendMs: Record<Phase, number[]> = { pause: [], attack: [] };
const lagMs: Record<Phase, number[]> = { pause: [], attack: [] };
let isAsking = false;
let redisPeak = 0;
let ended = false;

const at = (values: readonly number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(part * values.length)] ?? Number.NaN;
const round = (value: number) => Math.round(value * 10) / 10;
const mb = (bytes: number) => Math.round(bytes / 1_048_576);

async function applied(): Promise<number> {
  return (await ledgerOf(reader)).get('honest:applied') ?? 0;
}

/** How old the oldest event of the shop is that is not counted yet, ms. */
async function lag(): Promise<number> {
  const oldest = shop.sentAt[await applied()];
  return oldest === undefined ? 0 : Date.now() - oldest;
}

async function isCaughtUp(): Promise<boolean> {
  return (await applied()) >= shop.sentAt.length;
}

/** Does this again and again, until the test ends. */
async function forever(everyMs: number, work: () => Promise<void>): Promise<void> {
  while (!ended) {
    await work();
    await sleep(everyMs);
  }
}

const background = () =>
  Promise.all([
    forever(100, async () => {
      const during = phase;
      await shop.send();
      if (during !== 'lag' && during === phase) sendMs[during].push(shop.sendMs.at(-1)!);
    }),
    forever(50, async () => {
      if (!isAsking) return;
      const during = phase;
      const ms = await shop.ask();
      if (ms === undefined) return;
      if (during !== 'lag' && during === phase) askMs[during].push(ms);
    }),
    forever(1_000, async () => {
      const during = phase;
      const ms = await lag();
      if (during !== 'lag') lagMs[during].push(ms);
      const info = await redis.info('memory');
      redisPeak = Math.max(redisPeak, Number(/^used_memory:(\d+)/m.exec(info)![1]));
    }),
    // A function whose heap was too small has ended: that is judged at the end.
    forever(1_000, async () => {
      await Promise.all(functions.filter((one) => one !== sweep).map((one) => one.measure().catch(() => {})));
    }),
    forever(SWEEP_EVERY_MS, async () => {
      await sweep.measure(true).catch(() => {});
    }),
  ]);

interface Attacks {
  answers: Record<string, number>;
  ms: Record<string, number>;
}

test(`an attack of ${SECONDS} s changes nothing for another shop`, () => expectUnharmed(), 3_600_000);

async function expectUnharmed(): Promise<void> {
  await redis.config('SET', 'slowlog-log-slower-than', SLOW_US);
  await redis.config('SET', 'slowlog-max-len', 100_000);
  const attack = await installation.attack({ writers: WRITERS, readers: READERS, only: ONLY, victim });
  const running = background();
  running.catch(() => {});
  await waitFor('the first events to be counted', async () => (await applied()) > 50);
  isAsking = true;
  let attacks: Attacks = { answers: {}, ms: {} };
  const attackMs = (SECONDS * 1_000) / (TURNS * (1 + PAUSE));
  const catchUpMs: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    phase = 'pause';
    await sleep(attackMs * PAUSE);
    phase = 'attack';
    await attack.ask({ going: true });
    await sleep(attackMs);
    phase = 'lag';
    attacks = await attack.ask<Attacks>({ going: false });
    const began = performance.now();
    await waitFor('the lag to end', async () => (await lag()) < 5_000, {
      timeoutMs: 1_800_000,
      everyMs: 500,
    });
    catchUpMs.push(performance.now() - began);
  }
  phase = 'pause';
  await sleep(attackMs * PAUSE);
  ended = true;
  await running;
  await waitFor('everything of the shop to be counted', isCaughtUp, { timeoutMs: 600_000 });
  // What homes of orders tell each other, and answers about the present.
  await sleep(5_000);

  const slow = (await redis.slowlog('GET', 100_000)) as [number, number, number, string[]][];
  const byCommand = new Map<string, { count: number; longest: number }>();
  for (const [, , micros, args] of slow) {
    const name =
      `${args[0]} ${(args[1] ?? '').slice(0, 24)} ${/^(eval|evalsha|zunion|ZUNION)/i.test(args[0]!) ? (args[3] ?? '').slice(0, 40) : ''}`.replaceAll(
        /\{?p\d+\}?|\d{5,}/g,
        '#',
      );
    const { count = 0, longest = 0 } = byCommand.get(name) ?? {};
    byCommand.set(name, { count: count + 1, longest: Math.max(longest, micros) });
  }
  const times = (all: Record<Phase, number[]>) => {
    const [pause, attacked] = [all.pause, all.attack];
    return {
      'p50, pause': round(at(pause, 0.5)),
      'p50, attack': round(at(attacked, 0.5)),
      'p50, ratio': round(at(attacked, 0.5) / at(pause, 0.5)),
      'p95, pause': round(at(pause, 0.95)),
      'p95, attack': round(at(attacked, 0.95)),
      'p95, ratio': round(at(attacked, 0.95) / at(pause, 0.95)),
      number: attacked.length,
    };
  };
  const report = {
    'answers of the shop, ms': { questions: times(askMs), events: times(sendMs) },
    lag: {
      'ms in a pause': { p50: at(lagMs.pause, 0.5), longest: Math.max(...lagMs.pause) },
      'ms in an attack': { p50: at(lagMs.attack, 0.5), longest: Math.max(...lagMs.attack) },
      'ms to catch up': catchUpMs.map(Math.round),
    },
    memory: Object.fromEntries(
      functions.map((one) => [
        one.name,
        {
          'peak, MB': mb(one.peak),
          'heap, MB': mb(one.heap),
          'setting, MB': memoryOf(one.name.split(' ')[0]!),
        },
      ]),
    ),
    redis: {
      'peak, MB': mb(redisPeak),
      'commands beyond 10 ms': slow.length,
      slowest: [...byCommand].sort(([, a], [, b]) => b.longest - a.longest).slice(0, 15),
    },
    attack: Object.fromEntries(Object.entries(attacks.answers).sort()),
    'attack, ms': Object.fromEntries(Object.entries(attacks.ms).map(([name, ms]) => [name, Math.round(ms)])),
    'answers with 500': readFileSync(installation.log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"status":500'))
      .slice(0, 10),
    honest: { events: shop.sentAt.length, failures: shop.failures.slice(0, 20) },
  };
  const text = JSON.stringify(report, undefined, 1);
  console.log(text);
  if (process.env.FOOTFALL_HOSTILE_REPORT) writeFileSync(process.env.FOOTFALL_HOSTILE_REPORT, text);

  expect(functions.filter((one) => !one.isAlive).map(({ name }) => name)).toEqual([]);
  expect(Object.fromEntries(shop.refusals)).toEqual({});
  expect(shop.failures).toEqual([]);
  expect(await shop.answers()).toEqual(shop.expected());
  expect(await keysWithoutEnd(redis)).toEqual([]);
  const ledger = await ledgerOf(reader);
  expect(ledger.get('honest:applied')).toBe(shop.sentAt.length);
  for (const outcome of ['deadLettered', 'refused', 'duplicate', 'bot', 'erased']) {
    expect([outcome, ledger.get(`honest:${outcome}`) ?? 0]).toEqual([outcome, 0]);
  }
}
