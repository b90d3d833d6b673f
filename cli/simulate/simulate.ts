import { EXIT } from '../../local/command.ts';
import { interruptSignal } from '../../local/interrupt.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { counted, progressLine, rate as rateText } from '../../shared/platform/progress-line.ts';
import { InteractionFactory } from '../../shared/simulation/factory.ts';
import {
  BURST_MS,
  publishAtRate,
  publishBurst,
  shoppersFor,
  sitesToSimulate,
} from '../../shared/simulation/publish.ts';
import { randomSeed } from '../../shared/simulation/random.ts';
import { knownSites } from '../known-sites.ts';
import { note, type Report } from '../report.ts';
import { installationText, runningInstallation } from '../running-config.ts';

/**
 * Sends simulated events until there are enough, or until Ctrl-C.
 * @param options.rate events a second; without it all are sent at once.
 * @param options.events how many; without it 1,000, or no end with a rate.
 * @throws FootfallError `no_installation` and `unknown_site` 400, and as `readyKafka`.
 */
export async function simulate(options: {
  events?: number | undefined;
  rate?: number | undefined;
  seed?: number | undefined;
  sites?: string[] | undefined;
}): Promise<Report> {
  const { rate, events = rate ? undefined : 1_000, seed = randomSeed() } = options;
  const installation = runningInstallation();
  const { config } = installation;
  const factory = new InteractionFactory({
    sites: sitesToSimulate(await knownSites(config), options.sites),
    seed,
    shoppers: shoppersFor(rate ?? (events! / BURST_MS) * 1_000),
  });
  note(`Writing to ${installationText(installation)}.`);
  const signal = interruptSignal();
  const producer = new EventProducer(config.kafka);
  const send = (batch: FootfallEvent[]) => producer.sendEvents(batch);
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  const line = progressLine('Simulating', events, note);
  let sent = 0;
  const onSent = (count: number) => {
    sent = count;
    line.update(count, `${counted(count, 'event')}, ${rateText(count, seconds())}`);
  };
  try {
    if (rate === undefined) await publishBurst(factory, events!, { send, now: Date.now(), signal, onSent });
    else for await (const count of publishAtRate(factory, { send, rate, signal, events })) onSent(count);
  } finally {
    line.stop();
    await producer.close();
  }
  return {
    data: { sent, seconds: seconds(), seed },
    lines: [`${counted(sent, 'event')} sent in ${seconds().toFixed(1)} s, seed ${seed}.`],
    exitCode: signal.aborted ? EXIT.interrupted : EXIT.done,
  };
}
