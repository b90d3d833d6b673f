import { parseArgs } from 'node:util';
import { runCommand, wholeNumber } from '../../local/command.ts';
import { interruptSignal } from '../../local/interrupt.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { counted, progressLine, rate } from '../../shared/platform/progress.ts';
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
import { runningConfig } from '../running-config.ts';

const help = `npm run simulate -- [options]

Publishes what the visitors of a simulated shop do: they browse, search, fill carts and abandon them, buy, and
return goods.

  --events N     how many events (default: 1000, or without end with --rate)
  --rate N       live events, N a second on average: a simulated day lasts five minutes and has busy evenings.
                 Without --rate, the last quarter of an hour as fast as Kafka takes it
  --seed N       the same seed, the same visitors (default: new ones each time)
  --sites A,B    ids of the sites (default: demo,outlet)
  --help

Kafka, Redis and their sites are those of KAFKA_BROKERS and REDIS_URL, else of a running npm start. Ctrl-C stops it.
`;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string' },
      rate: { type: 'string' },
      seed: { type: 'string' },
      sites: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const pace = wholeNumber('rate', values.rate, { min: 1, max: 1_000_000 });
  const events =
    wholeNumber('events', values.events, { min: 1, max: 1_000_000_000 }) ?? (pace ? undefined : 1_000);
  const seed = wholeNumber('seed', values.seed, { min: 0, max: 0xffffffff }) ?? randomSeed();
  const config = runningConfig();
  const { kafka } = config;
  const factory = new InteractionFactory({
    sites: sitesToSimulate(await knownSites(config), values.sites?.split(',')),
    seed,
    shoppers: shoppersFor(pace ?? (events! / BURST_MS) * 1000),
  });
  const signal = interruptSignal();
  const producer = new EventProducer(kafka);
  const send = (batch: FootfallEvent[]) => producer.sendEvents(batch);
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const line = progressLine('Simulating', events, (text) => console.error(text));
  let sent = 0;
  const onSent = (count: number) => {
    sent = count;
    line.update(count, `${counted(count, 'event')}, ${rate(count, seconds())}`);
  };
  try {
    if (pace === undefined) await publishBurst(factory, events!, { send, now: Date.now(), signal, onSent });
    else
      for await (const count of publishAtRate(factory, { send, rate: pace, signal, events })) onSent(count);
  } finally {
    line.stop();
    await producer.close();
  }
  console.log(`${counted(sent, 'event')} sent in ${seconds().toFixed(1)} s, seed ${seed}.`);
  return signal.aborted ? 130 : 0;
}

await runCommand(main);
