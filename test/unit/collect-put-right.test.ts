import { ask } from '../support/http.ts';
import { handler, hit, measure, plain, published, segment } from '../support/ways-in.ts';

/** What collect makes of lists, numbers, user agents and ids that are not as they should be. */

describe('lists', () => {
  const numbered = <T>(...values: T[]) =>
    Object.fromEntries(values.map((value, index) => [index * 2, value]));

  test('may come as objects with numbered keys', async () => {
    const items = numbered({ item_id: 'a', price: 1 }, { item_id: 'b', price: 2 });
    const products = numbered({ product_id: 'a', price: 1 }, { product_id: 'b', price: 2 });
    await plain({ events: numbered({ name: 'purchase', user_id: 'ada', items }) });
    await segment('batch', {
      batch: numbered({ type: 'track', event: 'Order Completed', userId: 'ada', properties: { products } }),
    });
    await measure({ client_id: 'c', events: numbered({ name: 'purchase', params: { items } }) });
    expect(published.map((event) => event.items?.map(({ id, amount }) => [id, amount]))).toEqual(
      Array(3).fill([
        ['a', 100],
        ['b', 200],
      ]),
    );
  });

  test('of 2,000 lines may come so, too', async () => {
    const items = numbered(...Array.from({ length: 2_000 }, (_, n) => ({ item_id: `P${n}` })));
    expect((await plain({ name: 'purchase', user_id: 'ada', items })).status).toBe(202);
    expect(published[0]!.items!.at(-1)!.id).toBe('P1999');
  });
});

describe('NaN and Infinity, as Python writes them', () => {
  const view = '{"name":"view_item","user_id":"ada","page":"NaN, Infinity \\"NaN"}';

  test('refuse their event with the path; the others of the request are taken', async () => {
    const { status, body } = await plain(
      `{"events":[${view},{"name":"purchase","user_id":"ada","items":[{"item_id":"a","price":NaN}]},
        {"name":"purchase","user_id":"ada","value":-Infinity},{"name":"x","user_id":"ada","properties":{"a":NaN}},${view}]}`,
    );
    expect([status, body.accepted, body.refused]).toEqual([202, 2, 3]);
    expect(body.events.map(({ errors }) => errors?.[0]?.path)).toEqual([
      undefined,
      'events[1].items[0].price',
      'events[2].value',
      'events[3].properties.a',
      undefined,
    ]);
    expect(published.map(({ page }) => page)).toEqual(Array(2).fill('NaN, Infinity "NaN'));
  });

  test('also in Segment and the Measurement Protocol', async () => {
    const track = (value: string) =>
      `{"type":"track","userId":"ada","event":"Order Completed","properties":{"total":${value}}}`;
    const batch = await segment('batch', `{"batch":[${track('NaN')},${track('5')}]}`);
    expect(batch.body).toMatchObject({ accepted: 1, refused: 1 });
    expect(batch.body.events[0]!.errors![0]!.path).toBe('batch[0].properties.total');
    const event = (value: string) => `{"name":"purchase","params":{"value":${value}}}`;
    const measured = await measure(`{"client_id":"c","events":[${event('Infinity')},${event('5')}]}`);
    expect(measured.body).toMatchObject({ accepted: 1, refused: 1 });
    expect(measured.body.events[0]!.errors![0]!.path).toBe('events[0].params.value');
  });
});

describe('bots', () => {
  test.each([
    'unknown',
    '-',
    'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'Shopify-Captain-Hook',
    'GuzzleHttp/7',
    'Googlebot/2.1',
  ])('an order with the user agent %s is not a bot’s', async (userAgent) => {
    const event = { name: 'purchase', params: { value: 10 } };
    await plain({ name: 'purchase', user_id: 'ada', value: 10, user_agent: userAgent });
    await plain({ name: 'refund', user_id: 'ada', value: 10, user_agent: userAgent });
    await segment('track', { userId: 'ada', event: 'Order Completed', context: { userAgent } });
    await measure({ client_id: 'c', user_agent: userAgent, events: [event] });
    await ask(handler, 'GET', '/g/collect?tid=G-SHOP1&cid=c&en=purchase&epn.value=10', {
      headers: { 'user-agent': userAgent },
    });
    expect(published.map(({ bot }) => bot)).toEqual(Array(5).fill(undefined));
  });

  test.each(['unknown', '-', 'null', ''])(
    'the user agent %p says nothing of any event',
    async (user_agent) => {
      await plain({ name: 'page_view', user_id: 'ada', user_agent });
      expect(published).toMatchObject([{ name: 'page_view' }]);
      expect(published[0]).not.toHaveProperty('bot');
    },
  );

  test('a view of a bot is still a bot’s', async () => {
    await plain({ name: 'page_view', user_id: 'ada', user_agent: 'Googlebot/2.1' });
    expect(published).toMatchObject([{ bot: 'Googlebot' }]);
  });
});

describe('identify', () => {
  test.each([
    ['undefined'],
    ['null'],
    ['[object Object]'],
    [0],
    ['00000000-0000-0000-0000-000000000000'],
    [''],
  ])('with the user %p counts under the visitor, by whatever call', async (id) => {
    await plain({ name: 'identify', anonymous_id: 'v-1', user_id: id });
    await segment('identify', { anonymousId: 'v-1', userId: id });
    if (id !== '') await segment('alias', { previousId: 'v-1', userId: id });
    await measure({ client_id: 'v-1', user_id: id, events: [{ name: 'identify' }] });
    await hit(`en=identify&cid=v-1&uid=${encodeURIComponent(id)}`);
    for (const event of published) {
      expect(event.user).toBe('v-1');
      expect(event).not.toHaveProperty('identifies');
      expect(event).not.toHaveProperty('known');
    }
    expect(published.length).toBeGreaterThan(3);
  });
});

describe('messages', () => {
  test('are in words', async () => {
    const wrong = {
      events: [
        {},
        { name: 7, user_id: {}, page: 5, properties: { a: {} }, items: [7, {}], backfill: 'maybe' },
        { name: '?', user_id: 'x'.repeat(300), currency: 'gold', timestamp: 'soon', items: 'none' },
        null,
        7,
      ],
    };
    const { body } = await plain(wrong);
    const messages = body.errors!.map(({ message }) => message);
    expect(messages.length).toBeGreaterThan(12);
    for (const message of messages) {
      expect(message).not.toMatch(/expected|received|invalid (input|string)|undefined$|union|regex/i);
      expect(message).toMatch(/must|is missing|required/);
    }
  });

  test.each([
    ['{"a":1,}', 'line 1, column 8'],
    ['{"a":\n  nope}', 'line 2, column 3'],
    ['{"a":NaN', 'line 1, column 9'],
    ['[1 2]', 'line 1, column 4'],
    ["{'a':1}", 'line 1, column 2'],
    ['{"a" 1}', 'line 1, column 6'],
    ['{"a":1]', 'line 1, column 7'],
    ['{"a":01}', 'line 1, column 6'],
    ['{"a":NaN}x', 'line 1, column 10'],
    ['{"a":"b\n"}', 'line 1, column 6'],
  ])('say where %j breaks', async (text, place) => {
    expect((await plain(text)).body.detail).toContain(place);
  });
});
