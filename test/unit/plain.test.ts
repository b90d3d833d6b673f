import type { FootfallEvent } from '../../shared/event/event.ts';
import { translate } from '../../shared/intake/plain-event.ts';
import { siteSchema } from '../../shared/sites/site.ts';

const HOUR = 3_600_000;
const received = Date.parse('2026-03-10T12:00:00Z');
const site = siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR', retention_days: 400 });
const translated = (input: unknown) => translate(input, site, received, () => 'made-here');

function eventOf(input: unknown): FootfallEvent {
  const result = translated(input);
  if (!('event' in result) || result.deadLetter) throw new Error(JSON.stringify(result));
  return result.event;
}

function refusalsOf(input: unknown) {
  const result = translated(input);
  if (!('refusals' in result)) throw new Error(`Accepted: ${JSON.stringify(result.event)}`);
  return result.refusals;
}

const view = (fields: object = {}) => ({ name: 'view_item', user_id: 'ada', ...fields });
const price = (amount: unknown, currency = 'EUR', quantity = 1) =>
  eventOf(view({ currency, items: [{ item_id: 'x', price: amount, quantity }] })).items![0]!.amount;

describe('a plain event', () => {
  test('becomes a canonical event without further fields', () => {
    expect(eventOf(view())).toEqual({
      v: 1,
      id: 'made-here',
      site: 'shop',
      user: 'ada',
      known: true,
      name: 'view_item',
      ts: received,
      received,
    });
  });

  test('keeps all canonical fields', () => {
    const plain = {
      id: 'e-1',
      name: 'purchase',
      user_id: 'ada',
      anonymous_id: 'cookie',
      timestamp: '2026-03-10T12:30:00+01:00',
      items: [
        {
          item_id: 'tea',
          item_name: 'Tea',
          item_brand: 'B',
          item_category: 'C',
          price: '10.00',
          quantity: 2,
        },
      ],
      currency: 'USD',
      value: 21.5,
      transaction_id: 'o-1',
      country: 'ES',
      page: '/thanks',
      referrer: 'https://pay.example/done?x=1',
      source: 'newsletter',
      medium: 'email',
      campaign: 'spring',
      device: 'mobile',
      browser: 'Safari',
      os: 'iOS',
      search_term: 'té',
      properties: { gift: true, note: '', nothing: null, weight: 0.1 },
      unknown: 'ignored',
    };
    expect(eventOf(plain)).toEqual({
      v: 1,
      id: 'e-1',
      site: 'shop',
      user: 'ada',
      known: true,
      name: 'purchase',
      ts: Date.parse('2026-03-10T11:30:00Z'),
      received,
      items: [{ id: 'tea', name: 'Tea', brand: 'B', category: 'C', quantity: 2, amount: 2_000 }],
      currency: 'USD',
      value: 2_150,
      transaction_id: 'o-1',
      country: 'ES',
      page: '/thanks',
      referrer: 'https://pay.example/done?x=1',
      source: 'newsletter',
      medium: 'email',
      campaign: 'spring',
      device: 'mobile',
      browser: 'Safari',
      os: 'iOS',
      search_term: 'té',
      props: { gift: true, weight: 0.1 },
    });
  });

  test('belongs to the anonymous id, as not known, when it has no user id', () => {
    const event = eventOf({ name: 'view_item', anonymous_id: 'cookie' });
    expect([event.user, event.known]).toEqual(['cookie', undefined]);
  });

  test.each([
    [7, '7'],
    [-3, '-3'],
    [9007199254740991, '9007199254740991'],
  ])('takes the whole number %s as an id', (number, text) => {
    const event = eventOf({ ...view(), id: number, user_id: number, items: [{ item_id: number }] });
    expect([event.id, event.user, event.items![0]!.id]).toEqual([text, text, text]);
  });

  test.each([[1.5], [2 ** 53], [true], [[]], [{}], ['x'.repeat(257)]])(
    'refuses %j as a user id',
    (user_id) => {
      expect(refusalsOf(view({ user_id }))).toEqual([
        { code: 'invalid_event', path: 'user_id', message: expect.stringContaining('characters') },
      ]);
    },
  );

  test.each([':{}*?', '😀', 'a\0b', '__proto__', 'constructor', 'toString', '\u202e', '{p1}:head'])(
    'takes %j as any id',
    (id) => {
      const event = eventOf({ ...view(), id, user_id: id, transaction_id: id, items: [{ item_id: id }] });
      expect([event.id, event.user, event.transaction_id, event.items![0]!.id]).toEqual([id, id, id, id]);
    },
  );

  test('refuses an id that cannot be in a URL', () => {
    for (const id of ['.', '..']) {
      expect(refusalsOf({ name: 'view_item', anonymous_id: id })[0]).toMatchObject({ path: 'anonymous_id' });
      expect(refusalsOf(view({ user_id: id }))[0]).toMatchObject({ path: 'user_id' });
    }
    expect(eventOf(view({ user_id: '...' })).user).toBe('...');
  });

  test('refuses half a surrogate pair, which has no UTF-8, in an id', () => {
    const half = '\ud83d';
    for (const [path, input] of [
      ['user_id', view({ user_id: half })],
      ['id', view({ id: half })],
      ['items[0].item_id', view({ items: [{ item_id: half }] })],
    ] as const) {
      expect(refusalsOf(input)).toEqual([{ code: 'invalid_event', path, message: expect.any(String) }]);
    }
    const event = eventOf(
      view({ page: half, items: [{ item_id: 'x', item_name: half }], properties: { note: half } }),
    );
    expect([event.page, event.items![0]!.name, event.props]).toEqual([
      '\ufffd',
      '\ufffd',
      { note: '\ufffd' },
    ]);
  });

  test('gets a path and a reason for everything that is wrong', () => {
    const input = {
      name: '1st',
      country: 'Spain',
      currency: 'DOLLAR',
      items: [{ item_id: 'a' }, { price: -1, quantity: 'half' }],
    };
    expect([...new Set(refusalsOf(input).map(({ path }) => path))].sort()).toEqual([
      'currency',
      'items[1].item_id',
      'items[1].quantity',
      'name',
    ]);
    expect(refusalsOf(view({ items: [{ item_id: 'a' }, { item_id: 'b', price: -1 }] }))).toMatchObject([
      { code: 'invalid_event', path: 'items[1].price' },
    ]);
    expect(refusalsOf({ name: 'view_item' })).toEqual([
      {
        code: 'invalid_event',
        path: 'user_id',
        message: expect.stringContaining('user_id or anonymous_id is required'),
      },
    ]);
    for (const nothing of [null, undefined, 7, 'text', [], true]) {
      expect(refusalsOf(nothing)[0]).toMatchObject({ code: 'invalid_event' });
    }
  });

  test('keeps its properties apart from the prototype', () => {
    const event = eventOf(view({ properties: JSON.parse('{"__proto__": "x", "constructor": "y"}') }));
    expect(event.props).toEqual(expect.objectContaining({ constructor: 'y' }));
    expect(Object.getPrototypeOf(event.props)).not.toBe('x');
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test.each([
    ['referrer', 2_000],
    ['source', 200],
    ['medium', 200],
    ['campaign', 200],
    ['device', 100],
    ['browser', 100],
    ['os', 100],
  ] as const)('has a %s of 1 to %i characters', (field, most) => {
    expect(eventOf(view({ [field]: 'x'.repeat(most) }))[field]).toHaveLength(most);
    expect(eventOf(view({ [field]: '' }))[field]).toBeUndefined();
    expect(eventOf(view({ [field]: 'x'.repeat(most + 1) }))[field]).toHaveLength(most);
    expect(eventOf(view({ [field]: 7 }))[field]).toBe('7');
    for (const bad of [{}, [], true]) expect(eventOf(view({ [field]: bad }))[field]).toBeUndefined();
  });

  test('has at most 50 properties', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, i]));
    expect(eventOf(view({ properties: many(50) })).props).toEqual(many(50));
    expect(eventOf(view({ properties: many(51) })).props).toEqual(many(50));
  });
});

describe('an identify', () => {
  const identify = (ids: object) => {
    const { user, known, identifies } = eventOf({ name: 'identify', ...ids });
    return { user, known, identifies };
  };

  test('with both ids belongs to the visitor, and names the user', () => {
    expect(eventOf({ name: 'identify', anonymous_id: 'cookie', user_id: 'ada' })).toEqual({
      v: 1,
      id: 'made-here',
      site: 'shop',
      user: 'cookie',
      identifies: 'ada',
      name: 'identify',
      ts: received,
      received,
    });
    expect(identify({ anonymous_id: 12, user_id: 7 })).toEqual({ user: '12', identifies: '7' });
  });

  test('with one id, or the same id twice, is an ordinary event', () => {
    expect(identify({ user_id: 'ada' })).toEqual({ user: 'ada', known: true });
    expect(identify({ anonymous_id: 'cookie' })).toEqual({ user: 'cookie' });
    expect(identify({ anonymous_id: 'ada', user_id: 'ada' })).toEqual({ user: 'ada', known: true });
    expect(identify({ anonymous_id: '7', user_id: 7 })).toEqual({ user: '7', known: true });
  });

  test('is the only event with both ids that belongs to the visitor', () => {
    for (const name of ['view_item', 'login', 'Identify', 'identify_']) {
      const { user, known, identifies } = eventOf({ name, anonymous_id: 'cookie', user_id: 'ada' });
      expect({ user, known, identifies }).toEqual({ user: 'ada', known: true });
    }
  });

  test('is refused with the path of the wrong id', () => {
    const bad = { name: 'identify', anonymous_id: 'x'.repeat(257), user_id: '\ud83d' };
    expect(
      refusalsOf(bad)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['anonymous_id', 'user_id']);
  });
});

describe('time', () => {
  test.each([
    ['2026-03-10T11:59:59Z'],
    ['2026-03-10T12:59:59+01:00'],
    ['2026-03-10T11:59:59.000000000Z'],
    [Date.parse('2026-03-10T11:59:59Z')],
    [Date.parse('2026-03-10T11:59:59Z') / 1_000],
  ])('%s is the same instant', (timestamp) => {
    expect(eventOf(view({ timestamp })).ts).toBe(Date.parse('2026-03-10T11:59:59Z'));
  });

  test('seconds keep their fraction, to the millisecond', () => {
    expect(eventOf(view({ timestamp: 1_773_143_999.1235 })).ts).toBe(1_773_143_999_124);
  });

  test.each([
    ['yesterday'],
    ['2026-03-10'],
    ['2026-03-10T11:59:59'],
    ['2026-02-30T00:00:00Z'],
    [-1],
    [1e300],
    [true],
    ['2026-03-10T11:59:59+25:00'],
    ['2026-03-10T24:00:00Z'],
    ['99'],
  ])('%j is not a time', (timestamp) => {
    expect(refusalsOf(view({ timestamp }))).toEqual([
      { code: 'invalid_event', path: 'timestamp', message: expect.stringContaining('ISO 8601') },
    ]);
  });

  test('a time more than ten minutes ahead is replaced by the time of receipt', () => {
    expect(eventOf(view({ timestamp: received + 600_000 }))).toMatchObject({ ts: received + 600_000 });
    expect(eventOf(view({ timestamp: received + 600_000 })).clamped).toBeUndefined();
    expect(eventOf(view({ timestamp: received + 600_001 }))).toMatchObject({ ts: received, clamped: true });
    const far = translated(view({ timestamp: '9999-12-31T23:59:59Z' }));
    expect(far).toMatchObject({
      event: { ts: received, clamped: true },
      warnings: [{ code: 'clamped', path: 'timestamp', message: expect.stringContaining('9999-12-31') }],
    });
  });

  test('more than 72 hours is too late, except for history', () => {
    expect(eventOf(view({ timestamp: received - 72 * HOUR })).ts).toBe(received - 72 * HOUR);
    const late = view({ timestamp: received - 72 * HOUR - 1 });
    expect(translated(late)).toEqual({
      event: expect.objectContaining({ ts: received - 72 * HOUR - 1, received }),
      deadLetter: { code: 'too_late', path: 'timestamp', message: expect.stringContaining('72 hours') },
    });
    expect(eventOf({ ...late, backfill: true })).toMatchObject({ backfill: true });
  });

  test('a late event is still refused for what a record must not have', () => {
    for (const timestamp of ['0001-01-01T00:00:00Z', '1900-01-01T23:59:59Z']) {
      expect(refusalsOf(view({ timestamp }))).toEqual([
        { code: 'invalid_event', path: 'timestamp', message: expect.stringContaining('1900') },
      ]);
    }
    expect(translated(view({ timestamp: '1900-01-02T00:00:00Z' }))).toHaveProperty('deadLetter');
  });

  test('history beyond the retention of the site is refused', () => {
    const at = (days: number) => view({ timestamp: received - days * 24 * HOUR, backfill: true });
    expect(eventOf(at(400)).ts).toBe(received - 400 * 24 * HOUR);
    expect(refusalsOf(at(401))).toEqual([
      { code: 'beyond_retention', path: 'timestamp', message: expect.stringContaining('400 days') },
    ]);
  });
});

describe('money', () => {
  test.each([
    [12.5, 'EUR', 1, 1_250],
    ['12.50', 'EUR', 3, 3_750],
    [0.1 + 0.2, 'EUR', 1, 30],
    [1.005, 'EUR', 1, 101],
    [0.333, 'EUR', 3, 100],
    [1_250, 'JPY', 2, 2_500],
    [12.5, 'JPY', 1, 13],
    ['1.2345', 'KWD', 1, 1_235],
    [0, 'EUR', 5, 0],
    [1e-7, 'EUR', 1, 0],
  ])('%s %s × %s is %s in minor units', (amount, currency, quantity, minor) => {
    expect(price(amount, currency, quantity)).toBe(minor);
  });

  test('is in the currency of the event or of the site; an event without money has no currency', () => {
    expect(eventOf(view({ value: 1 }))).toMatchObject({ currency: 'EUR', value: 100 });
    expect(eventOf(view({ value: 1, currency: 'JPY' }))).toMatchObject({ currency: 'JPY', value: 1 });
    expect(eventOf(view({ items: [{ item_id: 'x' }] })).currency).toBeUndefined();
  });

  test.each([[-1], ['-1'], ['12,50'], ['1e3'], ['NaN'], [Number.NaN], [{}], [true], ['٣']])(
    '%j is not a price',
    (amount) => {
      expect(refusalsOf(view({ value: amount }))).toEqual([
        { code: 'invalid_event', path: 'value', message: expect.stringContaining('0 or more') },
      ]);
    },
  );

  test.each([[1e308], [1.8e16], ['999999999999999'], [10_000_000_000.01]])(
    '%s is too much, and it says where',
    (amount) => {
      const bad = { code: 'bad_amount', message: expect.stringContaining('too large') };
      expect(refusalsOf(view({ value: amount }))).toEqual([{ ...bad, path: 'value' }]);
      const items = [
        { item_id: 'a', price: 1 },
        { item_id: 'b', price: amount },
      ];
      expect(refusalsOf(view({ items }))).toEqual([{ ...bad, path: 'items[1].price' }]);
    },
  );

  test('is at most ten thousand million, also for an item', () => {
    expect(price('10000000000.00')).toBe(1e12);
    expect(refusalsOf(view({ items: [{ item_id: 'x', price: 10_001, quantity: 1_000_000 }] }))).toEqual([
      { code: 'bad_amount', path: 'items[0].price', message: expect.stringContaining('10000000000.00 EUR') },
    ]);
  });
});

describe('the id of an order', () => {
  const orderId = (transaction_id: string, more = {}) =>
    eventOf({ name: 'purchase', user_id: 'ada', transaction_id, ...more }).id;

  test('is its transaction, so a retry without an id counts once', () => {
    expect(orderId('o-1')).toBe('purchase:o-1');
    expect(orderId('o-1', { id: 'mine' })).toBe('mine');
    expect(eventOf({ name: 'refund', user_id: 'ada', transaction_id: 'o-1' }).id).toBe('made-here');
  });

  test('differs for long transactions that differ only at the end', () => {
    const long = 'x'.repeat(127);
    expect(orderId(`${long}1`)).not.toBe(orderId(`${long}2`));
    expect(orderId(`${long}1`)).toBe(orderId(`${long}1`));
    expect(orderId(`${long}1`).length).toBeLessThanOrEqual(128);
  });
});

describe("the original program's event", () => {
  const original = {
    user_id: 12,
    site_id: 3,
    site_name: 'My shop',
    interaction_type: 'click',
    product_id: 77,
    timestamp: 1_773_143_999.5,
  };

  test('is accepted', () => {
    expect(eventOf(original)).toEqual({
      v: 1,
      id: 'made-here',
      site: 'shop',
      user: '12',
      known: true,
      name: 'select_item',
      ts: 1_773_143_999_500,
      received,
      items: [{ id: '77', quantity: 1 }],
      props: { site_id: '3', site_name: 'My shop' },
    });
  });

  test.each([
    ['view', 'view_item'],
    ['purchase', 'purchase'],
    ['click', 'select_item'],
  ])('%s is %s', (type, name) => {
    expect(eventOf({ ...original, interaction_type: type }).name).toBe(name);
  });

  test('is refused with a reason when it is not valid', () => {
    expect(refusalsOf({ ...original, interaction_type: 'stare' })[0]).toMatchObject({
      path: 'interaction_type',
    });
    expect(refusalsOf({ ...original, product_id: undefined })[0]).toMatchObject({ path: 'product_id' });
    expect(translated({ ...original, timestamp: 0 })).toMatchObject({ deadLetter: { code: 'too_late' } });
  });
});
