import * as z from 'zod';
import { FootfallError } from '../platform/errors.ts';
import type { Site } from '../sites/site.ts';
import type { Receipts } from './receipts-store.ts';

const whole = z.number().int();

export const receiptSchema = z
  .object({
    receipt: z.uuid(),
    site: z.string(),
    status: z.enum(['pending', 'done']).meta({
      description: 'done: no data of the person is stored or in progress any more',
    }),
    requested_at: z.iso.datetime().meta({ description: 'Everything received until then is erased' }),
    recorded_at: z.iso.datetime().nullable().meta({
      description: 'When the last erasure record was written to the log; null while pending',
    }),
    ids: whole.meta({ description: "Number of the person's ids" }),
    keys: whole.meta({ description: 'Redis keys removed' }),
    entries: whole.meta({ description: 'Entries removed from lists of users in Redis' }),
    erased: z
      .array(
        z.object({
          sha256: z
            .string()
            .meta({ description: 'SHA-256 of `site:id`, base64url. The id itself is not kept' }),
          keys: whole,
          entries: whole,
          recorded_at: z.iso.datetime().nullable().meta({
            description: 'null: erased along with another id of the person',
          }),
        }),
      )
      .meta({ description: 'The ids that are erased' }),
  })
  .meta({
    id: 'Receipt',
    examples: [
      {
        receipt: '7d8f3c52-6f0e-4a51-9d0b-0d9a5f0f8f8a',
        site: 'demo',
        status: 'done',
        requested_at: '2026-03-31T18:05:12.250Z',
        recorded_at: '2026-03-31T18:05:12.301Z',
        ids: 1,
        keys: 3,
        entries: 2,
        erased: [
          {
            sha256: 'G3Xw8iFtaCAVwbpGrE4yqpNGXhqz9sRrKjmJVWg3Dts',
            keys: 3,
            entries: 2,
            recorded_at: '2026-03-31T18:05:12.301Z',
          },
        ],
      },
    ],
  });

/** The present state of an erasure. @throws FootfallError `unknown_receipt` 404. */
export async function readReceipt(
  receipts: Receipts,
  site: Site,
  receipt: string,
): Promise<z.infer<typeof receiptSchema>> {
  const found = await receipts.read(site.id, receipt);
  if (!found)
    throw new FootfallError('unknown_receipt', 404, 'The site has no such receipt, or it has expired.');
  const { erased, requested, isDone, of } = found;
  const sum = (name: 'keys' | 'entries') => erased.reduce((total, one) => total + one[name], 0);
  const time = (ts: number) => new Date(ts).toISOString();
  return {
    receipt,
    site: site.id,
    status: isDone ? 'done' : 'pending',
    requested_at: time(requested),
    recorded_at: isDone ? time(Math.max(...erased.map(({ at = 0 }) => at))) : null,
    ids: Math.max(of, erased.length),
    keys: sum('keys'),
    entries: sum('entries'),
    erased: erased.map(({ digest, keys, entries, at }) => ({
      ...{ sha256: digest, keys, entries, recorded_at: at === undefined ? null : time(at) },
    })),
  };
}
