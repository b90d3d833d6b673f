import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBatches, surveyFile } from '../../cli/import/batches.ts';
import { type ImportFlags, planImport, readFlags } from '../../cli/import/plan.ts';
import type { FootfallEvent, Item } from '../../shared/event/event.ts';
import { KEPT_FIELDS, KEPT_ITEM_FIELDS } from '../../shared/event/kept-fields.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { expectStorable, openCollecting } from '../support/collecting.ts';
import { ask } from '../support/http.ts';

/** Each field that is kept and not counted, through each way in. */

const sites = new Sites([
  siteSchema.parse({
    id: 'shop',
    currency: 'EUR',
    measurement_ids: ['G-SHOP1'],
    retention_days: 9000,
    keys: [storedKey('write', 'a-write-key', 0)],
  }),
]);
const { handler, published } = openCollecting(sites);

interface Body {
  events?: { status: string; warnings?: { code: string; path: string; message: string }[] }[];
}
const bearer = { authorization: 'Bearer a-write-key' };

const plain = (event: object) =>
  ask<Body>(handler, 'POST', '/v1/events', {
    headers: bearer,
    body: JSON.stringify({ anonymous_id: 'v-1', ...event }),
  });
const segment = (event: string, properties: object) =>
  ask<Body>(handler, 'POST', '/v1/track', {
    headers: bearer,
    body: JSON.stringify({ anonymousId: 'v-1', event, properties }),
  });
const measurement = (name: string, params: object) =>
  ask<Body>(handler, 'POST', '/mp/collect?measurement_id=G-SHOP1&api_secret=a-write-key', {
    body: JSON.stringify({ client_id: 'v-1', events: [{ name, params }] }),
  });
const gtag = (query: string) => ask(handler, 'GET', `/g/collect?tid=G-SHOP1&v=2&cid=v-1&${query}`);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-kept-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function imported(file: string, flags: Partial<ImportFlags>) {
  const plan = planImport(readFlags({ site: 'shop', ...flags }), sites);
  const survey = await surveyFile(file, plan, Date.UTC(2026, 0, 15));
  const events: FootfallEvent[] = [];
  const rejects: string[] = [];
  const notes: { line: number; note: string }[] = [];
  for await (const batch of readBatches(file, plan, survey)) {
    events.push(...batch.events);
    rejects.push(...batch.rejects.map(({ reason }) => reason));
    notes.push(...batch.notes);
  }
  return { events, rejects, notes };
}
const importedText = (text: string, flags: Partial<ImportFlags>) => {
  const file = join(folder, 'shop.csv');
  writeFileSync(file, text);
  return imported(file, flags);
};
const ofGa4File = async (name: string) => {
  const file = join(import.meta.dirname, '../fixtures/imports/kept-fields-ga4.ndjson');
  const { events } = await imported(file, { preset: 'ga4-bigquery' });
  return events.find((event) => event.name === name)!;
};
/** The one event that was published. */
const sent = async (answer: Promise<{ status: number }>) => {
  expect((await answer).status).toBeLessThan(300);
  expect(published).toHaveLength(1);
  expectStorable(published[0]!);
  return published[0]!;
};

/** What an item says of itself, in GA4's names. */
const ITEM = {
  item_id: 'TEA',
  item_variant: '100 g',
  item_category: 'Drinks',
  item_category2: 'Tea',
  item_category3: 'Green',
  item_category4: 'Sencha',
  item_category5: 'Uji',
  coupon: 'TEN',
  discount: 1.25,
  index: 3,
  item_list_id: 'hot-7',
  item_list_name: 'Hot here',
  promotion_id: 'P-7',
  promotion_name: 'Tea week',
  creative_name: 'leaf',
  creative_slot: 'left',
  affiliation: 'Branch 7',
  location_id: 'L-7',
  price: 10.5,
  quantity: 2,
};
const { item_variant: variant, index: position, item_category: category, ...others } = ITEM;
const PRODUCT = { ...others, product_id: 'TEA', variant, position, category };
const LIST = { item_list_id: 'hot', item_list_name: 'Hot now' };
const PROMOTION = {
  promotion_id: 'P-1',
  promotion_name: 'Spring',
  creative_name: 'banner',
  creative_slot: 'top',
  location_id: 'L-1',
};
const ORDER = {
  transaction_id: 'o-1',
  currency: 'EUR',
  value: 21,
  tax: 3.35,
  shipping: '4.90',
  discount: 2.5,
  coupon: 'MAY',
  affiliation: 'Web',
  location_id: 'L-1',
  payment_type: 'card',
  shipping_tier: 'fast',
  customer_type: 'new',
};
const LINE = { item_id: 'TEA', price: 10.5, quantity: 2 };

const WAYS: Record<
  string,
  Record<'view_item_list' | 'view_promotion' | 'purchase', () => Promise<FootfallEvent>>
> = {
  'plain events': {
    view_item_list: () => sent(plain({ name: 'view_item_list', ...LIST, items: [ITEM] })),
    view_promotion: () => sent(plain({ name: 'view_promotion', ...PROMOTION })),
    purchase: () => sent(plain({ name: 'purchase', ...ORDER, items: [LINE] })),
  },
  Segment: {
    view_item_list: () =>
      sent(segment('Product List Viewed', { list_id: 'hot', category: 'Hot now', products: [PRODUCT] })),
    view_promotion: () =>
      sent(
        segment('Promotion Viewed', {
          ...{ promotion_id: 'P-1', name: 'Spring', creative: 'banner', position: 'top', location_id: 'L-1' },
        }),
      ),
    purchase: () => {
      const { transaction_id, value, payment_type, shipping_tier, ...same } = ORDER;
      const spec = { order_id: 'o-1', total: 21, payment_method: 'card', shipping_method: 'fast' };
      return sent(
        segment('Order Completed', {
          ...same,
          ...spec,
          products: [{ product_id: 'TEA', price: 10.5, quantity: 2 }],
        }),
      );
    },
  },
  'the Measurement Protocol': {
    view_item_list: () => sent(measurement('view_item_list', { ...LIST, items: [ITEM] })),
    view_promotion: () => sent(measurement('view_promotion', PROMOTION)),
    purchase: () => sent(measurement('purchase', { ...ORDER, items: [LINE] })),
  },
  'gtag.js': {
    view_item_list: () =>
      sent(
        gtag(
          'en=view_item_list&ep.item_list_id=hot&ep.item_list_name=Hot%20now&pr1=idTEA~va100%20g~caDrinks~c2Tea~c3Green' +
            '~c4Sencha~c5Uji~cpTEN~ds1.25~lp3~lihot-7~lnHot%20here~piP-7~pnTea%20week~cnleaf~csleft~afBranch%207~loL-7~pr10.5~qt2',
        ),
      ),
    view_promotion: () =>
      sent(
        gtag(
          'en=view_promotion&ep.promotion_id=P-1&ep.promotion_name=Spring&ep.creative_name=banner&ep.creative_slot=top' +
            '&ep.location_id=L-1',
        ),
      ),
    purchase: () =>
      sent(
        gtag(
          'en=purchase&cu=EUR&ep.transaction_id=o-1&epn.value=21&epn.tax=3.35&epn.shipping=4.9&epn.discount=2.5&ep.coupon=MAY' +
            '&ep.affiliation=Web&ep.location_id=L-1&ep.payment_type=card&ep.shipping_tier=fast&ep.customer_type=new&pr1=idTEA~pr10.5~qt2',
        ),
      ),
  },
  "a file of GA4's": {
    view_item_list: () => ofGa4File('view_item_list'),
    view_promotion: () => ofGa4File('view_promotion'),
    purchase: () => ofGa4File('purchase'),
  },
};

/** The canonical values. Money is in minor units; an item's discount is that of the line. */
const ITEM_VALUES: Required<Pick<Item, keyof typeof KEPT_ITEM_FIELDS>> = {
  variant: '100 g',
  category2: 'Tea',
  category3: 'Green',
  category4: 'Sencha',
  category5: 'Uji',
  coupon: 'TEN',
  discount: 250,
  index: 3,
  list_id: 'hot-7',
  list_name: 'Hot here',
  promotion_id: 'P-7',
  promotion_name: 'Tea week',
  creative_name: 'leaf',
  creative_slot: 'left',
  affiliation: 'Branch 7',
  location_id: 'L-7',
};
const EVENT_VALUES = {
  view_item_list: { item_list_id: 'hot', item_list_name: 'Hot now' },
  view_promotion: {
    promotion_id: 'P-1',
    promotion_name: 'Spring',
    creative_name: 'banner',
    creative_slot: 'top',
    location_id: 'L-1',
  },
  purchase: {
    tax: 335,
    shipping: 490,
    discount: 250,
    coupon: 'MAY',
    affiliation: 'Web',
    location_id: 'L-1',
    payment_type: 'card',
    shipping_tier: 'fast',
    customer_type: 'new',
  },
} as const;

describe.each(Object.entries(WAYS))('from %s', (_, events) => {
  test.each(Object.entries(ITEM_VALUES))('items[].%s arrives', async (field, value) => {
    const { items } = await events.view_item_list();
    expect(items).toHaveLength(1);
    expect(items![0]).toMatchObject({
      id: 'TEA',
      category: 'Drinks',
      quantity: 2,
      amount: 2_100,
      [field]: value,
    });
  });

  const fields = Object.entries(EVENT_VALUES).flatMap(([name, values]) =>
    Object.entries(values).map(([field, value]) => ({
      name: name as keyof typeof EVENT_VALUES,
      field,
      value,
    })),
  );
  test.each(fields)('$field of $name arrives', async ({ name, field, value }) => {
    const event = await events[name]();
    expect(event.name).toBe(name);
    expect(event).toMatchObject({ [field]: value });
    // It has one place.
    expect(Object.keys(event.props ?? {})).not.toContain(field);
    if (name === 'purchase')
      expect([event.value, event.currency, event.items?.[0]?.amount]).toEqual([2_100, 'EUR', 2_100]);
  });
});

test('the tables above name every kept field', () => {
  expect(Object.keys(ITEM_VALUES).sort()).toEqual(Object.keys(KEPT_ITEM_FIELDS).sort());
  const all = new Set(Object.values(EVENT_VALUES).flatMap((values) => Object.keys(values)));
  expect([...all].sort()).toEqual(Object.keys(KEPT_FIELDS).sort());
});

describe('a table of orders', () => {
  const columns =
    'ts=when,user=who,event=what,transaction=order,product=sku,price=price,quantity=qty,tax=tax,shipping=ship,discount=off,' +
    'coupon=code,affiliation=shop,location_id=place,payment_type=pay,shipping_tier=tier,customer_type=kind,' +
    'item_list_id=li,item_list_name=ln,promotion_id=pi,promotion_name=pn,creative_name=cn,creative_slot=cs,' +
    'variant=va,category=ca,category2=c2,category3=c3,category4=c4,category5=c5,index=nr,item_coupon=ic,item_discount=id,' +
    'item_affiliation=ia,item_location_id=il';
  const header = columns.replaceAll(/[^,]*=/g, '');

  test('keeps every field that has a column', async () => {
    const { events, rejects } = await importedText(
      `${header}\n2025-12-01 10:00,ana,purchase,o-1,TEA,10.50,2,3.35,4.90,2.50,MAY,Web,L-1,card,fast,New,hot,Hot now,P-1,Spring,` +
        'banner,top,100 g,Drinks,Tea,Green,Sencha,Uji,3,TEN,1.25,Branch 7,L-7\n' +
        '2025-12-01 10:00,ana,purchase,o-1,CUP,4.00,1,,,,,,,,,,,,,,,,,,,,,,,,,,\n',
      { columns },
    );
    expect(rejects).toEqual([]);
    const { purchase, view_item_list, view_promotion } = EVENT_VALUES;
    const { list_id, list_name, promotion_id, promotion_name, creative_name, creative_slot, ...line } =
      ITEM_VALUES;
    expect(events).toMatchObject([{ ...purchase, ...view_item_list, ...view_promotion }]);
    // A file says what was taken off the line.
    expect(events[0]!.items).toEqual([
      { id: 'TEA', category: 'Drinks', quantity: 2, amount: 2_100, ...line, discount: 125 },
      { id: 'CUP', quantity: 1, amount: 400 },
    ]);
  });

  test('keeps a sale whose other fields cannot be read, and says which were left out', async () => {
    const { events, rejects, notes } = await importedText(
      'when,who,what,order,sku,price,tax,kind,nr,cc\n2025-12-01 10:00,ana,purchase,o-1,TEA,10.50,none,VIP,first,EUR\n',
      {
        columns:
          'ts=when,user=who,event=what,transaction=order,product=sku,price=price,tax=tax,customer_type=kind,index=nr',
      },
    );
    expect(rejects).toEqual([]);
    expect(events).toMatchObject([{ name: 'purchase', items: [{ id: 'TEA', quantity: 1, amount: 1_050 }] }]);
    for (const field of ['tax', 'customer_type']) expect(events[0]).not.toHaveProperty(field);
    expect(events[0]!.items![0]).not.toHaveProperty('index');
    expect(notes.map(({ line, note }) => [line, note.split(' ')[0]])).toEqual([
      [2, 'index'],
      [2, 'tax'],
      [2, 'customer_type'],
    ]);
  });
});

describe('a value of a kept field', () => {
  const warningsOf = ({ body }: { body: Body }) =>
    (body.events ?? []).flatMap(({ warnings = [] }) => warnings.map(({ code, path }) => [code, path]));

  test.each([
    ['digits as text', { tax: '3.35' }, { tax: 335 }, []],
    ['thousands', { tax: '1,299.50' }, { tax: 129_950 }, [['number_text', 'tax']]],
    ['a float tail', { shipping: 4.8999999999999995 }, { shipping: 490 }, [['float_tail', 'shipping']]],
    ['more decimals than the currency has', { tax: 1.005 }, { tax: 101 }, [['rounded_amount', 'tax']]],
    ['an empty text', { coupon: '', tax: '', affiliation: '  ' }, {}, []],
    ['null', { coupon: null, discount: null }, {}, []],
    ['a number where a text goes', { promotion_id: 77 }, { promotion_id: '77' }, []],
    ['a list of texts', { coupon: ['A', 'B'] }, { coupon: 'A,B' }, []],
    ['a long text', { coupon: 'x'.repeat(201) }, { coupon: 'x'.repeat(200) }, [['cut_text', 'coupon']]],
    ['half a surrogate pair', { coupon: 'a\ud800' }, { coupon: 'a\ufffd' }, []],
    ['another letter case', { customer_type: 'Returning' }, { customer_type: 'returning' }, []],
    ['a discount with a minus', { discount: -2.5 }, { discount: 250 }, [['negative_amount', 'discount']]],
    ['zero', { tax: 0, discount: '0.00' }, { tax: 0, discount: 0 }, []],
  ])('%s is read', async (_, fields, expected, warnings) => {
    const answer = await plain({ name: 'purchase', value: 21, transaction_id: 'o-1', ...fields });
    const {
      v,
      id,
      site,
      user,
      name,
      ts,
      received,
      value,
      currency,
      transaction_id,
      via,
      put_right,
      ...kept
    } = published[0]!;
    expect([value, currency]).toEqual([2_100, 'EUR']);
    expect(kept).toEqual(expected);
    expect(warningsOf(answer)).toEqual(warnings);
  });

  test('is turned round in a refund that says what came back', async () => {
    const answer = await plain({
      name: 'refund',
      value: 21,
      transaction_id: 'o-1',
      tax: -3.35,
      shipping: '-4.90',
    });
    expect(published[0]).toMatchObject({ tax: 335, shipping: 490 });
    expect(warningsOf(answer)).toEqual([
      ['negative_amount', 'tax'],
      ['negative_amount', 'shipping'],
    ]);
  });

  const WRONG = [
    ['tax', 'free'],
    ['tax', '13,95'],
    ['tax', -1],
    ['tax', 1e20],
    ['shipping', true],
    ['discount', { amount: 3 }],
    ['coupon', { code: 'MAY' }],
    ['coupon', true],
    ['customer_type', 'VIP'],
  ] as const;

  test.each(WRONG)(
    '%s: %j is left out of a plain event with a warning, and the sale counts',
    async (field, wrong) => {
      const answer = await plain({ name: 'purchase', value: 21, transaction_id: 'o-1', [field]: wrong });
      expect(answer.status).toBe(202);
      expect(published[0]).toMatchObject({ name: 'purchase', value: 2_100 });
      expect(published[0]).not.toHaveProperty(field);
      expect(warningsOf(answer)).toEqual([['left_out', field]]);
    },
  );

  test.each(WRONG)(
    '%s: %j of other formats stays a property if it can, and the sale counts',
    async (field, wrong) => {
      const answer = await segment('Order Completed', { order_id: 'o-1', total: 21, [field]: wrong });
      await measurement('purchase', { transaction_id: 'o-1', value: 21, [field]: wrong });
      expect(published.map(({ value }) => value)).toEqual([2_100, 2_100]);
      for (const event of published) expect(event).not.toHaveProperty(field);
      expect(warningsOf(answer)).toEqual([['left_out', `properties.${field}`]]);
      for (const { props } of published) {
        // A whole number beyond 2^53 keeps its digits, as a text.
        const said =
          typeof wrong === 'number' && !Number.isSafeInteger(wrong) ? BigInt(wrong).toString() : wrong;
        if (typeof wrong !== 'object') expect(props).toMatchObject({ [field]: said });
      }
    },
  );

  test.each([
    ['discount', 'some'],
    ['discount', 1e20],
    ['index', 1.5],
    ['index', -1],
    ['index', 'first'],
    ['item_variant', { size: 4 }],
    ['affiliation', false],
  ])('%s: %j of an item is left out with a warning, and the item counts', async (field, wrong) => {
    const item = { item_id: 'TEA', price: 10.5, [field]: wrong };
    const answer = await plain({ name: 'purchase', transaction_id: 'o-1', items: [item] });
    const protocol = await measurement('purchase', { transaction_id: 'o-2', items: [item] });
    expect(published.map(({ items }) => items)).toEqual([
      [{ id: 'TEA', quantity: 1, amount: 1_050 }],
      [{ id: 'TEA', quantity: 1, amount: 1_050 }],
    ]);
    expect(warningsOf(answer)).toEqual([['left_out', `items[0].${field}`]]);
    expect(protocol.status).toBe(204);
  });

  test('an order of items that all say nothing of them has none of the fields', async () => {
    await plain({ name: 'purchase', transaction_id: 'o-1', items: [{ item_id: 'TEA', price: 10.5 }] });
    const names = Object.keys(JSON.parse(JSON.stringify(published[0])));
    expect(names.filter((name) => Object.hasOwn(KEPT_FIELDS, name))).toEqual([]);
    expect(Object.keys(published[0]!.items![0]!)).toEqual(['id', 'quantity', 'amount']);
  });

  test('of an item counts for the line, and its position may be 0 or text', async () => {
    await plain({
      name: 'view_item_list',
      items: [
        { item_id: 'a', quantity: 3, discount: '0.335', index: 0 },
        { item_id: 'b', quantity: 1.5, discount: 1, index: '12' },
      ],
    });
    expect(published[0]).toMatchObject({
      currency: 'EUR',
      items: [
        { id: 'a', discount: 101, index: 0 },
        { id: 'b', discount: 150, index: 12 },
      ],
    });
  });
});

describe("Segment's names", () => {
  test('of a product event mean the product', async () => {
    await segment('Product Added', {
      product_id: 'TEA',
      name: 'Tea',
      variant: '100 g',
      position: 3,
      coupon: 'MAY',
      price: 5,
    });
    expect(published[0]).toMatchObject({
      items: [{ id: 'TEA', name: 'Tea', variant: '100 g', index: 3, coupon: 'MAY', amount: 500 }],
    });
    expect(published[0]).not.toHaveProperty('coupon');
    expect(published[0]).not.toHaveProperty('props');
  });

  test('of the order stay with the order, also when its properties name its only product', async () => {
    await segment('Order Completed', {
      order_id: 'o-1',
      product_id: 'TEA',
      variant: 'L',
      coupon: 'MAY',
      discount: 2,
      total: 9,
    });
    expect(published[0]).toMatchObject({
      coupon: 'MAY',
      discount: 200,
      value: 900,
      items: [{ id: 'TEA', variant: 'L' }],
    });
    expect(published[0]!.items![0]).not.toHaveProperty('coupon');
  });

  test('of a coupon: its id and discount', async () => {
    await segment('Coupon Applied', { coupon_id: 'may', coupon_name: 'May deals', discount: 2.5 });
    expect(published[0]).toMatchObject({
      coupon: 'may',
      discount: 250,
      currency: 'EUR',
      props: { coupon_name: 'May deals' },
    });
  });

  test('of a cancelled order leave the amounts among the properties', async () => {
    await segment('Order Cancelled', { order_id: 'o-1', tax: 2, shipping: 3, affiliation: 'Web' });
    expect(published[0]).toMatchObject({
      name: 'refund',
      affiliation: 'Web',
      props: { tax: 2, shipping: 3 },
    });
    expect(published[0]).not.toHaveProperty('tax');
  });

  test('mean nothing in events of a shop alone', async () => {
    await segment('Poll Answered', {
      shipping: 'slow',
      name: 'x',
      category: 'y',
      position: 2,
      creative: 'z',
    });
    expect(published[0]!.props).toEqual({
      shipping: 'slow',
      name: 'x',
      category: 'y',
      position: 2,
      creative: 'z',
    });
  });
});
