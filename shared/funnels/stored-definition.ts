import * as z from 'zod';
import { FILTER_FIELDS, type FunnelDefinition } from './definition.ts';

/** A definition as it is stored with its site. Its values were checked when it was made; this checks the shape. */
export const storedFunnelSchema: z.ZodType<FunnelDefinition> = z.object({
  id: z.string(),
  name: z.string(),
  steps: z.array(
    z.object({
      event: z.string(),
      filters: z.array(z.object({ field: z.enum(FILTER_FIELDS), value: z.string() })).optional(),
    }),
  ),
  window_hours: z.number(),
  by: z.enum(['user', 'session']),
  key: z.string(),
  effective_from: z.number(),
});
