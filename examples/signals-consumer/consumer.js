import { appendFile, readFile } from 'node:fs/promises';
import { Kafka } from 'kafkajs';

/** Reads abandoned carts from the topic `signals` and has one message sent for each of them. */

const { KAFKA_BROKERS = 'localhost:9092', SIGNALS_TOPIC = 'signals', MAIL_URL } = process.env;
const { GROUP_ID = 'cart-reminders', SENT_FILE = 'sent-signals.txt' } = process.env;
const TOO_OLD_MS = 24 * 3_600_000;

/** The ids of signals whose message was sent. In a shop this is a table with a unique id. */
const sent = new Set((await readFile(SENT_FILE, 'utf8').catch(() => '')).split('\n'));

/** @param {{ id: string, user: string, lines: { product_id: string, quantity: number }[] }} signal */
async function sendMessage({ id, user, lines }) {
  const left = lines.map(({ product_id, quantity }) => `${quantity} × ${product_id}`).join(', ');
  const message = { to: user, text: `You left something in your cart: ${left}` };
  if (!MAIL_URL) return console.log(message);
  const response = await fetch(MAIL_URL, {
    method: 'POST',
    // If this program ends before it has noted the id, it sends the message again.
    // A mail service that knows the key drops the second one.
    headers: { 'content-type': 'application/json', 'idempotency-key': id },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`The mail service answered ${response.status}.`);
}

const kafka = new Kafka({ clientId: 'cart-reminders', brokers: KAFKA_BROKERS.split(',') });
// Footfall writes signals in transactions. This setting, kafkajs' default, hides those of an aborted transaction.
const consumer = kafka.consumer({ groupId: GROUP_ID, readUncommitted: false });

for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => consumer.disconnect());

await consumer.connect();
await consumer.subscribe({ topic: SIGNALS_TOPIC, fromBeginning: true });
await consumer.run({
  // An error thrown here makes kafkajs read the record again, after a pause.
  eachMessage: async ({ message }) => {
    const signal = JSON.parse(message.value.toString());
    const isOld = Date.now() - Date.parse(signal.published_at) > TOO_OLD_MS;
    if (signal.type !== 'cart_abandoned' || isOld || sent.has(signal.id)) return;
    await sendMessage(signal);
    sent.add(signal.id);
    await appendFile(SENT_FILE, `${signal.id}\n`);
  },
});
