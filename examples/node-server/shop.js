import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { send } from './footfall.js';

/** A shop's server: it stores an order, answers the customer, and tells Footfall afterwards. */

/** @typedef {{ id: string, user: string, lines: { sku: string, price: string, quantity: number }[] }} Order */

/** Stands in for the shop's database. @type {Map<string, Order>} */
const orders = new Map();

/** @param {Order} order */
const purchase = ({ id, user, lines }) => ({
  // The same order always has the same id. A random one would count again after a restart.
  id: `purchase-${id}`,
  name: 'purchase',
  // When it happened. Without it, an event that is sent late counts on the day when it comes in.
  timestamp: new Date().toISOString(),
  user_id: user,
  transaction_id: id,
  currency: 'EUR',
  // Prices as text stay exact.
  items: lines.map(({ sku, price, quantity }) => ({ item_id: sku, price, quantity })),
});

/** Without items and value, a refund is of the whole order. @param {Order} order */
const refund = ({ id, user }) => ({
  id: `refund-${id}`,
  name: 'refund',
  timestamp: new Date().toISOString(),
  user_id: user,
  transaction_id: id,
});

/** The customer does not wait for this, and nothing that happens here fails an order. */
async function tell(event) {
  try {
    const [verdict] = await send([event]);
    console.log(event.id, verdict.status, verdict.errors ?? '');
  } catch (error) {
    // In a real shop: keep the event in a table and send it again later. Its id stays the same.
    console.error(event.id, error.message);
  }
}

async function handle(request, response) {
  const answer = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const [, path, id, action] = request.url.split('/');
  if (request.method === 'POST' && path === 'orders' && !id) {
    const order = JSON.parse(await text(request));
    orders.set(order.id, order);
    answer(201, { id: order.id });
    await tell(purchase(order));
  } else if (request.method === 'POST' && action === 'refund' && orders.has(id)) {
    answer(200, { id });
    await tell(refund(orders.get(id)));
  } else {
    answer(404, { error: 'not found' });
  }
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => response.writeHead(400).end(error.message));
});
const port = Number(process.env.PORT ?? 8080);
server.listen(port, () => console.log('The shop listens on', server.address()));
