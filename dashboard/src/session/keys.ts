/**
 * Where the key is kept: in the tab, or on the device if the user asks for that. It reaches the page by the form, or by a
 * link's fragment (`#key=KEY`), which browsers send to no server.
 */
const NAME = 'footfall.key';
const SITE = 'footfall.site';

/** The key of a link, taken out of the address at once, so that it is neither shown, shared nor kept in the history. */
export function takeKeyOfLink(): string | undefined {
  const match = /^#key=([\w-]+)(.*)$/s.exec(location.hash);
  if (!match) return undefined;
  history.replaceState(null, '', `#${match[2] || '/overview'}`);
  return match[1];
}

/**
 * Calls back for a link with a key that is opened in a tab where the page is open already. Only its fragment changes then,
 * so the page is not loaded again.
 */
export function onKeyOfLink(found: (key: string) => void): void {
  addEventListener('hashchange', () => {
    const key = takeKeyOfLink();
    if (key !== undefined) found(key);
  });
}

/** A link to a view of this page that signs in with a key. @param view as behind `#`, such as `/overview?range=7d`. */
export const linkWithKey = (key: string, view: string): string =>
  `${location.origin}${location.pathname}#key=${key}${view}`;

export const keptKey = (): string | undefined =>
  sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME) ?? undefined;

/** @param onDevice whether it is still there after the tab is closed. Otherwise it goes before the device's, in this tab. */
export function keepKey(key: string, onDevice: boolean): void {
  sessionStorage.removeItem(NAME);
  // Another key may not see it.
  for (const storage of [sessionStorage, localStorage]) storage.removeItem(SITE);
  (onDevice ? localStorage : sessionStorage).setItem(NAME, key);
}

export function forgetKey(): void {
  for (const storage of [sessionStorage, localStorage]) {
    storage.removeItem(NAME);
    storage.removeItem(SITE);
  }
}

/** Keeps which site is looked at, beside the key and for as long. */
export function keepSite({ id, zone }: LastSite): void {
  const storage = sessionStorage.getItem(NAME) === null ? localStorage : sessionStorage;
  storage.setItem(SITE, JSON.stringify({ id, zone }));
}

/** The site that was looked at last, as far as this tab or device knows. */
export function keptSite(): LastSite | undefined {
  const text = sessionStorage.getItem(SITE) ?? localStorage.getItem(SITE);
  return text === null ? undefined : (JSON.parse(text) as LastSite);
}

interface LastSite {
  id: string;
  /** IANA time zone. */
  zone: string;
}

/** Calls back when another tab has forgotten the device's key, which this tab uses. @returns a function that ends it. */
export function onForgotten(forgotten: () => void): () => void {
  const changed = ({ key, newValue }: StorageEvent) => {
    if (key === NAME && newValue === null && sessionStorage.getItem(NAME) === null) forgotten();
  };
  addEventListener('storage', changed);
  return () => removeEventListener('storage', changed);
}
