import { newId } from './ids.ts';

/** 13 months; never extended. */
const COOKIE_SECONDS = 34_128_000;
const NAME = 'ff_id';

/**
 * Returns a function that gives the visitor's id, or a fresh one on request. Without a cookie the id lasts as
 * long as the tab; if storage is blocked, as long as the page.
 * @param cookie the cookie's name; empty: the default name; undefined: no cookie.
 */
export function openVisitor(cookie: string | undefined): (isFresh?: boolean) => string {
  const name = cookie || NAME;
  let id: string | undefined;

  const stored = () =>
    cookie === undefined
      ? sessionStorage.getItem(name)
      : RegExp(`(?:^|; )${name}=([^;]+)`).exec(document.cookie)?.[1];

  const store = (value: string) => {
    if (cookie === undefined) return sessionStorage.setItem(name, value);
    const secure = location.protocol === 'https:' ? ';Secure' : '';
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is there on pages with TLS only
    document.cookie = `${name}=${value};path=/;max-age=${COOKIE_SECONDS};SameSite=Lax${secure}`;
  };

  return (isFresh) => {
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
}
