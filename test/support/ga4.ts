import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';

/** Sites for GA4's protocols: two with streams, and one that lists none. */
export const ga4Sites = new Sites([
  siteSchema.parse({
    id: 'shop',
    currency: 'EUR',
    measurement_ids: ['G-SHOP1', '1:1234567890:ios:321abc456def7890'],
    keys: [storedKey('write', 'a-write-key', 0), storedKey('read', 'a-read-key', 0)],
  }),
  siteSchema.parse({
    id: 'other',
    measurement_ids: ['G-OTHER'],
    keys: [storedKey('write', 'another-key', 0)],
  }),
  siteSchema.parse({ id: 'quiet', keys: [storedKey('write', 'quiet-key', 0)] }),
]);

/** What an endpoint of GA4 may answer. */
export interface Ga4Body {
  code: string;
  errors: { code: string; path: string; message: string }[];
  accepted: number;
  refused: number;
  events: { status: string; errors?: { path: string }[] }[];
  validationMessages: { fieldPath: string; validationCode: string; description: string }[];
}
