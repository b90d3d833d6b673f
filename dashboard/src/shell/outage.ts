/** What the questions of a page are about, in the page's own words. The first that fits an address names it. */
const SUBJECTS: readonly (readonly [start: string, subject: string])[] = [
  ['/v1/overview', 'key numbers'],
  ['/v1/series', 'plots'],
  ['/v1/breakdowns', 'tables'],
  ['/v1/products', 'products'],
  ['/v1/trending', 'trending products'],
  ['/v1/funnels', 'funnel'],
  ['/v1/retention', 'coming back'],
  ['/v1/carts', 'carts'],
  ['/v1/events', 'events'],
  ['/v1/live/interactions', 'newest interactions'],
  ['/v1/live', 'live numbers'],
  ['/v1/users', 'person'],
  ['/v1/search', 'search'],
  ['/v1/system', 'servers'],
  ['/v1/health', 'health'],
  ['/v1/ledger', 'ledger'],
  ['/v1/quality', 'data quality'],
  ['/v1/dead-letters', 'dead letters'],
  ['/v1/sites', 'settings'],
];
const OTHER = 'other parts';
/** More than these are not named one by one. */
const MOST_NAMED = 3;

/** Of an answer: what it is about, why it could not be read again, and when it was last current. */
interface Shown {
  address: string;
  error: { status: number; code: string } | undefined;
  at: number | undefined;
}

interface Outage {
  what: string;
  /** When the oldest of the numbers that could not be read again was current, ms since the epoch; undefined: never. */
  at: number | undefined;
}

/**
 * What of a page can't be read, and why. Refusals (4xx) are told where they happen, not here.
 * @example { what: 'Plots and carts failed (redis_unavailable)', at: 1767225600000 }
 */
export function outageOf(answers: readonly Shown[], isOnline: boolean): Outage | undefined {
  const failed = answers.flatMap(({ address, error, at }) =>
    error && (error.status === 0 || error.status >= 500) ? [{ address, error, at }] : [],
  );
  if (failed.length === 0) return undefined;
  const times = failed.flatMap(({ at }) => (at === undefined ? [] : [at]));
  const at = times.length === 0 ? undefined : Math.min(...times);
  if (failed.every(({ error }) => error.code === 'offline')) {
    // One lost question is no lost connection.
    const isAway = failed.length === answers.length || !isOnline;
    return {
      what: isAway ? 'Footfall cannot be reached' : `${named(failed, answers)} could not be fetched`,
      at,
    };
  }
  const codes = [...new Set(failed.map(({ error }) => error.code))].join(', ');
  return { what: `${named(failed, answers)} failed (${codes})`, at };
}

function named(failed: readonly { address: string }[], answers: readonly { address: string }[]): string {
  const subjects = [...new Set(failed.map(({ address }) => subjectOf(address)))];
  if (failed.length === answers.length && subjects.length > 1) return 'All numbers of this page';
  const shown = subjects.length > MOST_NAMED ? [...subjects.slice(0, MOST_NAMED - 1), OTHER] : subjects;
  const text = new Intl.ListFormat('en').format(shown);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const subjectOf = (address: string) => SUBJECTS.find(([start]) => address.startsWith(start))?.[1] ?? OTHER;
