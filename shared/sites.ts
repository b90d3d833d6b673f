import { createHash } from 'node:crypto';
import { IANAZone } from 'luxon';
import { z } from 'zod';

/** Currencies that the runtime's ICU data knows (ISO 4217). */
const currencies = new Set(Intl.supportedValuesOf('currency'));

export const currencyCode = z.string().refine((code) => currencies.has(code), 'an ISO 4217 currency code');

/** As it stands in a header or a query. */
const key = z.string().regex(/^[!-~]{8,200}$/, '8 to 200 printable ASCII characters without spaces');

/**
 * A shop. Ids go into Kafka keys and Redis keys, so they are short and plain.
 * `zone` decides where its days begin; `retention_days` how long a day's numbers are kept after that day;
 * `lateness_hours` how late an event may arrive that is not marked as backfill.
 */
export const siteSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/),
  name: z.string().max(200).optional(),
  zone: z
    .string()
    .refine((zone) => IANAZone.isValidZone(zone), 'an IANA time zone')
    .default('UTC'),
  currency: currencyCode.default('USD'),
  retention_days: z.number().int().min(3).max(36_500).default(1_095),
  lateness_hours: z.number().int().min(1).max(720).default(72),
  /** Public keys that may only send. */
  write_keys: z.array(key).default([]),
  /** Secret keys that may only read this site. */
  read_keys: z.array(key).default([]),
  /** Secret keys that may change what the site defines: its funnels. */
  admin_keys: z.array(key).default([]),
});

export type Site = z.infer<typeof siteSchema>;

const keysOf = ({ write_keys, read_keys, admin_keys }: Site) => [...write_keys, ...read_keys, ...admin_keys];

/** All sites: no id and no key twice, or one shop's events would go to another, or a public key could read. */
export const sitesSchema = z
  .array(siteSchema)
  .min(1)
  .refine((sites) => isDistinct(sites.map(({ id }) => id)), 'each site needs an id of its own')
  .refine(
    (sites) => isDistinct(sites.flatMap(keysOf)),
    'no key may stand twice, be it as write, read or admin key',
  );

const isDistinct = (texts: string[]) => new Set(texts).size === texts.length;

const digest = (key: string) => createHash('sha256').update(key).digest('base64');

/** Finds sites by id or by key. Keys are looked up by their SHA-256, so a look-up's time tells nothing of a key. */
export class Sites {
  readonly #byId: Map<string, Site>;
  readonly #byWriteKey = new Map<string, Site>();
  readonly #byReadKey = new Map<string, Site>();
  readonly #byAdminKey = new Map<string, Site>();

  constructor(sites: readonly Site[]) {
    this.#byId = new Map(sites.map((site) => [site.id, site]));
    for (const site of sites) {
      for (const key of site.write_keys) this.#byWriteKey.set(digest(key), site);
      for (const key of site.read_keys) this.#byReadKey.set(digest(key), site);
      for (const key of site.admin_keys) this.#byAdminKey.set(digest(key), site);
    }
  }

  get(id: string): Site | undefined {
    return this.#byId.get(id);
  }

  all(): Site[] {
    return [...this.#byId.values()];
  }

  forWriteKey(key: string): Site | undefined {
    return this.#byWriteKey.get(digest(key));
  }

  forReadKey(key: string): Site | undefined {
    return this.#byReadKey.get(digest(key));
  }

  forAdminKey(key: string): Site | undefined {
    return this.#byAdminKey.get(digest(key));
  }
}
