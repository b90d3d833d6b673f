import fc from 'fast-check';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { expectStorable, openCollecting } from '../support/collecting.ts';
import { type Ga4Body, ga4Sites } from '../support/ga4.ts';
import { ask } from '../support/http.ts';
import { runs } from '../support/runs.ts';

const { handler, published } = openCollecting(ga4Sites);

describe('gtag.js', () => {
  /** As Chrome sent it, with another site. */
  const COMMON =
    'v=2&tid=G-SHOP1&gtm=45je44f0v9173726675za200&_p=1713297017393&gcd=13l3l3l2l1&npa=1&dma=1&cid=1341572211.1713295019' +
    '&ul=it-it&sr=1440x900&uaa=x86&uab=64&uafvl=Chromium%3B120.0.6099.216&uamb=0&uam=&uap=macOS&uapv=11.7.3&uaw=0' +
    '&are=1&pscdl=noapi&_s=3&sid=1713295019&sct=1&seg=1';
  const hit = (method: 'GET' | 'POST', query: string, body?: string) =>
    ask<Ga4Body>(handler, method, `/g/collect?${query}`, {
      ...(body !== undefined && { body, headers: { 'content-type': 'text/plain;charset=UTF-8' } }),
    });

  test('an order becomes an event with its items, money and properties', async () => {
    const { status, body } = await hit(
      'GET',
      `${COMMON}&dl=https%3A%2F%2Fshop.example%2Fthanks&dr=https%3A%2F%2Fpay.example%2F&dt=Thank%20you&en=purchase&_ee=1` +
        '&cu=EUR&ep.transaction_id=o-1&epn.value=31.8&epn.tax=2&ep.coupon=MAY+%26+JUNE&up.tier=gold&uip=203.0.113.9' +
        '&pr2=idpot-7~nmPot~~ty%20%E2%98%95~pr10.8~qt1' +
        '&pr1=idtea-1~nmGreen%20tea~brKyo~caTea~c2Green~lp0~k0origin~v0Uji~pr10.5~qt2',
    );
    expect([status, body]).toEqual([204, undefined]);
    const [{ ts, received, ...event } = {} as FootfallEvent] = published;
    expect(event).toEqual({
      v: 1,
      via: 'gtag',
      id: 'purchase:o-1',
      site: 'shop',
      user: '1341572211.1713295019',
      name: 'purchase',
      page: 'https://shop.example/thanks',
      referrer: 'https://pay.example/',
      session_id: '1713295019',
      transaction_id: 'o-1',
      currency: 'EUR',
      value: 3_180,
      items: [
        {
          ...{ id: 'tea-1', name: 'Green tea', brand: 'Kyo', category: 'Tea', category2: 'Green', index: 0 },
          ...{ quantity: 2, amount: 2_100 },
        },
        { id: 'pot-7', name: 'Pot~ty ☕', quantity: 1, amount: 1_080 },
      ],
      tax: 200,
      coupon: 'MAY & JUNE',
      props: { page_title: 'Thank you' },
      source: 'pay.example',
      medium: 'referral',
      channel: 'Referral',
    });
  });

  describe('a write key decides whose a hit is, and not the measurement id', () => {
    // G-SHOP1 is listed by the site shop.
    const BASE = 'v=2&tid=G-SHOP1&cid=c-1';

    test.each([
      ['in the query', 'GET', `${BASE}&en=level_up&write_key=another-key`, undefined],
      ['among the parameters of an event', 'GET', `${BASE}&en=level_up&ep.write_key=another-key`, undefined],
      ['in the lines of a body', 'POST', BASE, 'en=level_up&ep.write_key=another-key\r\nen=level_up'],
    ] as const)('%s', async (_, method, query, body) => {
      expect((await hit(method, query, body)).status).toBe(204);
      expect(new Set(published.map(({ site, name }) => `${site} ${name}`))).toEqual(
        new Set(['other level_up']),
      );
      expect(JSON.stringify(published)).not.toContain('another-key');
    });

    test.each([
      ['an unknown one', 'no-such-key'],
      ['a read key', 'a-read-key'],
    ])('%s is refused', async (_, key) => {
      const { status, body } = await hit('GET', `${BASE}&en=level_up&write_key=${key}`);
      expect([status, body.code]).toEqual([401, 'unauthorized']);
      expect(published).toEqual([]);
    });
  });

  test('several hits in one request inherit the fields of the query', async () => {
    const { status } = await hit(
      'POST',
      `${COMMON}&dl=https%3A%2F%2Fshop.example%2F`,
      'en=scroll&epn.percent_scrolled=90&_et=6&uid=ada\r\nen=user_engagement&_et=5123\r\nen=first_visit&dl=https%3A%2F%2Fshop.example%2Ftea\r\n',
    );
    expect(status).toBe(204);
    expect(published.map(({ name, user, page }) => [name, user, page])).toEqual([
      ['scroll', 'ada', 'https://shop.example/'],
      ['user_engagement', '1341572211.1713295019', 'https://shop.example/'],
      ['first_visit', '1341572211.1713295019', 'https://shop.example/tea'],
    ]);
    expect(published[0]!.props).toEqual({ percent_scrolled: 90 });
  });

  test('one hit may be in the body instead of the query', async () => {
    await hit('POST', COMMON, 'en=page_view&dl=https%3A%2F%2Fshop.example%2Flong');
    await hit('POST', `${COMMON}&en=page_view`);
    expect(published.map(({ name, page }) => [name, page])).toEqual([
      ['page_view', 'https://shop.example/long'],
      ['page_view', undefined],
    ]);
  });

  test('too many hits are refused before the query is copied for each', async () => {
    const query = `tid=G-SHOP1&cid=c&${'ep.p=x&'.repeat(600)}`;
    const { status, body } = await hit('POST', query, 'en=a\n'.repeat(150_000));
    expect([status, body]).toMatchObject([413, { code: 'too_many_events' }]);
  });

  test('a repeated beacon has the same event id, another hit of the page a new one', async () => {
    const view = `${COMMON}&en=page_view&dl=https%3A%2F%2Fshop.example%2F`;
    const ids = async (query: string, body?: string) => {
      published.length = 0;
      await hit('POST', query, body);
      return published.map(({ id }) => id);
    };
    const [first] = await ids(view);
    expect(await ids(view)).toEqual([first]);
    expect(await ids(view.replace('_s=3', '_s=4'))).not.toEqual([first]);
    expect(await ids(view.replace('_p=1713297017393', '_p=1713297017394'))).not.toEqual([first]);
    expect(await ids(view.replace('1341572211', '1341572212'))).not.toEqual([first]);
    const [one, two] = await ids(COMMON, 'en=click\nen=click');
    expect(one).not.toBe(two);
    expect(await ids(COMMON, 'en=click\nen=click')).toEqual([one, two]);
    // Without the page's own numbers a repetition cannot be told from a second event.
    const bare = 'v=2&tid=G-SHOP1&cid=c&en=click';
    expect(await ids(bare)).not.toEqual(await ids(bare));
  });

  test('the stream names the site, also in a list of streams; without one the answer is 401', async () => {
    expect((await hit('GET', 'v=2&tid=G-NOBODY,G-OTHER&cid=c&en=a')).status).toBe(204);
    expect(published.map(({ site }) => site)).toEqual(['other']);
    for (const query of ['v=2&cid=c&en=a', 'v=2&tid=G-NOBODY&cid=c&en=a', 'v=2&tid=a-write-key&cid=c&en=a']) {
      expect((await hit('GET', query)).status).toBe(401);
    }
  });

  test.each([
    ['no event', 'cid=c', 'en'],
    ['no client id', 'en=a', 'cid'],
    ['a wrong name', 'cid=c&en=gtm.js', 'en'],
    ["an order's price that is a word", 'cid=c&en=purchase&pr1=ida~pr1&pr2=idb~prdear', 'pr2.pr'],
    ["an order's value that is a word", 'cid=c&en=purchase&epn.value=dear', 'epn.value'],
    ['an item without id and name', 'cid=c&en=view_item&pr1=brKyo', 'pr1.id'],
    ['a wrong currency', 'cid=c&en=view_item&cu=gold', 'cu'],
  ])('answers 400 with the parameter: %s', async (_, query, path) => {
    const { status, body } = await hit('GET', `v=2&tid=G-SHOP1&${query}`);
    expect([status, body.errors.map((error) => error.path)]).toEqual([400, [path]]);
  });

  test('of several hits only the wrong one is refused', async () => {
    expect((await hit('POST', 'tid=G-SHOP1&cid=c', 'en=a\nen=?\nen=b')).status).toBe(204);
    expect(published.map(({ name }) => name)).toEqual(['a', 'b']);
    const { body } = await hit('POST', 'tid=G-SHOP1&cid=c', 'en=?\nen=purchase&pr1=ida~prx');
    expect(body.errors.map(({ path }) => path)).toEqual(['hits[0].en', 'hits[1].pr1.pr']);
  });
});

describe('mutated hits', () => {
  test('get a documented status', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('~', '~~', 'id', '%', '%ff', '\r\n'),
    );
    const pairs = fc.array(
      fc.tuple(
        fc.constantFrom(
          'en',
          'cid',
          'uid',
          'cu',
          'pr1',
          'pr2',
          'epn.value',
          'ep.__proto__',
          '__proto__',
          'dl',
          '_p',
          '_s',
        ),
        fc.oneof(text, fc.constantFrom('purchase', 'c', 'EUR', 'ida~pr1~qt2', '12.5')),
      ),
      { maxLength: 8 },
    );
    const query = pairs.map((all) => new URLSearchParams(all).toString());
    await fc.assert(
      fc.asyncProperty(query, fc.option(fc.oneof(query, text)), async (common, body) => {
        published.length = 0;
        const { status } = await ask(handler, 'POST', `/g/collect?tid=G-SHOP1&${common}`, {
          ...(body !== null && { body }),
        });
        expect([204, 400]).toContain(status);
        published.forEach(expectStorable);
      }),
      { numRuns: runs(400) },
    );
  });
});
