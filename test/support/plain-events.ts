import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { openCollecting } from './collecting.ts';
import { type Answer, ask, type RequestOptions } from './http.ts';

/** What collect answers to events. */
export interface CollectBody {
  accepted: number;
  refused: number;
  dead_lettered: number;
  events: { index: number; status: string; id?: string; errors?: { code: string; path: string }[] }[];
  code: string;
  errors?: { code: string; path: string; message: string }[];
}

/** The headers of a shop's program. */
export const key = { authorization: 'Bearer write-key-1' };

/** An event that is valid as it stands. */
export const view = (fields: object = {}) => ({ name: 'view_item', user_id: 'ada', ...fields });

/**
 * The collect function for the sites `shop` and `other`, and how plain events are sent to it. What it publishes stays
 * in this process; the brokers themselves are in the integration tests.
 */
export function openPlainEvents() {
  const sites = new Sites([
    siteSchema.parse({
      id: 'shop',
      currency: 'EUR',
      keys: [storedKey('write', 'write-key-1', 0), storedKey('read', 'read-key-1', 0)],
    }),
    siteSchema.parse({ id: 'other', keys: [storedKey('write', 'write-key-2', 0)] }),
  ]);
  const { handler, published } = openCollecting(sites);
  /** Sends a body as it is, or as JSON, with the key of `shop`. */
  const post = (
    body: unknown,
    { headers = key, ...options }: RequestOptions = {},
    query = '',
  ): Promise<Answer<CollectBody>> =>
    ask<CollectBody>(handler, 'POST', `/v1/events${query}`, {
      ...options,
      headers,
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
  return { sites, handler, published, post };
}
