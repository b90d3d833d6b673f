import { execFile, spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { openChromium } from '../support/chromium.ts';
import { closing } from '../support/closing.ts';
import { readMessages } from '../support/read-topic.ts';
import { listen } from '../support/serve.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Program, printed, runExample, type Stack, startStack } from './stack.ts';

/** Each example runs as its README says, against the functions that `npm start` runs. */

const examples = resolve(import.meta.dirname, '../../examples');

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});

interface User {
  events: Record<string, number>;
  orders: number;
  refunds: number;
  money: { currency: string; revenue: string; refunded: string }[];
  aliases: unknown[];
  cart: object | null;
}

/** Waits until the user has at least this number of events, and returns the answer. */
const userWith = (readKey: string, user: string, events: number): Promise<User> =>
  waitFor(`${events} events of ${user}`, async () => {
    const found = await stack.ask<User & { total_events: number }>(readKey, `/v1/users/${user}`);
    return found && found.total_events >= events ? found : undefined;
  });

describe('node-server', () => {
  /** What happens to the next requests for events; those after them go through. */
  let faults: ('busy' | 'lost')[] = [];
  let requests: { at: number; body: string }[] = [];
  let program: Program;
  let shopUrl: string;

  beforeAll(async () => {
    const port = await listen(async (incoming, outgoing) => {
      const body = await text(incoming);
      requests.push({ at: Date.now(), body });
      const fault = faults.shift();
      if (fault === 'busy') {
        outgoing.writeHead(503, { 'retry-after': '3' }).end();
        return;
      }
      const { authorization = '', 'content-type': type = '' } = incoming.headers;
      const headers = { authorization, 'content-type': type };
      const answer = await fetch(`${stack.url}${incoming.url}`, { method: 'POST', headers, body });
      if (fault === 'lost') outgoing.destroy();
      else outgoing.writeHead(answer.status).end(await answer.text());
    });
    program = runExample('node-server/shop.js', {
      FOOTFALL_URL: `http://localhost:${port}`,
      FOOTFALL_WRITE_KEY: 'outlet-write-key',
      PORT: '0',
    });
    const [, shopPort] = await printed(program, /port: (\d+)/);
    shopUrl = `http://localhost:${shopPort}`;
  });

  beforeEach(() => {
    faults = [];
    requests = [];
  });

  const order = (id: string, user: string, price = '59.90') =>
    fetch(`${shopUrl}/orders`, {
      method: 'POST',
      body: JSON.stringify({ id, user, lines: [{ sku: 'shoe-1', price, quantity: 2 }] }),
    });

  test('an order is counted once, over a busy server and a lost answer', async () => {
    faults = ['busy', 'lost'];
    expect((await order('T-1', 'ben')).status).toBe(201);
    await printed(program, /purchase-T-1 accepted/);
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    // Retry-After is a time before which nothing may come.
    expect(requests[1]!.at - requests[0]!.at).toBeGreaterThanOrEqual(2_950);

    // Of the two requests that arrived, the user's next event says that both are counted.
    await stack.send('outlet-write-key', [{ id: 'after', name: 'after', user_id: 'ben' }]);
    expect(await userWith('outlet-read-key', 'ben', 2)).toMatchObject({
      events: { purchase: 1, after: 1 },
      orders: 1,
      money: [{ currency: 'EUR', revenue: '119.80', refunded: '0.00' }],
    });
  });

  test('a refund gives the order back', async () => {
    await order('T-2', 'cy');
    expect((await fetch(`${shopUrl}/orders/T-2/refund`, { method: 'POST' })).status).toBe(200);
    await userWith('outlet-read-key', 'cy', 2);
    // The order's home tells the user's shard what was given back.
    const user = await waitFor('the refund', async () => {
      const found = await userWith('outlet-read-key', 'cy', 2);
      return found.money[0]?.refunded === '0.00' ? undefined : found;
    });
    expect(user).toMatchObject({
      orders: 1,
      refunds: 1,
      money: [{ currency: 'EUR', revenue: '119.80', refunded: '119.80' }],
    });
  });

  test('an order stands though Footfall refuses its event, which is not sent again', async () => {
    expect((await order('T-3', 'dee', 'free')).status).toBe(201);
    await printed(program, /purchase-T-3 Footfall did not accept the events: 400 .*items\[0\]\.price/);
    expect(requests).toHaveLength(1);
  });
});

describe('browser-page', () => {
  test('a visitor looks, fills the cart, signs in and buys, and is one person', async () => {
    const html = (await readFile(join(examples, 'browser-page/index.html'), 'utf8')).replace(
      'http://localhost:3000',
      stack.url,
    );
    const port = await listen((incoming, outgoing) => {
      if (incoming.url === '/') outgoing.writeHead(200, { 'content-type': 'text/html' }).end(html);
      else outgoing.writeHead(404).end();
    });
    const browser = await openChromium();
    // A headless browser names itself as one, and counts as a bot.
    const userAgent: string = await (await browser.newPage()).evaluate('navigator.userAgent');
    const page = await browser.newPage({ userAgent: userAgent.replace('Headless', '') });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));

    await page.goto(`http://localhost:${port}/`);
    await page.waitForFunction('footfall.on');
    await page.click('#add');
    await page.fill('[name=customer]', 'customer-7');
    await page.click('#sign-in button');
    await page.click('#buy');
    await page.click('#buy');
    await page.click('#sign-out');
    await page.click('#add');

    expect(await userWith('demo-read-key', 'customer-7', 5)).toMatchObject({
      events: { page_view: 1, view_item: 1, add_to_cart: 1, identify: 1, purchase: 1 },
      orders: 1,
      money: [{ currency: 'EUR', revenue: '59.90' }],
      aliases: [expect.anything()],
      cart: null,
    });
    expect(complaints).toEqual([]);
  });
});

describe('signals-consumer', () => {
  /** What the mail service has taken. */
  const mails: { key: unknown; to: string; text: string }[] = [];
  let attempts = 0;
  let mailUrl: string;

  beforeAll(async () => {
    const port = await listen(async (incoming, outgoing) => {
      const mail = JSON.parse(await text(incoming));
      attempts++;
      const isBusy = attempts === 1;
      if (!isBusy) mails.push({ key: incoming.headers['idempotency-key'], ...mail });
      outgoing.writeHead(isBusy ? 503 : 202).end();
    });
    mailUrl = `http://localhost:${port}`;
  });

  const start = (group: string) =>
    runExample('signals-consumer/consumer.js', {
      KAFKA_BROKERS: stack.config.kafka.brokers.join(','),
      SIGNALS_TOPIC: stack.config.kafka.signalsTopic,
      SENT_FILE: join(stack.folder, 'sent-signals.txt'),
      GROUP_ID: `${stack.config.kafka.signalsTopic}-${group}`,
      MAIL_URL: mailUrl,
    });

  test('a cart left behind brings one message, whatever is repeated, aborted or started again', async () => {
    const { kafka } = stack.config;
    await stack.send('retail-write-key', [
      {
        id: 'cart-eva',
        name: 'add_to_cart',
        user_id: 'eva',
        timestamp: Date.now() - 2 * 3_600_000,
        items: [{ item_id: 'shoe-1', price: '59.90', quantity: 2 }],
      },
    ]);
    await userWith('retail-read-key', 'eva', 1);
    await stack.invoke('sweep');
    const [record] = await readMessages(kafka, kafka.signalsTopic, 1);
    const { partition, value, key } = record!;
    const signal = JSON.parse(String(value));

    const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
    const producer = closing(
      client.producer({ transactionalId: kafka.signalsTopic, maxInFlightRequests: 1, idempotent: true }),
      (one) => one.disconnect(),
    );
    await producer.connect();
    /** In one transaction, into the partition of Eva's signal: what is read is read in this order. */
    const write = async (end: 'commit' | 'abort', ...signals: object[]) => {
      const transaction = await producer.transaction();
      const messages = signals.map((one) => ({ key, value: JSON.stringify(one), partition }));
      await transaction.send({ topic: kafka.signalsTopic, messages });
      await transaction[end]();
    };
    const other = (user: string, changes = {}) => ({ ...signal, id: `signal-${user}`, user, ...changes });
    await write('abort', other('ghost'));
    await write(
      'commit',
      signal,
      other('yesterday', { published_at: new Date(Date.now() - 25 * 3_600_000).toISOString() }),
      other('other-type', { type: 'another' }),
      other('fay'),
    );

    const first = start('first');
    await waitFor('the message to Fay', () => mails.some(({ to }) => to === 'fay'));
    expect(await first.stop()).toBe(0);
    expect(attempts).toBe(3);
    expect(mails).toEqual([
      { key: signal.id, to: 'eva', text: 'You left something in your cart: 2 × shoe-1' },
      expect.objectContaining({ key: 'signal-fay', to: 'fay' }),
    ]);

    // Another group reads the topic from its beginning.
    await write('commit', other('gil'));
    const second = start('second');
    await waitFor('the message to Gil', () => mails.some(({ to }) => to === 'gil'));
    await second.stop();
    expect(mails.map(({ to }) => to)).toEqual(['eva', 'fay', 'gil']);
  });
});

describe('curl-session', () => {
  interface Overview {
    orders: number;
    total_events: number;
  }
  interface Funnel {
    steps: { step: number; event: string; count: number }[];
  }

  /** The funnel leaves out steps that the shop has never sent: sends those that the session sends. */
  async function sendSteps(kind: string): Promise<void> {
    const ordersNow = async () => (await stack.ask<Overview>('demo-read-key', '/v1/overview'))?.orders ?? 0;
    const orders = await ordersNow();
    const names = ['view_item', 'add_to_cart', 'begin_checkout', 'purchase'];
    await stack.send(
      'demo-write-key',
      names.map((name) => ({ name, user_id: `gus-${kind}` })),
    );
    await userWith('demo-read-key', `gus-${kind}`, names.length);
    await waitFor('the order of Gus', async () => (await ordersNow()) > orders);
  }

  // An old curl does not know the option.
  const hasCurl = spawnSync('curl', ['--fail-with-body', '--version']).status === 0;

  /** PATH with a folder in front that has our own program as `curl`. */
  async function withStandIn(): Promise<string> {
    const folder = join(stack.folder, 'bin');
    await mkdir(folder);
    const program = join(import.meta.dirname, 'curl-child.ts');
    const script = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
    await writeFile(join(folder, 'curl'), script, { mode: 0o755 });
    return folder + delimiter + process.env.PATH;
  }

  test.each(hasCurl ? ['curl', 'a stand-in'] : ['a stand-in'])(
    'with %s: events are sent, asked for, and one that was refused is counted',
    async (kind) => {
      const path = kind === 'curl' ? process.env.PATH : await withStandIn();
      await sendSteps(kind);
      const before = (await stack.ask<Overview>('demo-read-key', '/v1/overview'))!;
      const funnel = (await stack.ask<Funnel>('demo-read-key', '/v1/funnels/shop'))!;
      // An answer about today is kept for a second.
      await sleep(1_100);
      const { stdout } = await promisify(execFile)('sh', [join(examples, 'curl-session/session.sh')], {
        env: { ...process.env, PATH: path, FOOTFALL_URL: stack.url },
        timeout: 90_000,
      });
      const lines = stdout.split(/\r?\n/);
      const [sent, ana, overview, refused, letter, replayed, ben] = lines
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
      expect(sent).toMatchObject({ accepted: 4, refused: 0, dead_lettered: 0 });
      expect(ana.data).toMatchObject({ total_events: 4, orders: 1, money: [{ revenue: '119.80' }] });
      expect(overview.data).toMatchObject({ total_events: before.total_events + 4 });
      // The order's home counts the order a moment after the event; until then the answer says that it lacks something.
      if (overview.meta.complete) expect(overview.data.orders).toBe(before.orders + 1);
      await waitFor('both orders', async () => {
        const now = await stack.ask<Overview>('demo-read-key', '/v1/overview');
        // The one that was too late is replayed by now, and counts as well.
        return (now?.orders ?? 0) >= before.orders + 2;
      });
      const steps = lines.filter((line) => /^\d,/.test(line)).map((line) => line.split(',').slice(0, 4));
      expect(steps).toEqual(
        funnel.steps.map(({ step, event, count }) => [String(step), event, '', String(count + 1)]),
      );
      expect(refused).toMatchObject({ accepted: 0, dead_lettered: 1, events: [{ status: 'dead_lettered' }] });
      expect(letter.data).toMatchObject({
        status: 'open',
        reason: 'too_late',
        site: 'demo',
        name: 'purchase',
      });
      expect(replayed.data).toEqual({ replayed: 1, already: [], refused: [], remaining: 0 });
      expect(ben.data).toMatchObject({ total_events: 1, orders: 1, money: [{ revenue: '59.90' }] });
      const id = ben.data.user_id.replace('ben', 'late');
      expect(JSON.parse(letter.data.text).id).toBe(id);
    },
  );
});
