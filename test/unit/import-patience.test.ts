import { sendPatiently } from '../../cli/import/send-patiently.ts';
import { KafkaOutage } from '../../shared/platform/kafka/outage.ts';

/** Fails with these errors, one after the other, and then works. */
function failing(...errors: Error[]) {
  const send = async () => {
    send.attempts++;
    const error = errors.shift();
    if (error) throw error;
  };
  send.attempts = 0;
  return send;
}

const outage = () => new KafkaOutage('Kafka did not answer in time.');
const said: string[] = [];
const say = (line: string) => said.push(line);
beforeEach(() => {
  said.length = 0;
});

test('a batch is sent again until Kafka takes it, and both is said once', async () => {
  const send = failing(outage(), outage());
  await sendPatiently(send, { say });
  expect(send.attempts).toBe(3);
  expect(said).toEqual([
    'Kafka does not answer now (Kafka did not answer in time.). Trying again for a minute.',
    'Kafka answers again.',
  ]);
});

test('what is no outage fails at once', async () => {
  const refused = Object.assign(outage(), { type: 'TOPIC_AUTHORIZATION_FAILED' });
  for (const error of [new TypeError('a fault'), refused]) {
    const send = failing(error);
    await expect(sendPatiently(send, { say })).rejects.toBe(error);
    expect(send.attempts).toBe(1);
  }
  expect(said).toEqual([]);
});

test('an outage that lasts fails, and so does one that is interrupted', async () => {
  const errors = [outage(), outage()];
  const [first, second] = errors;
  await expect(sendPatiently(failing(...errors), { patienceMs: 100, say })).rejects.toBe(second);
  const controller = new AbortController();
  // It waits for nothing more, and the next attempt says how it ended.
  const interrupted = sendPatiently(failing(first!, second!), {
    signal: controller.signal,
    say: () => controller.abort(),
  });
  await expect(interrupted).rejects.toBe(second);
});
