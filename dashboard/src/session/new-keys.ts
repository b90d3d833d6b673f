/**
 * Write keys in clear that were made a moment ago, by site, to fill the snippet with. They are in memory only, and gone
 * when the page is loaded again or signed out.
 */
const writeKeys = new Map<string, string>();

export function rememberWriteKey(site: string, key: string): void {
  writeKeys.set(site, key);
}

export const newWriteKey = (site: string): string | undefined => writeKeys.get(site);

export const forgetNewKeys = (): void => writeKeys.clear();
