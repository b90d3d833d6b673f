import * as z from 'zod';
import { parseDay } from '../time.ts';

/** A site-local calendar day as YYYY-MM-DD. */
export const dayText = z
  .string()
  .refine((text) => parseDay(text) !== undefined, 'must be a date as YYYY-MM-DD')
  .meta({ format: 'date' });
