import fc from 'fast-check';
import { DateTime } from 'luxon';
import { localToUtc, parseDateTime } from '../../cli/import/local-time.ts';

const iso = (ts: number | undefined) => (ts === undefined ? undefined : new Date(ts).toISOString());

describe('parseDateTime', () => {
  it.each([
    ['2010-12-01 08:26:00', '2010-12-01T08:26:00.000Z'],
    ['2011-07-01 08:26:00', '2011-07-01T07:26:00.000Z'],
    ['2011-07-01T08:26', '2011-07-01T07:26:00.000Z'],
    ['2011-07-01', '2011-06-30T23:00:00.000Z'],
    ['2011-07-01 08:26:00 UTC', '2011-07-01T08:26:00.000Z'],
    ['2011-07-01T08:26:00.1239Z', '2011-07-01T08:26:00.123Z'],
    ['2011-07-01T08:26:00+02:00', '2011-07-01T06:26:00.000Z'],
    ['2011-07-01T08:26:00-0330', '2011-07-01T11:56:00.000Z'],
    // 01:00 to 02:00 was skipped on 2011-03-27, and came twice on 2011-10-30.
    ['2011-03-27 00:59:59', '2011-03-27T00:59:59.000Z'],
    ['2011-03-27 01:30:00', '2011-03-27T01:30:00.000Z'],
    ['2011-03-27 02:00:00', '2011-03-27T01:00:00.000Z'],
    ['2011-10-30 00:59:59', '2011-10-29T23:59:59.000Z'],
    ['2011-10-30 01:30:00', '2011-10-30T00:30:00.000Z'],
    ['2011-10-30 02:00:00', '2011-10-30T02:00:00.000Z'],
  ])('%s in London is %s', (text, expected) => {
    expect(iso(parseDateTime(text, 'Europe/London'))).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2011-02-30',
    '2011-13-01',
    '2011-07-01 24:00',
    '2011-07-01 08:60',
    '01/07/2011',
  ])('refuses %p', (text) => {
    expect(parseDateTime(text, 'Europe/London')).toBeUndefined();
  });
});

describe('localToUtc', () => {
  it('gives back every instant from its reading, or an hour or less before it where the reading comes twice', () => {
    const zones = [
      'Europe/London',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Apia',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2035, 0) }),
        (zone, ts) => {
          const reading = DateTime.fromMillis(ts, { zone });
          const utc = localToUtc(ts + reading.offset * 60_000, zone);
          const again = DateTime.fromMillis(utc, { zone });
          expect(again.toFormat('yyyy-MM-dd HH:mm:ss.SSS')).toBe(reading.toFormat('yyyy-MM-dd HH:mm:ss.SSS'));
          expect(utc).toBeLessThanOrEqual(ts);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
