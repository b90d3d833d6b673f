import fc from 'fast-check';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { KEPT_FIELDS, KEPT_ITEM_FIELDS } from '../../shared/event/kept-fields.ts';
import { timelineBlock, timelineEntry, unpackInteractions } from '../../shared/fold/timeline.ts';
import { batchSizes, cut, eventStream } from '../oracle/streams.ts';

const numRuns = Number(process.env.FOOTFALL_RUNS ?? 100);

/** The part of an event that the timeline keeps. */
function kept({
  id,
  name,
  ts,
  items,
  currency,
  value,
  transaction_id,
  page,
  search_term,
  props,
  ...others
}: FootfallEvent) {
  const lines = items?.map(({ brand: _, category, ...line }) => {
    const hasLevels = ['category2', 'category3', 'category4', 'category5'].some((level) => level in line);
    return { ...line, ...(hasLevels && category !== undefined && { category }) };
  });
  const more = Object.fromEntries(Object.entries(others).filter(([field]) => field in KEPT_FIELDS));
  return { id, name, ts, items: lines, currency, value, transaction_id, page, search_term, props, ...more };
}

const text = fc.string({ unit: 'binary', maxLength: 20 });
const anyOf = { text, amount: fc.integer(), index: fc.nat(), customer_type: fc.constant('new') };
/** Any of the fields that are kept and not counted. */
const keptFields = fc.record(
  Object.fromEntries(Object.entries(KEPT_FIELDS).map(([field, kind]) => [field, anyOf[kind]])),
  { requiredKeys: [] },
);
const keptItemFields = fc.record(
  Object.fromEntries(Object.entries(KEPT_ITEM_FIELDS).map(([field, [kind]]) => [field, anyOf[kind]])),
  { requiredKeys: [] },
);

test('interactions come back in the order in which their blocks were appended', () => {
  const extras = fc.record(
    {
      page: text,
      search_term: text,
      transaction_id: text,
      props: fc.dictionary(text, fc.oneof(text, fc.double(), fc.boolean())),
    },
    { requiredKeys: [] },
  );
  const streams = eventStream().chain((events) =>
    fc
      .array(fc.tuple(extras, keptFields, keptItemFields), {
        minLength: events.length,
        maxLength: events.length,
      })
      .map((list) =>
        events.map((event, i): FootfallEvent => {
          const [extra, kept, ofItem] = list[i]!;
          const items = event.items?.map((item) => ({ ...item, ...ofItem }));
          return { ...event, ...extra, ...kept, ...(items && { items }) };
        }),
      ),
  );
  fc.assert(
    fc.property(streams, batchSizes, (events, sizes) => {
      const blocks = cut(events, sizes).map((batch) => timelineBlock(batch.map(timelineEntry)));
      const found = unpackInteractions(blocks.join(''));
      // By way of JSON, as answers go: absent fields are absent, and numbers that JSON has not are null.
      expect(JSON.parse(JSON.stringify(found))).toEqual(JSON.parse(JSON.stringify(events.map(kept))));
    }),
    { numRuns },
  );
});

test('fields that an event does not have take no room', () => {
  const event: FootfallEvent = {
    ...{ v: 1, id: 'e', site: 'shop', user: 'ada', name: 'purchase', ts: 5, received: 5 },
    ...{
      currency: 'EUR',
      value: 7,
      items: [{ id: 'tea', quantity: 1, amount: 7, brand: 'B', category: 'C' }],
    },
  };
  expect(timelineEntry(event)).toBe('[5,"e","purchase",[["tea",1,7,null]],7,"EUR",null]');
});

test('a missing timeline is empty', () => {
  expect(unpackInteractions('')).toEqual([]);
});
