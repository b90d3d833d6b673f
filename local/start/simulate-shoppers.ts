import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../shared/platform/config.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { isKafkaOutage } from '../../shared/platform/kafka/outage.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { counted, progressLine } from '../../shared/platform/progress-line.ts';
import { InteractionFactory } from '../../shared/simulation/factory.ts';
import { publishAtRate, shoppersFor, sitesToSimulate } from '../../shared/simulation/publish.ts';
import { randomSeed } from '../../shared/simulation/random.ts';
import { readSites } from '../../shared/sites/directory.ts';
import { causeOf } from '../command.ts';
import { readHealth } from '../health.ts';

/** Time between two progress updates, ms. */
const interval = 1_000;
/** Time between two tries while Kafka is away, ms. */
const retryMs = 1_000;

/**
 * Sends simulated visitors to the demo shops until the signal is aborted, and shows how many of their events
 * were sent and applied. While Kafka is away it waits, and says so.
 * @param options.rate events per second, averaged over a simulated day
 */
export async function simulate(options: {
  config: Config;
  httpUrl: string;
  rate: number;
  signal: AbortSignal;
}): Promise<void> {
  const { config, httpUrl, rate } = options;
  const factory = new InteractionFactory({
    sites: sitesToSimulate(await readSites(config), undefined),
    // A new seed each time: the same seed would repeat the event ids of the last run, which count as
    // duplicates.
    seed: randomSeed(),
    shoppers: shoppersFor(rate),
  });
  const producer = new EventProducer(config.kafka);
  const done = new AbortController();
  const signal = AbortSignal.any([options.signal, done.signal]);
  let sent = 0;
  const showing = show(httpUrl, () => sent, signal);
  try {
    await sendAlways(producer, { factory, rate, signal, onSent: (count) => (sent += count) });
  } finally {
    done.abort();
    await showing;
    await producer.close();
  }
}

async function sendAlways(
  producer: EventProducer,
  options: { factory: InteractionFactory; rate: number; signal: AbortSignal; onSent(count: number): void },
): Promise<void> {
  const { factory, rate, signal, onSent } = options;
  let isAway = false;
  const send = async (events: Parameters<EventProducer['sendEvents']>[0]) => {
    await producer.sendEvents(events);
    onSent(events.length);
    if (isAway) console.log('Kafka answers again.');
    isAway = false;
  };
  while (!signal.aborted) {
    try {
      for await (const _ of publishAtRate(factory, { send, rate, signal }));
    } catch (error) {
      if (!isAwayError(error)) throw error;
      if (!isAway) console.log(`Kafka does not answer (${causeOf(error as Error)}). Waiting for it.`);
      isAway = true;
      await sleep(retryMs, undefined, { signal }).catch(() => {});
    }
  }
}

/** The producer refuses events itself when too many wait for Kafka. */
const isAwayError = (error: unknown) =>
  isKafkaOutage(error) || (error instanceof FootfallError && error.code === 'overloaded');

async function show(httpUrl: string, sent: () => number, signal: AbortSignal): Promise<void> {
  const line = progressLine('Simulating:', undefined, console.log);
  let before = { at: performance.now(), sent: 0 };
  try {
    while (!signal.aborted) {
      await sleep(interval, undefined, { signal }).catch(() => {});
      const { freshness } = (await readHealth(httpUrl)) ?? {};
      if (signal.aborted) return;
      const now = { at: performance.now(), sent: sent() };
      const perSecond = (1_000 * (now.sent - before.sent)) / (now.at - before.at);
      before = now;
      const known = (count: number | null | undefined) => (count == null ? '?' : counted(count, 'event'));
      // More records than events: shards also send each other what a visitor did before signing in.
      const records = (count: number | undefined) => (count === undefined ? '?' : counted(count, 'record'));
      line.update(
        now.sent,
        `sent ${counted(now.sent, 'event')} · applied ${records(freshness?.applied)} (all runs) · lag ${known(freshness?.lag_events)} · ${perSecond.toFixed(1)} events/s`,
      );
    }
  } finally {
    line.stop();
  }
}
