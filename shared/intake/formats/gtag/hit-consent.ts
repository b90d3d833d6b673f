/** Letters of `gcd` that deny: by default, by the visitor, or both. */
const DENIED = /[pqmu]/i;

/**
 * What a hit says of consent to analytics, see Google's consent mode. `gcs` is `G1` and two digits: consent to storage for
 * ads, then for analytics; 0 is refused. Where it is missing, the second letter of `gcd` says the same.
 * @returns undefined when the page does not use consent mode.
 * @example consentOf(new Map([['gcs', 'G100']])) // false
 */
export function consentOf(hit: ReadonlyMap<string, string>): boolean | undefined {
  const storage = /^G1[01-]([01])$/i.exec(hit.get('gcs') ?? '')?.[1];
  if (storage !== undefined) return storage === '1';
  const letter = /^\d\d[a-z]\d([a-z])/i.exec(hit.get('gcd') ?? '')?.[1];
  // `l` is not set.
  if (letter === undefined || letter.toLowerCase() === 'l') return undefined;
  return !DENIED.test(letter);
}
