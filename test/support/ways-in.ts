import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { openCollecting } from './collecting.ts';
import { ask } from './http.ts';

/** A collect function without servers, and its ways in. */

const sites = new Sites([
  siteSchema.parse({
    id: 'shop',
    currency: 'EUR',
    measurement_ids: ['G-SHOP1'],
    keys: [storedKey('write', 'a-write-key', 0)],
  }),
]);
const { handler, published } = openCollecting(sites);

export { handler, published };

interface Warning {
  code: string;
  path: string;
  message: string;
}
export interface Body {
  accepted: number;
  refused: number;
  events: { status: string; errors?: Warning[]; warnings?: Warning[] }[];
  errors?: Warning[];
  detail?: string;
  validationMessages: { fieldPath: string; description: string }[];
}

const asText = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
export const plain = (body: unknown) =>
  ask<Body>(handler, 'POST', '/v1/events', {
    headers: { authorization: 'Bearer a-write-key' },
    body: asText(body),
  });
export const segment = (type: string, body: unknown) =>
  ask<Body>(handler, 'POST', `/v1/${type}`, {
    headers: { authorization: `Basic ${btoa('a-write-key:')}` },
    body: asText(body),
  });
const MP = '?measurement_id=G-SHOP1&api_secret=a-write-key';
export const measure = (body: unknown, path = '/mp/collect') =>
  ask<Body>(handler, 'POST', `${path}${MP}`, { body: asText(body) });
export const hit = (query: string) => ask<Body>(handler, 'GET', `/g/collect?tid=G-SHOP1&${query}`);
