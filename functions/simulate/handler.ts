import * as z from 'zod';
import { config } from '../../shared/platform/config.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { counted, progressLine, rate } from '../../shared/platform/progress-line.ts';
import { InteractionFactory } from '../../shared/simulation/factory.ts';
import { BURST_MS, publishBurst, shoppersFor, sitesToSimulate } from '../../shared/simulation/publish.ts';
import { randomSeed } from '../../shared/simulation/random.ts';
import { readSites } from '../../shared/sites/directory.ts';

const requestSchema = z.strictObject({
  /** How many events to send. */
  events: z.number().int().min(1).max(10_000_000).default(1_000),
  /** The same seed gives the same events; random when absent. */
  seed: z.number().int().min(0).max(0xffffffff).optional(),
  /** Ids of sites; the demo sites when absent. */
  sites: z.array(z.string()).min(1).optional(),
});

export interface SimulationResult {
  sent: number;
  seconds: number;
  /** A run with this seed sends the same events again. */
  seed: number;
}

/**
 * Fills the shops with visitors and publishes what they did in the last quarter of an hour.
 * @throws FootfallError `bad_request` or `unknown_site`, before anything is sent.
 */
export async function handler(event: unknown): Promise<SimulationResult> {
  const request = requestSchema.safeParse(event ?? {});
  if (!request.success) throw new FootfallError('bad_request', 400, z.prettifyError(request.error));
  const { events, seed = randomSeed(), sites: named } = request.data;
  const settings = config();
  const factory = new InteractionFactory({
    sites: sitesToSimulate(await readSites(settings), named),
    seed,
    shoppers: shoppersFor((events / BURST_MS) * 1000),
  });
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const line = progressLine('Simulating', events, console.log);
  // A producer for this call alone: a connection that stays open would keep `sls invoke local` from ending.
  const producer = new EventProducer(settings.kafka);
  try {
    const sent = await publishBurst(factory, events, {
      send: (batch) => producer.sendEvents(batch),
      now: Date.now(),
      onSent: (count) => line.update(count, `${counted(count, 'event')}, ${rate(count, seconds())}`),
    });
    return { sent, seconds: Number(seconds().toFixed(3)), seed };
  } finally {
    line.stop();
    await producer.close();
  }
}
