import Bowser, { BROWSER_MAP, OS_MAP, PLATFORMS_MAP } from 'bowser';
import { isbot, isbotMatch } from 'isbot';
import { LRUCache } from 'lru-cache';

/** What a user agent says about its sender. Unknown parts are absent. */
export interface Agent {
  /** `desktop`, `mobile`, `tablet`, `tv` or `console`. */
  device?: string;
  /** The maker's name: `Chrome`, `Microsoft Edge`. */
  browser?: string;
  /** `Windows`, `macOS`, `iOS`, `Android` … */
  os?: string;
  /** Name of a bot, 1 to 50 characters. The other fields are absent then. */
  bot?: string;
}

/** Browsers send some 200 characters, apps 400. Longer texts are cut before parsing. */
const MAX_USER_AGENT = 1_000;

/** User agents repeat: a shop's visitors have a few thousand. */
const known = new LRUCache<string, Agent>({ max: 2_000 });

/** Parses a user agent of any length and content. */
export function agentOf(userAgent: string): Agent {
  const text = userAgent.slice(0, MAX_USER_AGENT).trim();
  if (text === '') return {};
  let agent = known.get(text);
  if (!agent) {
    agent = isbot(text) ? { bot: botName(text) } : visitorsAgent(text);
    known.set(text, agent);
  }
  return agent;
}

/**
 * The program that a user agent names when it is neither a browser nor a crawler: `GuzzleHttp/7`, `python-requests/2.31`.
 * @returns undefined when it is one of these.
 */
export function programIn(userAgent: string): string | undefined {
  const { bot } = agentOf(userAgent);
  const isCrawler = /^\s*(?:mozilla|opera)\//i.test(userAgent) || OF_BOTS.test(userAgent);
  return isCrawler ? undefined : bot;
}

/** Names that Bowser knows. For others it returns the first word, which may be any text. */
const BROWSERS: ReadonlySet<string> = new Set(Object.values(BROWSER_MAP));
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(OS_MAP));
const PLATFORMS: ReadonlySet<string> = new Set(Object.values(PLATFORMS_MAP));

/** Names where Bowser differs from the maker, or from what readers look for. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'Samsung Internet for Android': 'Samsung Internet',
  'Google Search': 'Google app',
  'WebOS Browser': 'webOS Browser',
  WebOS: 'webOS',
};

function visitorsAgent(text: string): Agent {
  const { browser, os, platform } = Bowser.parse(text);
  const system = isKnown(os.name, SYSTEMS) ? named(os.name) : undefined;
  const device = deviceOf(text, isKnown(platform.type, PLATFORMS) ? platform.type : undefined);
  const name = inApp(text) ?? (isKnown(browser.name, BROWSERS) ? named(browser.name) : undefined);
  return {
    ...(device && { device }),
    ...(name && { browser: name }),
    ...(system && { os: system }),
  };
}

const isKnown = (name: string | undefined, names: ReadonlySet<string>): name is string =>
  name !== undefined && names.has(name);

const named = (name: string) => OTHER_NAMES[name] ?? name;

/** Bowser takes Android TVs for tablets, and has no type for Chromebooks and consoles. */
function deviceOf(text: string, type: string | undefined): string | undefined {
  if (/\bPlayStation\b|\bNintendo\b|\bXbox\b/i.test(text)) return 'console';
  if (
    /\bSmart-?TV\b|\bGoogle ?TV\b|\bAndroid ?TV\b|\bApple ?TV\b|\bHbbTV\b|\bBRAVIA\b|\bRoku\b|\bCrKey\b|\bAFT[A-Z]/i.test(
      text,
    )
  ) {
    return 'tv';
  }
  return type ?? (/\bCrOS\b/.test(text) ? 'desktop' : undefined);
}

/** Apps show pages in the system's browser, without its name. GA4 uses these names. */
function inApp(text: string): string | undefined {
  if (hasAfter(text, /\bAndroid\b/, '; wv)')) return 'Android WebView';
  const isOfApple = hasAfter(text, /\b(?:iPhone|iPad|iPod)\b/, 'AppleWebKit/');
  return isOfApple && !/\bSafari\//.test(text) && !/MicroMessenger/.test(text)
    ? 'Safari (in-app)'
    : undefined;
}

/** Whether a text stands behind what a pattern finds first. One pattern for both would look from each place again. */
function hasAfter(text: string, pattern: RegExp, behind: string): boolean {
  const at = text.search(pattern);
  return at >= 0 && text.includes(behind, at);
}

/** Words in the names of bots, in the order of the user agent. */
const OF_BOTS = /bot|crawl|spider|slurp|headless|lighthouse|externalhit|preview|monitor/i;
const MAX_NAME = 50;

/**
 * A bot's own name: `Googlebot`, `GPTBot`, `HeadlessChrome`, `curl`. isbot returns the text that gave the bot
 * away, which often is not its name.
 */
function botName(text: string): string {
  // Word by word: a pattern that may begin anywhere in a word would look at the rest of it again and again.
  const withoutAddresses = text.replaceAll(/\S+/g, (word) =>
    word.includes('@') ? ' ' : word.replace(/https?:.*/i, ' '),
  );
  const words = withoutAddresses.match(/[A-Za-z][A-Za-z0-9-]*/g) ?? [];
  const name =
    words.find((word) => word.length > 3 && OF_BOTS.test(word)) ??
    /\bcompatible;\s*([A-Za-z][A-Za-z0-9-]*)/i.exec(withoutAddresses)?.[1] ??
    words.find((word) => !/^(?:mozilla|opera)$/i.test(word)) ??
    isbotMatch(text)?.match(/\w+/)?.[0] ??
    'bot';
  return name.slice(0, MAX_NAME);
}
