import * as z from 'zod';
import {
  KEPT_FIELDS,
  KEPT_ITEM_FIELDS,
  type KeptField,
  type KeptItemField,
  type KeptKind,
} from '../event/kept-fields.ts';
import type { Interaction } from '../fold/timeline.ts';
import { MAX_TIMELINE_LENGTH } from '../fold/user-state.ts';
import {
  cursorOf,
  cursorParameter,
  limitParameter,
  nextCursor,
  readCursor,
} from '../platform/http/cursor.ts';
import { dayText } from '../platform/http/day-parameter.ts';
import { fromMinor } from '../platform/money.ts';
import { localDay, type Month, monthOf } from '../platform/time.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';
import { type DayRange, dayRange, rangeParameters } from './date-range.ts';
import { readPerson } from './person.ts';
import { unitsSchema } from './products.ts';
import { question, rowsIn, userParameter } from './question.ts';
import { UNKNOWN_USER, unknownUser } from './user.ts';

/** The most bytes of a page's interactions: a function answers with at most 6 MB (AWS, "Lambda quotas"). */
const MAX_PAGE_BYTES = 4_000_000;

export const interactionsQuery = z.object({
  date: dayText.optional().meta({ description: 'One day, instead of from and to' }),
  ...rangeParameters,
  limit: limitParameter(100).meta({
    description: 'The most interactions of a page; large interactions make it shorter',
  }),
  // An id of 128 characters may be 384 bytes of UTF-8, and base64 makes a third more of them.
  cursor: cursorParameter,
});

const asText = z.string().optional();
const ofKind = { text: asText, amount: asText, index: z.number().int().optional(), customer_type: asText };
type Shapes<F extends string> = Record<F, (typeof ofKind)[KeptKind]>;

/** Fields that are kept and not counted. Money is in units of the currency; an item's discount is that of the line. */
const keptShape = Object.fromEntries(
  Object.entries(KEPT_FIELDS).map(([field, kind]) => [field, ofKind[kind]]),
) as Shapes<KeptField>;
const keptItemShape = Object.fromEntries(
  Object.values(KEPT_ITEM_FIELDS).map(([kind, name]) => [name, ofKind[kind]]),
) as Shapes<(typeof KEPT_ITEM_FIELDS)[KeptItemField][1]>;

export const interactionsSchema = z
  .object({
    user_id: z.string().meta({ description: 'The user; for an anonymous id that became a user, that user' }),
    asked: z.string().meta({ description: 'The requested id' }),
    total: z.number().int().meta({ description: 'In the range, over all pages' }),
    truncated: z.boolean().meta({
      description:
        'A month had more interactions than are kept (4 MB, about 20,000); all of them are counted',
    }),
    interactions: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        timestamp: z.iso.datetime(),
        items: z
          .array(
            z.object({
              item_id: z.string(),
              item_name: z.string().optional(),
              quantity: unitsSchema,
              amount: z.string().optional(),
              item_category: z.string().optional().meta({ description: 'With the levels below it' }),
              ...keptItemShape,
            }),
          )
          .optional(),
        currency: z.string().optional(),
        value: z.string().optional(),
        transaction_id: z.string().optional(),
        page: z.string().optional(),
        search_term: z.string().optional(),
        properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
        ...keptShape,
      }),
    ),
    next_cursor: nextCursor,
  })
  .meta({
    id: 'Interactions',
    examples: [
      {
        user_id: 'ada',
        asked: 'ada',
        total: 57,
        truncated: false,
        interactions: [
          {
            id: 'purchase:o-1001',
            name: 'purchase',
            timestamp: '2026-03-31T18:05:12.250Z',
            items: [{ item_id: 'tea-1', item_name: 'Green tea', quantity: 2, amount: '20.00' }],
            currency: 'EUR',
            value: '24.90',
            transaction_id: 'o-1001',
          },
        ],
        next_cursor: 'WzE3NzQ5ODAzMTIyNTAsInB1cmNoYXNlOm8tMTAwMSJd',
      },
    ],
  });

/**
 * A user's interactions on a day, or from one day to another, in the site's zone, oldest first. They include those under
 * the anonymous ids that became the user, whichever of the ids is requested.
 * @throws FootfallError `unknown_user` 404, `invalid_parameter` 400 for a text that is no cursor.
 */
export async function readInteractions(
  store: StoreReader,
  site: Site,
  asked: string,
  query: z.infer<typeof interactionsQuery>,
): Promise<z.infer<typeof interactionsSchema>> {
  const range = dayRange(query.date === undefined ? query : { from: query.date, to: query.date }, site);
  const { user, ids } = await readPerson(store, site, asked);
  // By the day of each interaction: where a clock goes back over midnight, a day is two separate spans of time.
  const isWithin = ({ ts }: Interaction) => {
    const day = localDay(ts, site.zone);
    return day >= range.from && day <= range.to;
  };
  const kept: { truncated: boolean }[] = [];
  const found: Interaction[] = [];
  // One after the other: a month has up to 4 MB, and Redis would hold those of all ids at once.
  for (const id of ids) {
    const timeline = await readTimeline(store, site, id, range);
    if (!timeline) continue;
    kept.push({ truncated: timeline.truncated });
    for (const one of timeline.interactions) if (isWithin(one)) found.push(one);
  }
  if (kept.length === 0) throw unknownUser();
  // Two ids may have an interaction of one time and id: these stay in the order of the ids, since sorting is stable.
  found.sort(inOrder);
  const begin = query.cursor === undefined ? 0 : firstAfter(readCursor(query.cursor, end)!, found);
  const page = pageOf(found.slice(begin, begin + query.limit));
  const shown = begin + page.length;
  return {
    user_id: user,
    asked,
    total: found.length,
    truncated: kept.some(({ truncated }) => truncated),
    interactions: page,
    ...(shown < found.length && { next_cursor: formatCursor(found, shown - 1) }),
  };
}

/** The interactions of one id in the months of a range, unordered; undefined for an unknown id. */
async function readTimeline(store: StoreReader, site: Site, id: string, range: DayRange) {
  const state = await store.user(site.id, id);
  if (!state) return undefined;
  const months = monthsWithin([...state.months.keys()], range);
  return {
    interactions: await store.interactions(site.id, id, months),
    truncated: months.some((month) => (state.months.get(month) ?? 0) >= MAX_TIMELINE_LENGTH),
  };
}

/** As many interactions as fit into an answer, at least one. An interaction has at most 1 MB. */
function pageOf(interactions: Interaction[]): ReturnType<typeof present>[] {
  const page = [];
  let bytes = 0;
  for (const interaction of interactions) {
    const one = present(interaction);
    bytes += Buffer.byteLength(JSON.stringify(one));
    if (page.length > 0 && bytes > MAX_PAGE_BYTES) break;
    page.push(one);
  }
  return page;
}

type Position = Pick<Interaction, 'ts' | 'id'>;

const inOrder = (a: Position, b: Position) => a.ts - b.ts || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Where a page ended: at the nth interaction with this time and id, since two ids of a user may have the same one. */
type End = Position & { nth: number };

const end = z
  .tuple([z.number(), z.string(), z.number().optional()])
  .transform(([ts, id, nth = 1]): End => ({ ts, id, nth }));

function formatCursor(found: readonly Interaction[], last: number): string {
  const { ts, id } = found[last]!;
  let nth = 1;
  while (nth <= last && inOrder(found[last - nth]!, found[last]!) === 0) nth++;
  return cursorOf(nth === 1 ? [ts, id] : [ts, id, nth]);
}

function firstAfter(end: End, found: readonly Interaction[]): number {
  let index = found.findIndex((interaction) => inOrder(interaction, end) >= 0);
  if (index < 0) return found.length;
  for (let n = 0; n < end.nth && index < found.length && inOrder(found[index]!, end) === 0; n++) index++;
  return index;
}

const monthsWithin = (months: Month[], { from, to }: DayRange) =>
  months.filter((month) => month >= monthOf(from) && month <= monthOf(to));

function present(interaction: Interaction) {
  const { ts, items, value, currency, props, tax, shipping, discount, ...rest } = interaction;
  return {
    ...rest,
    timestamp: new Date(ts).toISOString(),
    ...(items && { items: items.map((item) => presentItem(item, currency)) }),
    ...(currency && { currency }),
    ...(value !== undefined && currency && { value: fromMinor(value, currency) }),
    ...(tax !== undefined && currency && { tax: fromMinor(tax, currency) }),
    ...(shipping !== undefined && currency && { shipping: fromMinor(shipping, currency) }),
    ...(discount !== undefined && currency && { discount: fromMinor(discount, currency) }),
    ...(props && { properties: props }),
  };
}

function presentItem(
  { id, name, quantity, amount, category, discount, ...kept }: NonNullable<Interaction['items']>[number],
  currency: string | undefined,
) {
  return {
    item_id: id,
    ...(name !== undefined && { item_name: name }),
    quantity,
    ...(amount !== undefined && currency && { amount: fromMinor(amount, currency) }),
    ...(category !== undefined && { item_category: category }),
    ...(discount !== undefined && currency && { discount: fromMinor(discount, currency) }),
    ...Object.fromEntries(
      Object.entries(kept).map(([field, said]) => [KEPT_ITEM_FIELDS[field as keyof typeof kept][1], said]),
    ),
  };
}

export const interactionsQuestion = question({
  path: '/v1/users/{user}/interactions',
  summary: "A user's interactions on a day or between two days",
  parameters: z.object({ user: userParameter }),
  query: interactionsQuery,
  answer: interactionsSchema,
  notFound: UNKNOWN_USER,
  cached: 'never',
  csv: rowsIn(interactionsSchema, 'interactions'),
  read: ({ store, site }, { user }, query) => readInteractions(store, site, user, query),
});
