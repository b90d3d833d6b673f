/** Names of what events say by a code. */

const regions = new Intl.DisplayNames('en', { type: 'region' });

/** @param code ISO 3166 alpha-2; other texts stay as they are. @example countryName('ES') // 'Spain' */
export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code;
}

/** @example eventName('add_to_cart') // 'Add to cart' */
export function eventName(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1);
}
