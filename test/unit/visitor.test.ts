import { visitorOf } from '../../shared/intake/request-visitor.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { openCollecting } from '../support/collecting.ts';
import { ask, requestOf } from '../support/http.ts';

const CHROME =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36';
const countryHeader = 'cloudfront-viewer-country';
const visitor = (headers: Record<string, string>, options: object = {}) =>
  visitorOf(requestOf('POST', '/v1/events', { headers }), { countryHeader, ...options });

describe('the visitor of a request', () => {
  const from = { 'User-Agent': CHROME, 'CloudFront-Viewer-Country': 'es' };

  test.each([
    ['Origin', { Origin: 'https://www.shop.example' }, { host: 'shop.example' }],
    ['an Origin that says nothing', { Origin: 'null' }, {}],
    ['Sec-Fetch-Site', { 'Sec-Fetch-Site': 'same-origin' }, {}],
  ])('comes from a browser, known by %s', (_, headers, more) => {
    expect(visitor({ ...from, ...headers })).toEqual({ userAgent: CHROME, country: 'ES', ...more });
  });

  test("is unknown when a server sends, also with the headers of Node's fetch", () => {
    expect(visitor(from)).toEqual({});
    expect(visitor({ ...from, 'Sec-Fetch-Mode': 'cors' })).toEqual({});
  });

  test('is a browser in formats that only browsers send', () => {
    expect(visitor(from, { fromBrowsers: true })).toEqual({ userAgent: CHROME, country: 'ES' });
  });

  test.each(['XX', 'T1', 'EU', 'A1', 'ESP', '', '-', 'Spain'])('has no country for the code %s', (code) => {
    expect(visitor({ Origin: 'https://a.example', 'CloudFront-Viewer-Country': code })).toEqual({
      host: 'a.example',
    });
  });

  test('has the country of the configured header alone', () => {
    const headers = { Origin: 'https://a.example', 'CF-IPCountry': 'PT', ...from };
    expect(visitor(headers, { countryHeader: 'cf-ipcountry' })).toMatchObject({ country: 'PT' });
    expect(visitor(headers, { countryHeader: undefined })).not.toHaveProperty('country');
  });
});

describe('a published event', () => {
  const sites = new Sites([siteSchema.parse({ id: 'shop', keys: [storedKey('write', 'write-key-1', 0)] })]);
  const { handler, published } = openCollecting(sites);
  const post = async (body: object, headers: Record<string, string> = {}) => {
    const options = {
      headers: { authorization: 'Bearer write-key-1', ...headers },
      body: JSON.stringify(body),
    };
    return ask<{ accepted: number; errors: object[] }>(handler, 'POST', '/v1/events', options);
  };
  const browser = { origin: 'https://shop.example', 'user-agent': CHROME, 'cloudfront-viewer-country': 'PT' };
  const view = { name: 'page_view', user_id: 'ana', page: '/?utm_source=google&utm_medium=cpc' };

  test('has the device, source and country of a browser', async () => {
    await post({ ...view, referrer: 'https://shop.example/' }, browser);
    expect(published).toMatchObject([
      {
        device: 'mobile',
        browser: 'Chrome',
        os: 'Android',
        country: 'PT',
        source: 'google',
        medium: 'cpc',
        channel: 'Paid Search',
      },
    ]);
    expect(published[0]).not.toHaveProperty('referrer');
  });

  test.each(['curl/8.5.0', 'python-requests/2.32.3', 'node', 'axios/1.7.9', 'Go-http-client/1.1'])(
    'a server’s event with nothing of the server (%s)',
    async (userAgent) => {
      await post(view, {
        'user-agent': userAgent,
        'cloudfront-viewer-country': 'US',
        'sec-fetch-mode': 'cors',
      });
      expect(published).toHaveLength(1);
      for (const name of ['device', 'browser', 'os', 'country', 'bot']) {
        expect(published[0]).not.toHaveProperty(name);
      }
    },
  );

  test("takes the user agent that a server sends in the event over the request's, and does not store it", async () => {
    await post({ events: [{ ...view, user_agent: CHROME }, { ...view, user_agent: 'Googlebot/2.1' }, view] });
    expect(published.map(({ device, bot }) => [device, bot])).toEqual([
      ['mobile', undefined],
      [undefined, 'Googlebot'],
      [undefined, undefined],
    ]);
    await post(
      {
        ...view,
        user_agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0',
      },
      browser,
    );
    expect(published[3]).toMatchObject({ device: 'desktop', browser: 'Firefox', country: 'PT' });
    expect(JSON.stringify(published)).not.toMatch(/user_?agent|Mozilla/i);
  });

  test('is not lost for an invalid user agent', async () => {
    for (const user_agent of [5, 'x'.repeat(1_001), ['x']]) {
      expect((await post({ events: [{ ...view, user_agent }] })).status).toBe(202);
    }
    expect(published.map(({ bot }) => bot)).toEqual([undefined, undefined, undefined]);
  });

  test('is a bot when its request comes from one', async () => {
    await post(view, {
      ...browser,
      'user-agent': 'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
    });
    expect(published).toMatchObject([{ bot: 'bingbot', user: 'ana' }]);
  });

  test('never has an IP address', async () => {
    const headers = {
      ...browser,
      'x-forwarded-for': '203.0.113.77, 198.51.100.2',
      'x-real-ip': '203.0.113.77',
      forwarded: 'for=203.0.113.77',
      'cf-connecting-ip': '203.0.113.77',
      'cloudfront-viewer-address': '203.0.113.77:443',
      'true-client-ip': '203.0.113.77',
      authorization: 'Bearer write-key-1',
    };
    const request = requestOf('POST', '/v1/events', { headers, body: JSON.stringify(view) });
    request.requestContext.http.sourceIp = '203.0.113.77';
    const answer = await handler(request, {} as never);
    expect(answer.statusCode).toBe(202);
    expect(published).toHaveLength(1);
    expect(JSON.stringify([published, answer])).not.toMatch(/203\.0|198\.51/);
  });
});
