/**
 * Where the key is kept: in the tab, or on the device if the user asks for that. It reaches the page by the form, or by a
 * link's fragment (`#key=KEY`), which browsers send to no server.
 */
const NAME = 'footfall.key';

/** The key of a link, taken out of the address at once, so that it is neither shown, shared nor kept in the history. */
export function takeKeyOfLink(): string | undefined {
  const match = /^#key=([\w-]+)(.*)$/s.exec(location.hash);
  if (!match) return undefined;
  history.replaceState(null, '', `#${match[2] || '/overview'}`);
  return match[1];
}

export const keptKey = (): string | undefined =>
  sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME) ?? undefined;

/** @param onDevice whether it is still there after the tab is closed. */
export function keepKey(key: string, onDevice: boolean): void {
  forgetKey();
  (onDevice ? localStorage : sessionStorage).setItem(NAME, key);
}

export function forgetKey(): void {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
}
