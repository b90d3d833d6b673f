import { useEffect, useState } from 'preact/hooks';

/**
 * What is looked at, as the address says it. It stands in the fragment, so a server sees neither the ids of people nor
 * what is filtered.
 * @example '#/products/tea-1?range=7d' // { path: ['products', 'tea-1'], query: { range: '7d' } }
 */
export interface View {
  path: readonly string[];
  query: Readonly<Record<string, string>>;
}

export function readView(hash: string): View {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  return {
    path: path === '' ? ['overview'] : path.split('/').map(decode),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What stays when another page is opened. */
const LASTING = ['site', 'range', 'compare'] as const;

/**
 * The address of a view. The site, the range and the comparison stay as they are unless `query` says otherwise.
 * @param query undefined values are left out.
 * @example hrefOf(['products', 'tea-1'], { metric: 'views' })
 */
export function hrefOf(path: readonly string[], query: Record<string, string | undefined> = {}): string {
  const now = readView(location.hash).query;
  const lasting = Object.fromEntries(LASTING.map((name) => [name, now[name]]));
  return hash(path, { ...lasting, ...query });
}

function hash(path: readonly string[], query: Record<string, string | undefined>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const search = String(new URLSearchParams(given)).replaceAll('%2C', ',');
  return `#/${path.map(encodeURIComponent).join('/')}${search && `?${search}`}`;
}

/** Goes to a view. */
export function go(path: readonly string[], query?: Record<string, string | undefined>): void {
  location.hash = hrefOf(path, query);
}

/** Changes parameters of the present view; undefined takes one away. The history gets no new step. */
export function setQuery(changes: Record<string, string | undefined>): void {
  const { path, query } = readView(location.hash);
  history.replaceState(null, '', hash(path, { ...query, ...changes }));
  dispatchEvent(new Event('hashchange'));
}

/** The present view. */
export function useView(): View {
  const [view, setView] = useState(() => readView(location.hash));
  useEffect(() => {
    const read = () => setView(readView(location.hash));
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return view;
}
