import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaFailure } from '../../local/failures.ts';
import { note } from '../report.ts';

/** How long Kafka may be away, ms: a broker that is started again needs less. */
const PATIENCE_MS = 60_000;
/** Between two attempts, ms. */
const PAUSE_MS = 500;

/**
 * Sends a batch, and sends it again while Kafka is away or too slow. A part that Kafka had stored comes twice then, with
 * the same ids, and is counted once.
 * @param send sends the same batch each time
 * @param options.signal ends the attempts
 * @throws what `send` throws when that is no outage, or when the outage lasts for a minute or is interrupted
 * @example await sendPatiently(() => producer.send(topic, records), { signal });
 */
export async function sendPatiently(
  send: () => Promise<void>,
  {
    signal,
    patienceMs = PATIENCE_MS,
    say = note,
  }: { signal?: AbortSignal | undefined; patienceMs?: number; say?: (line: string) => void } = {},
): Promise<void> {
  const until = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    try {
      await send();
      if (attempt > 1) say('Kafka answers again.');
      return;
    } catch (error) {
      const isAway = kafkaFailure(error)?.kind === 'away';
      if (!isAway || signal?.aborted || performance.now() >= until) throw error;
      if (attempt === 1)
        say(`Kafka does not answer now (${(error as Error).message}). Trying again for a minute.`);
      // An interruption shows at the next attempt's end.
      await sleep(PAUSE_MS, undefined, signal && { signal }).catch(() => {});
    }
  }
}
