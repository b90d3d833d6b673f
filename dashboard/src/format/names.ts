/** Names of what events say by a code. */

/** Made when the first name is asked for: it takes as long as drawing a card. */
let regions: Intl.DisplayNames | undefined;

/** @param code ISO 3166 alpha-2; other texts stay as they are. @example countryName('ES') // 'Spain' */
export function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  regions ??= new Intl.DisplayNames('en', { type: 'region' });
  return regions.of(code) ?? code;
}

/** @example eventName('add_to_cart') // 'Add to cart' */
export function eventName(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1);
}
