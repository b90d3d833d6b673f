import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import { useSession } from '../session/session.ts';
import { type Answer, answerAt, watch } from './answers.ts';
import type { DataOf, GetPath, PathOf, QueryOf } from './types.ts';

/** How often numbers are asked again, ms. */
export const OFTEN = 2_000;
/** For tables of many rows. */
export const SOMETIMES = 10_000;
/** For ranges that are over: only late events change them. */
export const RARELY = 60_000;
export const ONCE = 0;

interface Asked<P extends GetPath> {
  path?: PathOf<P>;
  query?: QueryOf<P>;
  /** ms between two requests; {@link ONCE} when absent. */
  every?: number;
}

/**
 * The answer to a question, kept current while the page is visible.
 * @param path undefined: nothing is asked.
 * @example const { data } = useAnswer('/v1/overview', { query: { from, to }, every: OFTEN });
 */
export function useAnswer<P extends GetPath>(path: P | undefined, asked: Asked<P> = {}): Answer<DataOf<P>> {
  const address = useAddress(path, asked);
  return useAnswerAt(address, asked.every ?? ONCE) as Answer<DataOf<P>>;
}

/**
 * The answers for both sides of a comparison, by one question; undefined until they are there, and without a comparison.
 * @example const both = useComparison('/v1/overview', usePeriod().change);
 */
export function useComparison<P extends GetPath>(
  path: P,
  sides: Sides | undefined,
  asked: Omit<Asked<P>, 'every'> = {},
): { now: DataOf<P>; before: DataOf<P> } | undefined {
  const address = useAddress(sides && path, sides ? comparing(asked, sides) : {});
  // Whole days only, so late events alone change it.
  const { data, previous } = useAnswerAt(address, RARELY) as Answer<DataOf<P>>;
  return data === undefined || previous === undefined ? undefined : { now: data, before: previous };
}

interface Sides {
  now: { from: string; to: string };
  before: { from: string; to: string };
}

/** A question about the days of one side, compared with those of the other. */
export const comparing = <A extends { query?: unknown }>(asked: A, { now, before }: Sides): A => ({
  ...asked,
  query: { ...(asked.query as object), ...now, compare: `${before.from}..${before.to}` },
});

/** The answers to several questions of one path, in the order of `asked`. */
export function useAnswers<P extends GetPath>(
  path: P,
  asked: readonly Omit<Asked<P>, 'every'>[],
  every: number,
): Answer<DataOf<P>>[] {
  const { site } = useSession();
  const addresses = asked.map((one) => addressOf(path, one, site.id));
  const draw = useDraw();
  const list = addresses.join('\n');
  useLayoutEffect(() => {
    const ends = list === '' ? [] : list.split('\n').map((address) => watch(address, every, draw));
    return () => {
      for (const end of ends) end();
    };
  }, [list, every, draw]);
  return addresses.map((address) => answerAt(address) as Answer<DataOf<P>>);
}

/** The address of a question about the site that is looked at, for `fetch` and CSV. */
export function useAddress<P extends GetPath>(path: P | undefined, asked: Asked<P>): string | undefined {
  const { site } = useSession();
  return path === undefined ? undefined : addressOf(path, asked, site.id);
}

/**
 * The address of a question, with its parameters in place.
 * @example addressOf('/v1/users/{user}', { path: { user: 'a/b' } }, 'shop') // '/v1/users/a%2Fb?site=shop'
 */
export function addressOf(
  path: GetPath,
  { path: places, query }: { path?: unknown; query?: unknown },
  site: string,
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((places as Record<string, unknown>)[name])),
  );
  const given = Object.entries({ ...(query as object), ...(ofSite(path) && { site }) });
  const search = new URLSearchParams(
    given.flatMap(([name, value]) => (value == null ? [] : [[name, String(value)]])),
  );
  // In one order, so that parts of the page that ask the same share one request.
  search.sort();
  return search.size === 0 ? filled : `${filled}?${search}`;
}

/** These are not about one site, or name it in their path. */
const ofSite = (path: string) => !/^\/v1\/(access|dead-letters|health|sites|system|openapi)/.test(path);

function useAnswerAt(address: string | undefined, every: number): Answer {
  const draw = useDraw();
  // Before the browser draws the skeletons: meanwhile the question is under way.
  useLayoutEffect(
    () => (address === undefined ? undefined : watch(address, every, draw)),
    [address, every, draw],
  );
  return answerAt(address ?? '');
}

/** A function that draws the component again, always the same one. */
function useDraw(): () => void {
  const [, dispatch] = useReducer((count: number) => count + 1, 0);
  return useRef(() => dispatch(undefined as never)).current;
}
