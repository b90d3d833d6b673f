import { keys } from '../platform/redis/keys.ts';
import { MASKED, type Shortened } from './shorten.ts';

/**
 * What may not be shown, even to the operator: hashes of keys, by which a guessed key could be confirmed, and the salt
 * of clients' addresses. Another installation's prefix may stand before a key.
 */
export const hasKeyHashes = (key: string): boolean => key.endsWith(keys.sites);
export const isSecret = (key: string): boolean => key.endsWith(keys.limitSalt());

/** A site's record, or its beginning, with the hash of each key masked. */
const maskHashes = (json: string): string =>
  json.replace(/("hash"\s*:\s*")[^"]*/g, `$1${MASKED}`).replace(/[0-9a-f]{64}/g, MASKED);

/** The same of a value that is shown. Bytes that are no text hold no record of a site. */
export const maskRecord = ({ bytes, cut, text }: Shortened): Shortened => ({
  ...{ bytes, cut },
  text: text === undefined ? MASKED : maskHashes(text),
});
