import * as z from 'zod';
import { EVENT_NAME } from '../event/event.ts';
import { FootfallError } from '../platform/errors.ts';
import {
  FILTER_FIELDS,
  type FunnelDefinition,
  MAX_STEPS,
  MAX_WINDOW_HOURS,
  SHOP_FUNNEL,
} from './definition.ts';

/** How the API takes and shows funnel definitions. */

const text = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => value.isWellFormed(), 'must be well-formed Unicode');

export const funnelStep = z.object({
  event: z.string().regex(EVENT_NAME),
  filters: z
    .array(z.strictObject({ field: z.enum(FILTER_FIELDS), value: text }))
    .max(5)
    .optional()
    .meta({ description: 'All must hold. A field of items holds when one of the items has the value' }),
});

/** A funnel as the caller defines it. */
export const funnelInput = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,39}$/)
      .refine((id) => id !== SHOP_FUNNEL.id, 'every site has a funnel of this id'),
    name: text,
    steps: z.array(funnelStep).min(2).max(MAX_STEPS),
    window_hours: z
      .number()
      .int()
      .min(1)
      .max(MAX_WINDOW_HOURS)
      .default(168)
      .meta({ description: 'From the first step to the last, at the most' }),
    by: z
      .enum(['user', 'session'])
      .default('user')
      .meta({ description: 'Whether people go through it, or sessions' }),
  })
  .meta({
    id: 'FunnelInput',
    examples: [
      {
        id: 'shoes',
        name: 'From shoes to an order',
        steps: [
          { event: 'view_item', filters: [{ field: 'category', value: 'shoes' }] },
          { event: 'add_to_cart' },
          { event: 'purchase' },
        ],
        window_hours: 24,
        by: 'user',
      },
    ],
  });

export const funnelDefinitionSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    by: z.enum(['user', 'session']),
    window_hours: z.number().int(),
    steps: z.array(funnelStep),
    effective_from: z.iso
      .datetime()
      .optional()
      .meta({ description: 'Events received from then on are counted; absent: all' }),
  })
  .meta({
    id: 'FunnelDefinition',
    examples: [
      {
        id: 'shoes',
        name: 'From shoes to an order',
        by: 'user',
        window_hours: 24,
        steps: [
          { event: 'view_item', filters: [{ field: 'category', value: 'shoes' }] },
          { event: 'purchase' },
        ],
        effective_from: '2026-03-01T10:00:02.000Z',
      },
    ],
  });

/** Definitions as the API shows them. */
export const shownFunnel = ({ id, name, by, window_hours, steps, effective_from }: FunnelDefinition) => ({
  id,
  name,
  by,
  window_hours,
  steps,
  ...(effective_from > 0 && { effective_from: new Date(effective_from).toISOString() }),
});

export const unknownFunnel = () =>
  new FootfallError('unknown_funnel', 404, 'The site has no funnel of this id; see /v1/funnels.');
