import { hit, measure, plain, published, segment } from '../support/ways-in.ts';

/** What events say of the visit that they belong to, in every way in. */

const visitOf = () => {
  const { server, session_id, engaged_ms } = published.at(-1)!;
  return { server, session_id, engaged_ms };
};

describe('the visit that an event names', () => {
  const VISIT = { server: undefined, session_id: '1700000001', engaged_ms: 2_100 };

  test.each<[unknown, unknown]>([
    ['1700000001', 2_100],
    [1_700_000_001, '2100'],
    ['1700000001', 2_099.6],
  ])('session_id %j and engagement_time_msec %j, plain and in the Measurement Protocol', async (id, time) => {
    const said = { session_id: id, engagement_time_msec: time };
    await plain({ name: 'page_view', anonymous_id: 'a', ...said });
    expect(visitOf()).toEqual(VISIT);
    await measure({ client_id: 'a', events: [{ name: 'page_view', params: said }] });
    expect(visitOf()).toEqual(VISIT);
    expect(published.at(-1)).not.toHaveProperty('props');
  });

  test('gtag.js', async () => {
    await hit('cid=a&en=user_engagement&sid=1700000001&sct=1&seg=0&_et=2100');
    expect(visitOf()).toEqual(VISIT);
    await hit('cid=a&en=user_engagement&ep.session_id=1700000001&epn.engagement_time_msec=2100');
    expect(visitOf()).toEqual(VISIT);
    expect(published.at(-1)).not.toHaveProperty('props');
  });

  test.each<object>([
    { context: { sessionId: 1_700_000_001 } },
    { context: { session_id: '1700000001' } },
    { properties: { session_id: '1700000001' } },
    { properties: { sessionId: 1_700_000_001 } },
    { integrations: { 'Actions Amplitude': { session_id: 1_700_000_001 } } },
    { integrations: { 'Actions Amplitude': { session_id: -1 } }, context: { sessionId: '1700000001' } },
  ])('Segment: %j', async (said) => {
    await segment('track', { anonymousId: 'a', event: 'Product Viewed', ...said });
    expect(visitOf()).toEqual({ ...VISIT, engaged_ms: undefined });
    expect(published.at(-1)).not.toHaveProperty('props');
    await segment('page', { anonymousId: 'a', ...said });
    expect(visitOf()).toMatchObject({ session_id: '1700000001' });
  });

  test('placeholders and what is empty name no visit', async () => {
    for (const session_id of ['undefined', 'null', '', 0, null]) {
      expect((await plain({ name: 'page_view', anonymous_id: 'a', session_id })).status).toBe(202);
      expect(visitOf().session_id).toBeUndefined();
    }
  });

  test('an event is not lost for a time that cannot be right', async () => {
    for (const time of [-5, 'soon', 1e12]) {
      expect((await hit(`cid=a&en=page_view&_et=${time}`)).status).toBe(204);
      expect(visitOf().engaged_ms).toBeUndefined();
      await plain({ name: 'page_view', anonymous_id: 'a', engagement_time_msec: time });
      expect(visitOf().engaged_ms).toBeUndefined();
    }
  });
});

describe('events of servers', () => {
  const isServer = () => published.at(-1)!.server === true;

  test.each<[unknown, boolean]>([
    [true, true],
    ['true', true],
    [false, false],
    ['', false],
    [undefined, false],
  ])('plain, server %j: %j', async (server, expected) => {
    await plain({ name: 'purchase', user_id: 'ana', transaction_id: 'T-1', value: 5, server });
    expect(isServer()).toBe(expected);
  });

  test.each<[string, boolean]>([
    ['analytics-node', true],
    ['@segment/analytics-node', true],
    ['analytics-python', true],
    ['analytics-ruby', true],
    ['analytics-php', true],
    ['analytics-java', true],
    ['analytics-go', true],
    ['Analytics.NET', true],
    ['@rudderstack/rudder-sdk-node', true],
    ['analytics.js', false],
    ['@segment/analytics-next', false],
    ['analytics-react-native', false],
    ['analytics-kotlin', false],
    ['analytics-ios', false],
    ['RudderLabs JavaScript SDK', false],
    ['http', false],
  ])("Segment's library %s is a server's: %j", async (name, expected) => {
    await segment('track', {
      userId: 'ana',
      event: 'Order Completed',
      properties: { order_id: 'T-1', total: 5 },
      context: { library: { name } },
    });
    expect(isServer()).toBe(expected);
  });

  test.each<[string, object, boolean]>([
    ['track', { channel: 'server' }, true],
    ['track', { channel: 'web', context: { library: { name: 'analytics-node' } } }, false],
    ['identify', { channel: 'server' }, true],
    ['page', { channel: 'server' }, false],
    ['screen', { context: { library: { name: 'analytics-python' } } }, false],
  ])("Segment's call %s with %j is a server's: %j", async (type, said, expected) => {
    await segment(type, { userId: 'ana', event: 'Signed Up', name: 'Tea', ...said });
    expect(isServer()).toBe(expected);
  });

  test.each<[string, object, boolean]>([
    ['page_view', {}, false],
    ['screen_view', { screen_name: 'Tea' }, false],
    ['view_item', {}, true],
    ['view_item', { session_id: '17', engagement_time_msec: 100 }, true],
    ['view_item', { page_location: 'https://shop.example/tea' }, false],
    ['add_to_cart', { screen_name: 'Tea' }, false],
    ['purchase', { transaction_id: 'T-1', value: 5 }, true],
    ['purchase', { transaction_id: 'T-1', value: 5, page_location: 'https://shop.example/thanks' }, true],
  ])("the Measurement Protocol's %s with %j is a server's: %j", async (name, params, expected) => {
    expect((await measure({ client_id: 'a', events: [{ name, params }] })).status).toBe(204);
    expect(isServer()).toBe(expected);
  });

  test('a refund is never marked: it belongs to no visit, whoever sends it', async () => {
    const refund = { transaction_id: 'T-1' };
    await plain({ name: 'refund', user_id: 'ana', server: true, ...refund });
    expect(isServer()).toBe(false);
    await measure({ client_id: 'a', events: [{ name: 'refund', params: refund }] });
    expect(isServer()).toBe(false);
    await segment('track', {
      userId: 'ana',
      channel: 'server',
      event: 'Order Refunded',
      properties: { order_id: 'T-1' },
    });
    expect(isServer()).toBe(false);
  });

  test('gtag.js runs in browsers', async () => {
    await hit('cid=a&en=purchase&ep.transaction_id=T-1&epn.value=5');
    expect(isServer()).toBe(false);
  });
});
