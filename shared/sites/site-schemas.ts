import * as z from 'zod';
import { MAX_FUNNELS } from '../funnels/definition.ts';
import { funnelDefinitionSchema, funnelInput } from '../funnels/schema.ts';
import { newSiteShape, type Site, siteSchema, siteSettings, siteZone } from './site.ts';
import { KEY_KINDS, type NewKey, siteKeySchema } from './site-keys.ts';

/** Schemas of the requests and answers of `/v1/sites`. */

const takeOver = z.boolean().optional().meta({
  description:
    'Takes the measurement ids from the sites that list them now. Only with the admin key of the installation',
});

export const siteInput = z
  .strictObject({
    ...newSiteShape,
    funnels: z
      .array(funnelInput)
      .max(MAX_FUNNELS)
      .refine((funnels) => new Set(funnels.map(({ id }) => id)).size === funnels.length, 'each id only once')
      .default([])
      .meta({ description: 'Funnels to define, as in POST /v1/funnels' }),
    take_over: takeOver,
  })
  .meta({
    id: 'SiteInput',
    examples: [
      {
        id: 'shoes',
        name: 'Shoes of Madrid',
        zone: 'Europe/Madrid',
        currency: 'EUR',
        allowed_origins: ['https://shoes.example', 'https://*.shoes.example'],
      },
    ],
  });

export const siteChanges = z
  .strictObject({
    ...z.object(siteSettings).partial().shape,
    zone: siteZone.optional().meta({
      description:
        'Time zone. Must be the present one: changing it would move the days that are counted already',
    }),
    take_over: takeOver,
  })
  .meta({ id: 'SiteChanges', examples: [{ currency: 'EUR', retention_days: 730 }] });

const keyName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  // `footfall sites show` prints it to a terminal.
  .refine((text) => !/\p{Cc}/u.test(text), 'must have no control characters');

export const keyInput = z
  .strictObject({
    kind: z.enum(KEY_KINDS).meta({ description: "A site's admin key makes read keys only" }),
    name: keyName.optional().meta({ description: 'For people, such as who has the key' }),
    expires_at: z.iso
      .datetime({ offset: true })
      .refine((text) => Date.parse(text) > Date.now(), 'must be in the future')
      .optional()
      .meta({
        description: 'When the key stops working, to the second. Without it the key works until it is ended',
      }),
  })
  .meta({
    id: 'KeyInput',
    examples: [{ kind: 'read', name: 'Screen in the office', expires_at: '2027-01-01T00:00:00Z' }],
  });

const DAY_SECONDS = 86_400;

export const rotationInput = z
  .strictObject({
    overlap_seconds: z
      .number()
      .int()
      .min(0)
      .max(90 * DAY_SECONDS)
      .default(DAY_SECONDS)
      .meta({ description: 'How long the old key stays valid, in seconds' }),
  })
  .meta({ id: 'RotationInput', examples: [{ overlap_seconds: 3_600 }] });

const { hash: _, planned_end: __, ...keyAnswerShape } = siteKeySchema.shape;
const keyAnswerSchema = z.object(keyAnswerShape);

const inClear = {
  key: z.string().meta({ description: 'The key itself. It is shown only once' }),
};
const newKeyOf = z.object({ ...keyAnswerShape, ...inClear });

const keyExample = {
  id: 'q1XzP0aBc9Lm',
  kind: 'read' as const,
  hint: 'x7Qa',
  created_at: '2026-11-25T10:00:00.000Z',
};
const newKeyExample = { ...keyExample, key: 'ffr_Zk3v8WmT1cRbN5yJq0Hsx7Qa' };

const siteAnswerSchema = siteSchema.omit({ funnels: true }).extend({
  created_at: z.iso.datetime(),
  keys: z.array(keyAnswerSchema),
});
const siteExample = {
  id: 'shoes',
  name: 'Shoes of Madrid',
  zone: 'Europe/Madrid',
  currency: 'EUR',
  retention_days: 1_095,
  lateness_hours: 72,
  invalid_events_a_day: 10_000,
  allowed_origins: ['https://shoes.example'],
  ignored_referrers: ['bank.example'],
  measurement_ids: [],
  created_at: '2026-11-25T10:00:00.000Z',
  keys: [keyExample],
};

export const siteAnswer = siteAnswerSchema.meta({ id: 'Site', examples: [siteExample] });
export const sitesAnswer = z
  .object({ sites: z.array(siteAnswer) })
  .meta({ id: 'Sites', examples: [{ sites: [siteExample] }] });
export const newSiteAnswer = z
  .object({
    site: siteAnswer,
    new_keys: z.array(newKeyOf).meta({ description: 'One key of each kind' }),
    funnels: z.array(funnelDefinitionSchema),
    funnels_failed: z.array(z.string()).meta({
      description:
        'Ids of funnels that could not be defined. The site exists; define them later with POST /v1/funnels',
    }),
  })
  .meta({
    id: 'NewSite',
    examples: [{ site: siteExample, new_keys: [newKeyExample], funnels: [], funnels_failed: [] }],
  });
export const newKeyAnswer = newKeyOf.meta({ id: 'NewKey', examples: [newKeyExample] });
export const rotatedKeyAnswer = z.object({ new_key: newKeyOf, old_key: keyAnswerSchema }).meta({
  id: 'RotatedKey',
  examples: [{ new_key: newKeyExample, old_key: { ...keyExample, expires_at: '2026-11-26T10:00:00.000Z' } }],
});

/** A key as its site lists it. */
export const presentKey = ({
  hash: _,
  planned_end: __,
  ...key
}: Site['keys'][number]): z.infer<typeof keyAnswerSchema> => key;

/** A site without the hashes of its keys and without its funnels, which have an endpoint of their own. */
export const presentSite = ({ funnels: _, ...site }: Site): z.infer<typeof siteAnswer> => ({
  ...site,
  keys: site.keys.map(presentKey),
});

/** A new key in clear, for the one answer that shows it. */
export const presentNewKey = ({ key, text }: NewKey): z.infer<typeof newKeyOf> => ({
  ...presentKey(key),
  key: text,
});
