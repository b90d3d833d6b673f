import fc from 'fast-check';
import { type Agent, agentOf } from '../../shared/intake/enrich/user-agent.ts';
import { runs } from '../support/runs.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const APPLE = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const WINDOWS = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT}`;
const MAC = `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${APPLE}`;
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${APPLE}`;
const is = (device?: string, browser?: string, os?: string): Agent => ({
  ...(device && { device }),
  ...(browser && { browser }),
  ...(os && { os }),
});

/** As browsers send them. */
const VISITORS: [userAgent: string, is: Agent][] = [
  [`${WINDOWS} Chrome/142.0.0.0 Safari/537.36`, is('desktop', 'Chrome', 'Windows')],
  [`${WINDOWS} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`, is('desktop', 'Microsoft Edge', 'Windows')],
  [`${WINDOWS} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0`, is('desktop', 'Opera', 'Windows')],
  [`${WINDOWS} Chrome/128.0.0.0 Safari/537.36 Vivaldi/6.9`, is('desktop', 'Vivaldi', 'Windows')],
  [`${WINDOWS} Chrome/128.0.0.0 YaBrowser/24.10.0 Safari/537.36`, is('desktop', 'Yandex Browser', 'Windows')],
  [
    'Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko',
    is('desktop', 'Internet Explorer', 'Windows'),
  ],
  [`${MAC} Version/18.1 Safari/605.1.15`, is('desktop', 'Safari', 'macOS')],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0',
    is('desktop', 'Firefox', 'macOS'),
  ],
  [
    `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`,
    is('desktop', 'Chrome', 'Linux'),
  ],
  [
    'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0',
    is('desktop', 'Firefox', 'Linux'),
  ],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`,
    is('desktop', 'Chrome', 'Chrome OS'),
  ],
  [`${IPHONE} Version/18.1 Mobile/15E148 Safari/604.1`, is('mobile', 'Safari', 'iOS')],
  [`${IPHONE} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1`, is('mobile', 'Chrome', 'iOS')],
  [`${IPHONE} FxiOS/133.0 Mobile/15E148 Safari/605.1.15`, is('mobile', 'Firefox', 'iOS')],
  [`${IPHONE} GSA/370.0.761 Mobile/15E148 Safari/604.1`, is('mobile', 'Google app', 'iOS')],
  [
    `Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) ${APPLE} Version/17.5 Mobile/15E148 Safari/604.1`,
    is('tablet', 'Safari', 'iOS'),
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36`,
    is('mobile', 'Chrome', 'Android'),
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36`,
    is('tablet', 'Chrome', 'Android'),
  ],
  [
    `Mozilla/5.0 (Linux; Android 14; SM-S918B) ${WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36`,
    is('mobile', 'Samsung Internet', 'Android'),
  ],
  // Phones with a bot-like name.
  [
    `Mozilla/5.0 (Linux; Android 8.1; CUBOT_P20) ${WEBKIT} Chrome/107.0.0.0 Mobile Safari/537.36`,
    is('mobile', 'Chrome', 'Android'),
  ],
  // Inside apps: Facebook's, Instagram's, TikTok's.
  [`${IPHONE} Mobile/21G93 [FBAN/FBIOS;FBAV/488.0.0.57.100]`, is('mobile', 'Safari (in-app)', 'iOS')],
  [
    `${IPHONE} Mobile/15E148 Instagram 350.0.0.22.107 (iPhone15,3; iOS 17_6; es_ES)`,
    is('mobile', 'Safari (in-app)', 'iOS'),
  ],
  [
    `${IPHONE} Mobile/15E148 musical_ly_35.1.0 JsSdk/2.0 Channel/App Store`,
    is('mobile', 'Safari (in-app)', 'iOS'),
  ],
  [
    `Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A; wv) ${WEBKIT} Version/4.0 Chrome/121.0.6167.164 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/450.0.0.44.109;]`,
    is('mobile', 'Android WebView', 'Android'),
  ],
  // Televisions and consoles.
  [
    `Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) ${WEBKIT} SamsungBrowser/5.2 Chrome/94.0.4606.31 TV Safari/537.36`,
    is('tv', 'Samsung Internet', 'Tizen'),
  ],
  [
    `Mozilla/5.0 (Web0S; Linux/SmartTV) ${WEBKIT} Chrome/108.0.5359.211 Safari/537.36 WebAppManager`,
    is('tv', 'webOS Browser', 'webOS'),
  ],
  [
    `Mozilla/5.0 (Linux; Android 9; AFTS Build/PS7233) ${WEBKIT} Silk/108.4.6 like Chrome/108.0.5359.160 Safari/537.36`,
    is('tv', 'Amazon Silk', 'Android'),
  ],
  [
    `Mozilla/5.0 (PlayStation; PlayStation 5/8.00) ${APPLE} Version/15.4 Safari/605.1.15`,
    is('console', 'Safari'),
  ],
  // An unknown browser gets no name, since every such text would be a browser of its own.
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Zilpzalp/1.0 (KHTML)`, is('desktop', undefined, 'macOS')],
  ['', {}],
  ['   ', {}],
];

test.each(VISITORS)('%s', (userAgent, expected) => {
  expect(agentOf(userAgent)).toEqual(expected);
  // The second time from the cache.
  expect(agentOf(userAgent)).toEqual(expected);
});

/** As their vendors document them. */
const BOTS: [userAgent: string, name: string][] = [
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot'],
  [
    `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) ${WEBKIT} Chrome/131.0.6778.69 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
    'Googlebot',
  ],
  ['AdsBot-Google (+http://www.google.com/adsbot.html)', 'AdsBot-Google'],
  [
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36',
    'bingbot',
  ],
  [
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
    'GPTBot',
  ],
  [
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot',
    'ChatGPT-User',
  ],
  [
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)',
    'ClaudeBot',
  ],
  [`${MAC} Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)`, 'Applebot'],
  ['Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)', 'Baiduspider'],
  ['Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)', 'AhrefsBot'],
  ['facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)', 'facebookexternalhit'],
  ['Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)', 'Pingdom'],
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/131.0.0.0 Safari/537.36`, 'HeadlessChrome'],
  [
    `Mozilla/5.0 (Linux; Android 11; moto g power (2022)) ${WEBKIT} Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse`,
    'Chrome-Lighthouse',
  ],
  ['curl/8.5.0', 'curl'],
  ['axios/1.7.9', 'axios'],
  ['python-requests/2.32.3', 'python-requests'],
  ['Go-http-client/1.1', 'Go-http-client'],
  ['node', 'node'],
];

test.each(BOTS)('a bot: %s', (userAgent, bot) => {
  expect(agentOf(userAgent)).toEqual({ bot });
});

test('any user agent gives short texts and no error', () => {
  const pieces = [
    ...[
      'Mozilla/5.0 (',
      '; ',
      'Chrome/',
      'http',
      ' ',
      'bot',
      '((((',
      'compatible;',
      '1.0',
      'Android ',
      'wv)',
    ],
    ...['iPhone ', 'AppleWebKit/', '....', 'a', '-', '%', '\0', '\n', '@', '\ud800', '😀', '__proto__'],
  ];
  const userAgents = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 300, size: 'max' }).map((list) => list.join('')),
    fc.string({ unit: 'binary', maxLength: 300, size: 'max' }),
    fc.string({ minLength: 1, maxLength: 5 }).map((text) => text.repeat(20_000)),
  );
  fc.assert(
    fc.property(userAgents, (userAgent) => {
      for (const value of Object.values(agentOf(userAgent) as Record<string, string>)) {
        expect(value).toMatch(/^[\w (),.!+-]{1,50}$/);
      }
    }),
    { numRuns: runs(4_000) },
  );
});

test('only the beginning of a long user agent is read', () => {
  const [chrome] = VISITORS[0]!;
  expect(agentOf(`${chrome}${' x'.repeat(50_000)}`)).toEqual(agentOf(chrome));
  expect(agentOf(`${chrome} ${'x '.repeat(1_000)} Googlebot/2.1`)).not.toHaveProperty('bot');
});
