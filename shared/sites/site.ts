import { timingSafeEqual } from 'node:crypto';
import { IANAZone } from 'luxon';
import * as z from 'zod';
import { storedFunnelSchema } from '../funnels/stored-definition.ts';
import { FootfallError } from '../platform/errors.ts';
import { type KeyKind, keyHash, type SiteKey, siteKeySchema } from './site-keys.ts';

/** Currencies that the runtime's ICU data knows (ISO 4217). */
const currencies = new Set(Intl.supportedValuesOf('currency'));

export const currencyCode = z.string().refine((code) => currencies.has(code), 'an ISO 4217 currency code');

/** As browsers send it: lower case, no path, no default port. */
const origin = z
  .string()
  .max(300)
  .refine(isOrigin, 'an origin such as https://shop.example.com or https://*.example.com');

const host = z
  .string()
  .max(253)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    'a host in small letters, such as bank.example',
  );

function isOrigin(text: string): boolean {
  const plain = text.replace('://*.', '://any.');
  return /^https?:\/\/[^*]+$/.test(plain) && URL.canParse(plain) && new URL(plain).origin === plain;
}

const distinct = (texts: readonly string[]) => new Set(texts).size === texts.length;

/** Settings of a site that can change. */
export const siteSettings = {
  name: z.string().min(1).max(200),
  currency: currencyCode,
  /** How long the numbers of a day are kept, counted from that day. */
  retention_days: z.number().int().min(3).max(36_500),
  /** How late an event may arrive unless it is marked as backfill. */
  lateness_hours: z.number().int().min(1).max(720),
  /** How many events of a UTC day that can't be understood become dead letters; further ones are only counted. */
  invalid_events_a_day: z.number().int().min(0).max(100_000),
  /** Origins of web pages that may send events; empty: all. */
  allowed_origins: z.array(origin).max(50).refine(distinct, 'each origin only once'),
  /** Hosts that bring no visitors, such as a bank's card check. Each stands for all hosts below it, too. */
  ignored_referrers: z.array(host).max(100).refine(distinct, 'each host only once'),
  /**
   * GA4 measurement ids and Firebase app ids of this site's streams. One site at most lists each. They decide whose a
   * hit is only where it has no write key.
   */
  measurement_ids: z
    .array(
      z
        .string()
        .regex(
          /^(G-[A-Z0-9]{4,20}|\d+:\d+:(android|ios|web):[0-9a-f]{8,64})$/,
          'a GA4 measurement id such as G-ABC1234567, or a Firebase app id such as 1:1234567890:ios:321abc456def7890',
        ),
    )
    .max(20)
    .refine(distinct, 'each measurement id only once'),
};

const siteId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'up to 64 characters: a-z, 0-9, _ and -, not beginning with _ or -');

export const siteZone = z
  .string()
  .refine((zone) => IANAZone.isValidZone(zone), 'must be an IANA time zone, such as Europe/Madrid');

/** What defines a new site; missing fields get their default. */
export const newSiteShape = {
  id: siteId,
  zone: siteZone.default('UTC'),
  name: siteSettings.name.optional(),
  currency: siteSettings.currency.default('USD'),
  retention_days: siteSettings.retention_days.default(1_095),
  lateness_hours: siteSettings.lateness_hours.default(72),
  invalid_events_a_day: siteSettings.invalid_events_a_day.default(10_000),
  allowed_origins: siteSettings.allowed_origins.default([]),
  ignored_referrers: siteSettings.ignored_referrers.default([]),
  measurement_ids: siteSettings.measurement_ids.default([]),
};

/**
 * A shop, as stored. Its id is part of Kafka keys and Redis keys, so it is short and plain. `zone` decides
 * when its days begin, so it never changes.
 */
export const siteSchema = z.object({
  ...newSiteShape,
  created_at: z.iso.datetime().default(() => new Date().toISOString()),
  keys: z.array(siteKeySchema).default([]),
  funnels: z.array(storedFunnelSchema).default([]),
});

export type Site = z.infer<typeof siteSchema>;

/** A key as stored, and the site that it belongs to. */
export interface KeyOfSite {
  site: Site;
  key: SiteKey;
}

interface KnownKey extends KeyOfSite {
  digest: Buffer;
  /** ms since the epoch. */
  expiresAt: number;
}

/** Hex digits of the hash by which keys are indexed. */
const PREFIX = 8;

/**
 * Finds sites by id, key or GA4 measurement id. A key is looked up by the first digits of its SHA-256, and
 * then the whole hash is compared in constant time, so timing reveals nothing about a key.
 */
export class Sites {
  readonly #byId: Map<string, Site>;
  readonly #keys = new Map<string, KnownKey[]>();
  readonly #byMeasurementId = new Map<string, Site>();

  constructor(sites: readonly Site[]) {
    this.#byId = new Map(sites.map((site) => [site.id, site]));
    for (const site of sites) {
      for (const id of site.measurement_ids) this.#byMeasurementId.set(id, site);
      for (const key of site.keys) {
        const { hash, expires_at } = key;
        const expiresAt = expires_at === undefined ? Infinity : Date.parse(expires_at);
        const known = { site, key, digest: Buffer.from(hash, 'hex'), expiresAt };
        const others = this.#keys.get(hash.slice(0, PREFIX));
        if (others) others.push(known);
        else this.#keys.set(hash.slice(0, PREFIX), [known]);
      }
    }
  }

  get(id: string): Site | undefined {
    return this.#byId.get(id);
  }

  all(): Site[] {
    return [...this.#byId.values()];
  }

  /** @param now ms since the epoch; keys that have expired by then do not count. */
  forWriteKey(key: string, now = Date.now()): Site | undefined {
    return this.find('write', key, now)?.site;
  }

  forReadKey(key: string, now = Date.now()): Site | undefined {
    return this.find('read', key, now)?.site;
  }

  forAdminKey(key: string, now = Date.now()): Site | undefined {
    return this.find('admin', key, now)?.site;
  }

  /** @param id such as `G-ABC1234567`. */
  forMeasurementId(id: string): Site | undefined {
    return this.#byMeasurementId.get(id);
  }

  /**
   * The site of a key, and the key as stored.
   * @param key in clear.
   * @param now ms since the epoch; a key that has expired by then is not found.
   */
  find(kind: KeyKind, key: string, now = Date.now()): KeyOfSite | undefined {
    const hash = keyHash(key);
    const digest = Buffer.from(hash, 'hex');
    return this.#keys
      .get(hash.slice(0, PREFIX))
      ?.find((one) => one.key.kind === kind && one.expiresAt > now && timingSafeEqual(one.digest, digest));
  }
}

/** The site of an id. @throws FootfallError `unknown_site` 404. */
export function siteIn(sites: Sites, id: string): Site {
  const site = sites.get(id);
  if (!site) throw new FootfallError('unknown_site', 404, 'There is no site with this id.');
  return site;
}
