import fc from 'fast-check';
import type { FootfallEvent } from '../../shared/event/event.ts';
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
}: FootfallEvent) {
  const lines = items?.map(({ id, name, quantity, amount }) => ({ id, name, quantity, amount }));
  return { id, name, ts, items: lines, currency, value, transaction_id, page, search_term, props };
}

test('interactions come back in the order in which their blocks were appended', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 });
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
      .array(extras, { minLength: events.length, maxLength: events.length })
      .map((list) => events.map((event, i): FootfallEvent => ({ ...event, ...list[i] }))),
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

test('a missing timeline is empty', () => {
  expect(unpackInteractions('')).toEqual([]);
});
