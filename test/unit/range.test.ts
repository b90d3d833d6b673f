import type { FootfallError } from '../../shared/platform/errors.ts';
import { formatDay, localDay, parseDay } from '../../shared/platform/time.ts';
import { dayRange, MAX_RANGE_DAYS, within } from '../../shared/questions/date-range.ts';
import { siteSchema } from '../../shared/sites/site.ts';

const site = siteSchema.parse({ id: 'shop', zone: 'Pacific/Auckland', retention_days: 100 });
const days = (from?: string, to?: string) => {
  const range = dayRange({ from, to }, site);
  return [formatDay(range.from), formatDay(range.to)];
};
const codeOf = (from?: string, to?: string) => {
  try {
    dayRange({ from, to }, site);
  } catch (error) {
    return [(error as FootfallError).code, (error as FootfallError).status];
  }
  return undefined;
};

test('a range includes both ends, and may be one day', () => {
  expect(days('2026-01-31', '2026-03-01')).toEqual(['2026-01-31', '2026-03-01']);
  expect(days('2024-02-29', '2024-02-29')).toEqual(['2024-02-29', '2024-02-29']);
  const [first, last] = [parseDay('2026-01-31')!, parseDay('2026-02-02')!];
  expect(within([first - 1, first, first + 1, last, last + 1], { from: first, to: last })).toEqual([
    first,
    first + 1,
    last,
  ]);
});

test("without ends a range is everything kept, until today in the site's zone", () => {
  const today = localDay(Date.now(), 'Pacific/Auckland');
  expect(dayRange({}, site)).toEqual({ from: today - 100, to: today });
  expect(days(undefined, '2000-01-01')).toEqual(['2000-01-01', '2000-01-01']);
});

test('reversed and too long ranges are refused, with the limit', () => {
  expect(codeOf('2026-01-02', '2026-01-01')).toEqual(['reversed_range', 400]);
  expect(codeOf('9999-01-01')).toEqual(['reversed_range', 400]);
  const start = parseDay('2016-01-01')!;
  expect(codeOf('2016-01-01', formatDay(start + MAX_RANGE_DAYS - 1))).toBeUndefined();
  expect(codeOf('2016-01-01', formatDay(start + MAX_RANGE_DAYS))).toEqual(['range_too_long', 400]);
});
