import Bowser, { BROWSER_MAP, OS_MAP, PLATFORMS_MAP } from 'bowser';
import { isbot, isbotMatch } from 'isbot';
import { LRUCache } from 'lru-cache';

/** What a user agent says of who sent it; what it does not say, or what nobody knows, is absent. */
export interface Agent {
  /** desktop, mobile, tablet, tv or console. */
  device?: string;
  /** As its maker calls it: `Chrome`, `Microsoft Edge`. */
  browser?: string;
  /** `Windows`, `macOS`, `iOS`, `Android` … */
  os?: string;
  /** Of a program that is nobody's browser: its name, 1 to 50 characters. The rest is then absent. */
  bot?: string;
}

/** Browsers' are some 200 characters long, those inside apps 400. What is longer is cut before it is looked at. */
const MAX_USER_AGENT = 1_000;

/** They repeat: a shop's visitors have a few thousand. */
const known = new LRUCache<string, Agent>({ max: 2_000 });

/** What is known of a user agent, of any length and content. */
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

/** Names that Bowser knows. Of what it does not know it gives the first word, which may be any text. */
const BROWSERS: ReadonlySet<string> = new Set(Object.values(BROWSER_MAP));
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(OS_MAP));
const PLATFORMS: ReadonlySet<string> = new Set(Object.values(PLATFORMS_MAP));

/** Where Bowser's name is not the maker's, or none that a reader would look for. */
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

/** Bowser takes televisions with Android for tablets, and has no type for Chromebooks and consoles. */
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

/** Apps show pages in a browser of the system's, without its name; GA4 calls these so. */
function inApp(text: string): string | undefined {
  if (/\bAndroid\b.*; wv\)/.test(text)) return 'Android WebView';
  const isOfApple = /\b(?:iPhone|iPad|iPod)\b.*AppleWebKit\//.test(text);
  return isOfApple && !/\bSafari\//.test(text) && !/MicroMessenger/.test(text)
    ? 'Safari (in-app)'
    : undefined;
}

/** Words that bots have in their names, in the order of the user agent. */
const OF_BOTS = /bot|crawl|spider|slurp|headless|lighthouse|externalhit|preview|monitor/i;
const MAX_NAME = 50;

/**
 * What a bot calls itself: `Googlebot`, `GPTBot`, `HeadlessChrome`, `curl`. The list that knows bots gives the part
 * of the text that gave them away, which is often no name.
 */
function botName(text: string): string {
  const withoutAddresses = text.replaceAll(/https?:\S*|\S*@\S*/gi, ' ');
  const words = withoutAddresses.match(/[A-Za-z][A-Za-z0-9-]*/g) ?? [];
  const name =
    words.find((word) => word.length > 3 && OF_BOTS.test(word)) ??
    /\bcompatible;\s*([A-Za-z][A-Za-z0-9-]*)/i.exec(withoutAddresses)?.[1] ??
    words.find((word) => !/^(?:mozilla|opera)$/i.test(word)) ??
    isbotMatch(text)?.match(/\w+/)?.[0] ??
    'bot';
  return name.slice(0, MAX_NAME);
}
