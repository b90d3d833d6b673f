import { z } from 'zod';
import { DEAD_LETTER_REASONS } from '../event/outcome.ts';
import { cursorParameter, limitParameter, nextCursor } from '../platform/http/cursor.ts';
import { dayText } from '../platform/http/day-parameter.ts';
import { STATUSES } from './entry.ts';
import { ACTIONS, isLetterKey } from './record.ts';
import { patchSchema } from './revise.ts';

/** What `/v1/dead-letters` takes and answers. */

/** Letters that one request may name. */
const MAX_NAMED = 100;

const letterKey = z.string().max(300).refine(isLetterKey, 'topic-partition-offset of the refused record');
const reason = z.enum(DEAD_LETTER_REASONS);
const status = z.enum(STATUSES);
/** Texts that somebody's record claims: no site's id, perhaps. */
const site = z.string().min(1).max(64);

const rangeShape = {
  from: dayText.optional().meta({ description: 'First day, UTC', example: '2026-03-01' }),
  to: dayText.optional().meta({ description: 'Last day, inclusive, UTC', example: '2026-03-31' }),
};
const filterShape = {
  reason: reason.optional(),
  site: site
    .optional()
    .meta({ description: "That the record says it is of. A site's key sees that site's alone" }),
  ...rangeShape,
};

export const listQuery = z.strictObject({
  ...filterShape,
  status: status.optional(),
  limit: limitParameter(100),
  cursor: cursorParameter,
  format: z.enum(['json', 'csv']).optional(),
});

export const countsQuery = z.strictObject({
  ...filterShape,
  status: status.optional(),
  limit: limitParameter(500),
  cursor: cursorParameter,
  format: z.enum(['json', 'csv']).optional(),
});

export const letterPath = z.object({ letter: letterKey });

const selectionShape = {
  letters: z
    .array(letterKey)
    .min(1)
    .max(MAX_NAMED)
    .optional()
    .meta({ description: 'By their keys; or all of a `reason`' }),
  reason: reason.optional().meta({ description: 'All that are open, the oldest first' }),
  site: site.optional(),
  ...rangeShape,
  cursor: cursorParameter.meta({ description: 'next_cursor of the request before' }),
  limit: z.number().int().min(1).max(1_000).default(500).meta({ description: 'Letters of one request' }),
  note: z
    .string()
    .min(1)
    .max(500)
    .refine((text) => text.isWellFormed(), 'well-formed')
    .optional()
    .meta({
      description: 'Kept with the letter for as long as it is: no place for what is of a person',
    }),
};

const namesOne = ({ letters, reason }: { letters?: unknown; reason?: unknown }) =>
  (letters === undefined) !== (reason === undefined);
const NAMES_ONE = 'either letters or a reason';

export const replayInput = z
  .strictObject({
    ...selectionShape,
    patch: patchSchema.optional().meta({ description: 'JSON Patch (RFC 6902), for each of the letters' }),
    event: z.record(z.string(), z.json()).optional().meta({
      description: 'Instead of what the letter holds; for one letter',
    }),
  })
  .refine(namesOne, NAMES_ONE)
  .refine(({ event, letters }) => event === undefined || letters?.length === 1, 'event is for one letter')
  .refine(({ event, patch }) => event === undefined || patch === undefined, 'either a patch or an event')
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

const letterShape = {
  letter: z.string().meta({ description: 'Its key: topic-partition-offset of the refused record' }),
  status: status.meta({ description: '`replaying`: on its way; the next request or sweep finishes it' }),
  reason,
  detail: z.string(),
  site: z.string().optional().meta({ description: 'That the record says it is of' }),
  name: z.string().optional().meta({ description: 'Of the event' }),
  at: instant.meta({ description: 'When the record was written' }),
  received: instant.optional(),
  replays: z.string().optional().meta({ description: 'The letter of whose replay this one came' }),
  became: z.string().optional().meta({ description: 'The letter that came of its replay: refused again' }),
  actions: z.array(
    z.object({
      action: z.enum(ACTIONS),
      at: instant,
      by: z.string().meta({ description: '`installation`, or the site whose admin key it was' }),
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
        site: z.string().optional().meta({ description: 'Absent: the records say none' }),
        status,
        letters: z.number().int(),
      }),
    ),
    open: z.number().int().meta({ description: 'Of all that the filter lets through' }),
    next_cursor: nextCursor,
  })
  .meta({
    id: 'DeadLetterCounts',
    examples: [
      {
        counts: [{ day: '2026-11-25', reason: 'too_late', site: 'shoes', status: 'open', letters: 12 }],
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
          .meta({ description: 'As text; absent: it had none, or the letter is an old one' }),
      })
      .meta({ description: 'Where the refused record stood' }),
    erased: z.literal(true).optional().meta({
      description:
        'It is of a person who was erased since: what it holds is not shown, and can not be replayed',
    }),
    text: z.string().optional().meta({ description: 'What it holds, where that is UTF-8 and not too long' }),
    base64: z.string().optional().meta({ description: 'The same, byte for byte' }),
    refused_now: z.object({ code: z.string(), message: z.string() }).optional().meta({
      description:
        'Why a replay of it as it is would be refused; absent: it would be counted, or is dealt with already',
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
    .meta({ description: 'Named letters with which something had been done before' }),
  refused: z.array(z.object({ letter: z.string(), code: z.string(), message: z.string() })).meta({
    description:
      'Those that stay as they are, and why: a reason of dead letters, what the patch could not do, or `out_of_time` for named ones to ask for again',
  }),
  remaining: z
    .number()
    .int()
    .meta({ description: 'Open ones of the `reason` that this request did not come to' }),
  next_cursor: z.string().optional().meta({ description: 'To go on with; absent: there are no more' }),
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
      .meta({ description: 'They are in the log, and counted a moment later: each once' }),
    ...doneShape,
  })
  .meta({ id: 'Replayed', examples: [{ replayed: 499, ...doneExample }] });

export const discardAnswer = z
  .object({ discarded: z.number().int(), ...doneShape })
  .meta({ id: 'Discarded', examples: [{ discarded: 1, already: [], refused: [], remaining: 0 }] });
