import { nextPage, stretchOf } from '../../shared/system/record-pages.ts';

const ENDS = { low: 100, high: 1_000 };

describe('the newest records first', () => {
  test('begin at the end, with room for the markers of transactions', () => {
    expect(stretchOf({ limit: 20 }, ENDS)).toEqual({ from: 960, to: 1_000, keep: 'last' });
  });

  test('go on below an offset, and never below what Kafka has', () => {
    expect(stretchOf({ before: 110, limit: 20 }, ENDS)).toEqual({ from: 100, to: 110, keep: 'last' });
    expect(stretchOf({ before: 7, limit: 20 }, ENDS)).toEqual({ from: 100, to: 100, keep: 'last' });
  });

  test('have a next page until the first record', () => {
    const stretch = stretchOf({ limit: 20 }, ENDS);
    expect(nextPage(stretch, { low: 100, next: 1_000, oldest: 972 })).toEqual({ next_before: 972 });
    expect(nextPage(stretch, { low: 100, next: 1_000, oldest: 100 })).toEqual({});
  });

  test('go on below a page that has markers only', () => {
    const stretch = stretchOf({ limit: 20 }, ENDS);
    expect(nextPage(stretch, { low: 100, next: 1_000, oldest: undefined })).toEqual({ next_before: 960 });
  });
});

describe('the records from an offset on', () => {
  test('begin there, or at the first that Kafka has', () => {
    expect(stretchOf({ from: 500, limit: 20 }, ENDS)).toEqual({ from: 500, to: 1_000, keep: 'first' });
    expect(stretchOf({ from: 3, limit: 20 }, ENDS)).toEqual({ from: 100, to: 1_000, keep: 'first' });
  });

  test('have a next page until the end', () => {
    const stretch = stretchOf({ from: 500, limit: 20 }, ENDS);
    expect(nextPage(stretch, { low: 100, next: 520, oldest: 500 })).toEqual({ next_from: 520 });
    expect(nextPage(stretch, { low: 100, next: 1_000, oldest: 980 })).toEqual({});
  });

  test('end at `before`, where there is no next page', () => {
    const stretch = stretchOf({ from: 500, before: 510, limit: 20 }, ENDS);
    expect(stretch).toEqual({ from: 500, to: 510, keep: 'first' });
    expect(nextPage(stretch, { low: 100, next: 510, oldest: 500 })).toEqual({});
    const empty = stretchOf({ from: 510, before: 510, limit: 20 }, ENDS);
    expect(nextPage(empty, { low: 100, next: 510, oldest: undefined })).toEqual({});
  });
});
