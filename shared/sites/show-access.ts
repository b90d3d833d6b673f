import * as z from 'zod';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import type { AccessContext } from './access.ts';
import { readerOf } from './reader.ts';
import { type Site, siteSchema } from './site.ts';
import { type SiteKey, siteKeySchema } from './site-keys.ts';

const keyShape = siteKeySchema.pick({ id: true, name: true, hint: true, expires_at: true });
const siteShape = siteSchema
  .pick({ id: true, name: true, zone: true, currency: true, retention_days: true })
  .extend({ created_at: z.iso.datetime() });

export const accessAnswer = z
  .object({
    kind: z.enum(['read', 'admin', 'installation']).meta({ description: 'What the key is' }),
    key: keyShape
      .optional()
      .meta({ description: "The key, without its secret. The installation's admin key has no such record" }),
    sites: z.array(siteShape).meta({
      description: "The key's own site. With the installation's admin key: all sites, by id",
    }),
  })
  .meta({
    id: 'KeyAccess',
    examples: [
      {
        kind: 'read',
        key: { id: 'q1XzP0aBc9Lm', name: 'Screen in the office', hint: 'x7Qa' },
        sites: [
          {
            id: 'shoes',
            name: 'Shoes of Madrid',
            zone: 'Europe/Madrid',
            currency: 'EUR',
            retention_days: 1_095,
            created_at: '2026-11-25T10:00:00.000Z',
          },
        ],
      },
    ],
  });

/**
 * `GET /v1/access`: what the caller's key is, and the sites that it may read. A new site is in the answer to the
 * installation's key at once. It reads nothing from Kafka while Redis is there, so that a caller can sign in
 * while Kafka is away.
 * @throws FootfallError `unauthorized` 401, `sites_unavailable` 503.
 */
export async function showAccess(request: HttpRequest, context: AccessContext): Promise<HttpResponse> {
  const reader = await readerOf(request, context);
  const data: z.infer<typeof accessAnswer> =
    reader.kind === 'installation'
      ? { kind: reader.kind, sites: (await context.sites.refreshed()).all().map(presentSite) }
      : { kind: reader.kind, key: presentKey(reader.key), sites: [presentSite(reader.site)] };
  return json(200, { data }, NOT_KEPT);
}

const presentKey = ({ id, name, hint, expires_at }: SiteKey) => ({ id, name, hint, expires_at });

const presentSite = ({ id, name, zone, currency, retention_days, created_at }: Site) => ({
  ...{ id, name, zone, currency, retention_days, created_at },
});
