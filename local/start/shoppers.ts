import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../shared/platform/config.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { counted, progressLine } from '../../shared/platform/progress.ts';
import { InteractionFactory } from '../../shared/simulation/factory.ts';
import { publishAtRate, shoppersFor, sitesToSimulate } from '../../shared/simulation/publish.ts';
import { randomSeed } from '../../shared/simulation/random.ts';
import { readSites } from '../../shared/sites/directory.ts';
import { readHealth } from '../health.ts';

/** ms between two looks at how far the functions have come. */
const interval = 1_000;

/**
 * Lets a crowd of visitors loose in the demo shops, and shows how many of their events were sent and applied,
 * until the signal comes.
 * @param options.rate events per second, on the average of a simulated day
 * @throws when Kafka does not take the events
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
    // Another street each time: the same one would send the ids of the last run, and be dropped as a duplicate.
    seed: randomSeed(),
    shoppers: shoppersFor(rate),
  });
  const producer = new EventProducer(config.kafka);
  const done = new AbortController();
  const signal = AbortSignal.any([options.signal, done.signal]);
  let sent = 0;
  const showing = show(httpUrl, () => sent, signal);
  try {
    const send = producer.sendEvents.bind(producer);
    for await (sent of publishAtRate(factory, { send, rate, signal }));
  } finally {
    done.abort();
    await showing;
    await producer.close();
  }
}

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
      // More than events: shards send each other what a visitor did who signed in.
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
