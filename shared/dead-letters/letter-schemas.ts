import * as z from 'zod';
import { DEAD_LETTER_REASONS } from '../event/outcome.ts';
import { cursorParameter, limitParameter, nextCursor } from '../platform/http/cursor.ts';
import { dayText } from '../platform/http/day-parameter.ts';
import { STATUSES } from './letter-entry.ts';
import { ACTIONS, isLetterKey } from './letter-record.ts';
import { jsonValue, patchSchema } from './prepare-replay.ts';

/** Schemas of the requests and answers of `/v1/dead-letters`. */

/** Letters that one request may name. */
const MAX_NAMED = 100;

const letterKey = z.string().max(300).refine(isLetterKey, 'must be a key such as events-3-17');
const reason = z.enum(DEAD_LETTER_REASONS);
const status = z.enum(STATUSES);
/** The `site` that a record claims; it need not be the id of an existing site. */
const site = z.string().min(1).max(64);

const rangeShape = {
  from: dayText.optional().meta({ description: 'First day, UTC', example: '2026-03-01' }),
  to: dayText.optional().meta({ description: 'Last day, inclusive, UTC', example: '2026-03-31' }),
};
const filterShape = {
  reason: reason.optional(),
  site: site
    .optional()
    .meta({ description: "Site that the record names. A site's admin key sees only its own letters" }),
  ...rangeShape,
};

const pageQuery = (limit: number) =>
  z.strictObject({
    ...filterShape,
    status: status.optional(),
    limit: limitParameter(limit),
    cursor: cursorParameter,
    format: z.enum(['json', 'csv']).optional(),
  });

export const listQuery = pageQuery(100);
export const countsQuery = pageQuery(500);

export const letterPath = z.object({ letter: letterKey });

const selectionShape = {
  letters: z
    .array(letterKey)
    .min(1)
    .max(MAX_NAMED)
    .optional()
    .meta({ description: 'Keys of the letters; or give a `reason` instead' }),
  reason: reason.optional().meta({ description: 'Takes all open letters with this reason, oldest first' }),
  site: site.optional(),
  ...rangeShape,
  cursor: cursorParameter.meta({ description: '`next_cursor` of the previous request' }),
  limit: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(500)
    .meta({ description: 'Most letters that one request takes' }),
  note: z
    .string()
    .min(1)
    .max(500)
    .refine((text) => text.isWellFormed(), 'well-formed')
    .optional()
    .meta({
      description: 'Stored with the letter for as long as the letter exists. Must not hold personal data',
    }),
};

const namesOne = ({ letters, reason }: { letters?: unknown; reason?: unknown }) =>
  (letters === undefined) !== (reason === undefined);
const NAMES_ONE = 'give either letters or a reason';

export const replayInput = z
  .strictObject({
    ...selectionShape,
    patch: patchSchema.optional().meta({
      description:
        'JSON Patch (RFC 6902), applied to the event of each letter: the canonical one, or with the reason `invalid` the event as it was sent',
    }),
    event: z.record(z.string(), jsonValue).optional().meta({
      description: 'Event to publish instead of what the letter holds. Only with exactly one letter',
    }),
  })
  .refine(namesOne, NAMES_ONE)
  .refine(
    ({ event, letters }) => event === undefined || letters?.length === 1,
    'event needs exactly one letter',
  )
  .refine(({ event, patch }) => event === undefined || patch === undefined, 'give either a patch or an event')
  .meta({
    id: 'ReplayInput',
    examples: [
      { letters: ['events-3-17'] },
      {
        reason: 'too_late',
        patch: [{ op: 'add', path: '/backfill', value: true }],
        note: 'The tills were offline',
      },
    ],
  });

export const discardInput = z
  .strictObject(selectionShape)
  .refine(namesOne, NAMES_ONE)
  .meta({ id: 'DiscardInput', examples: [{ letters: ['events-3-18'], note: 'A test' }] });

const instant = z.iso.datetime();

const refusalShape = {
  code: z.string(),
  message: z.string(),
  path: z
    .string()
    .optional()
    .meta({ description: 'With `invalid`: where the problem is in the event, in its own format' }),
};
const letterShape = {
  letter: z
    .string()
    .meta({ description: 'Key of the letter: topic-partition-offset of the rejected record' }),
  status: status.meta({
    description: '`replaying`: its replay has begun; the next request or sweep finishes it',
  }),
  reason,
  detail: z.string(),
  site: z.string().optional().meta({ description: 'Site that the record names' }),
  name: z.string().optional().meta({ description: 'Name of the event' }),
  at: instant.meta({ description: 'When the record was written' }),
  received: instant.optional(),
  replays: z
    .string()
    .optional()
    .meta({ description: 'Letter whose replay was rejected and became this letter' }),
  became: z
    .string()
    .optional()
    .meta({ description: 'Letter that its replay became when it was rejected again' }),
  actions: z.array(
    z.object({
      action: z.enum(ACTIONS),
      at: instant,
      by: z
        .string()
        .meta({ description: '`installation`, `site:<id>` for the admin key of a site, or `sweep`' }),
      note: z.string().optional(),
    }),
  ),
};
const letterExample = {
  letter: 'events-3-17',
  status: 'replayed' as const,
  reason: 'too_late' as const,
  detail: 'It happened more than 72 hours before it was received.',
  site: 'shoes',
  name: 'purchase',
  at: '2026-11-25T10:00:00.000Z',
  received: '2026-11-25T10:00:00.000Z',
  actions: [
    {
      action: 'replay' as const,
      at: '2026-11-25T11:00:00.000Z',
      by: 'site:shoes',
      note: 'The tills were offline',
    },
    { action: 'done' as const, at: '2026-11-25T11:00:00.100Z', by: 'site:shoes' },
  ],
};

export const lettersAnswer = z
  .object({ letters: z.array(z.object(letterShape)), next_cursor: nextCursor })
  .meta({ id: 'DeadLetters', examples: [{ letters: [letterExample] }] });

export const countsAnswer = z
  .object({
    counts: z.array(
      z.object({
        day: z.iso.date(),
        reason,
        site: z.string().optional().meta({ description: 'Absent: the records name no site' }),
        status,
        letters: z.number().int().meta({ description: 'Letters that are listed' }),
        dropped: z.number().int().meta({
          description:
            'Letters that are no longer listed: a site has 100,000, and settled ones go first, then the oldest',
        }),
      }),
    ),
    open: z.number().int().meta({ description: 'Open letters that match the filter, over all pages' }),
    next_cursor: nextCursor,
  })
  .meta({
    id: 'DeadLetterCounts',
    examples: [
      {
        counts: [
          { day: '2026-11-25', reason: 'too_late', site: 'shoes', status: 'open', letters: 12, dropped: 0 },
        ],
        open: 12,
      },
    ],
  });

export const letterAnswer = z
  .object({
    ...letterShape,
    record: z
      .object({
        topic: z.string(),
        partition: z.number().int(),
        offset: z.number().int(),
        key: z
          .string()
          .optional()
          .meta({ description: 'Key of the record, as text. Absent: the record had none' }),
      })
      .meta({ description: 'Where the rejected record is in Kafka' }),
    erased: z.literal(true).optional().meta({
      description: 'The person was erased since. The content is not shown and cannot be replayed',
    }),
    text: z
      .string()
      .optional()
      .meta({ description: 'Content as text. Absent: it is not UTF-8, or longer than 500,000 bytes' }),
    base64: z.string().optional().meta({ description: 'Content, byte for byte' }),
    refused_now: z.object(refusalShape).optional().meta({
      description:
        'Why a replay without changes would be rejected. Absent: it would be counted, or the letter is not open',
    }),
  })
  .meta({
    id: 'DeadLetter',
    examples: [
      {
        ...letterExample,
        record: { topic: 'events', partition: 3, offset: 17, key: 'shoes:ada' },
        text: '{"v":1,"id":"e-1"}',
        base64: 'eyJ2IjoxLCJpZCI6ImUtMSJ9',
        refused_now: { code: 'too_late', message: 'It happened more than 72 hours before it was received.' },
      },
    ],
  });

const doneShape = {
  already: z
    .array(z.object({ letter: z.string(), status }))
    .meta({ description: 'Named letters that were replayed or discarded before' }),
  refused: z.array(z.object({ letter: z.string(), ...refusalShape })).meta({
    description:
      'Letters that this request did not change, and why: a dead-letter reason, a failed patch, or `out_of_time` for named letters to send again',
  }),
  remaining: z
    .number()
    .int()
    .meta({ description: 'Open letters with this `reason` that the request did not reach' }),
  next_cursor: z
    .string()
    .optional()
    .meta({ description: 'Send it as `cursor` to continue. Absent: there are no more letters' }),
};
const doneExample = {
  already: [],
  refused: [
    {
      letter: 'events-3-19',
      code: 'too_late',
      message: 'It happened more than 72 hours before it was received.',
    },
  ],
  remaining: 1_250,
  next_cursor: 'WzE3NjQwNjQ4MDAwMDAsImV2ZW50cy0zLTE5Il0',
};

export const replayAnswer = z
  .object({
    replayed: z
      .number()
      .int()
      .meta({ description: 'Letters that were published again. Each is counted once, a moment later' }),
    ...doneShape,
  })
  .meta({ id: 'Replayed', examples: [{ replayed: 499, ...doneExample }] });

export const discardAnswer = z
  .object({ discarded: z.number().int(), ...doneShape })
  .meta({ id: 'Discarded', examples: [{ discarded: 1, already: [], refused: [], remaining: 0 }] });
