import { newId } from './ids.ts';

/** 13 months; never extended. */
const COOKIE_SECONDS = 34_128_000;
const NAME = 'ff_id';

interface Visitor {
  /** The visitor's id, or a fresh one on request. */
  (isFresh?: boolean): string;
  /** Removes the id, also from where earlier pages stored it. */
  forget(): void;
}

/**
 * Keeps the visitor's id. Without a cookie it lasts as long as the tab; if storage is blocked, as long as the page. Stores
 * nothing before it is asked for the id.
 * @param cookie the cookie's name; empty: the default name; undefined: no cookie.
 */
export function openVisitor(cookie: string | undefined): Visitor {
  const name = cookie || NAME;
  let id: string | undefined;

  const stored = () =>
    cookie === undefined
      ? sessionStorage.getItem(name)
      : RegExp(`(?:^|; )${name}=([^;]+)`).exec(document.cookie)?.[1];

  const setCookie = (value: string, seconds: number) => {
    const secure = location.protocol === 'https:' ? ';Secure' : '';
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is there on pages with TLS only
    document.cookie = `${name}=${value};path=/;max-age=${seconds};SameSite=Lax${secure}`;
  };

  const store = (value: string) => {
    if (cookie === undefined) sessionStorage.setItem(name, value);
    else setCookie(value, COOKIE_SECONDS);
  };

  const visitor = (isFresh?: boolean) => {
    if (id && !isFresh) return id;
    const fresh = newId();
    id = fresh;
    try {
      const known = !isFresh && stored();
      if (known) id = known;
      else store(fresh);
    } catch {}
    return id;
  };

  visitor.forget = () => {
    id = undefined;
    try {
      if (cookie === undefined) sessionStorage.removeItem(name);
      else if (stored()) setCookie('', 0);
    } catch {}
  };
  return visitor;
}
