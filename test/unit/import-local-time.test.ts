import fc from 'fast-check';
import { DateTime } from 'luxon';
import { DateEvidence, readInstant } from '../../cli/import/dates.ts';
import { localToUtc } from '../../cli/import/local-time.ts';

const iso = (ts: number) => new Date(ts).toISOString();

describe('a time of a file', () => {
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
    expect(iso(readInstant(text, 'Europe/London'))).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2011-02-30',
    '2011-13-01',
    '2011-07-01 24:00',
    '2011-07-01 08:60',
    '01/02/2011',
    '31.11.2025',
    '13:45',
    '12/31/2025 13:45 PM',
  ])('refuses %p', (text) => {
    expect(() => readInstant(text, 'Europe/London')).toThrow(/^The time /);
  });

  it.each([
    ['31.12.2025 13:45', '2025-12-31T13:45:00.000Z'],
    ['3.2.25 7:05', '2025-02-03T07:05:00.000Z'],
    ['31/12/2025', '2025-12-31T00:00:00.000Z'],
    ['12/31/2025 1:45 PM', '2025-12-31T13:45:00.000Z'],
    ['12/31/2025, 12:00:01 am', '2025-12-31T00:00:01.000Z'],
    ['12-31-2025 23:59', '2025-12-31T23:59:00.000Z'],
    ['5/5/2025', '2025-05-04T23:00:00.000Z'],
    ['2025/12/31 13:45:10', '2025-12-31T13:45:10.000Z'],
    ['2025-12-31 13:45:10 +0100', '2025-12-31T12:45:10.000Z'],
    ['2025-12-31T13:45:10+01', '2025-12-31T12:45:10.000Z'],
    ['1767188710', '2025-12-31T13:45:10.000Z'],
    ['1767188710123', '2025-12-31T13:45:10.123Z'],
    ['1767188710123456', '2025-12-31T13:45:10.123Z'],
    ['1767188710123456789', '2025-12-31T13:45:10.123Z'],
  ])('%s in London is %s, too', (text, expected) => {
    expect(iso(readInstant(text, 'Europe/London'))).toBe(expected);
  });

  it('is read as the file is written, where a date could be two', () => {
    expect(iso(readInstant('03/04/2025', 'UTC', 'day-first'))).toBe('2025-04-03T00:00:00.000Z');
    expect(iso(readInstant('03/04/2025', 'UTC', 'month-first'))).toBe('2025-03-04T00:00:00.000Z');
    expect(() => readInstant('12/31/2025', 'UTC', 'day-first')).toThrow(/is not a date/);
  });

  it.each<[string, string[], string | undefined, string | undefined]>([
    ['no date of two meanings', ['2025-04-03', '31.12.2025', '5/5/2025'], undefined, undefined],
    ['a day beyond 12', ['03/04/2025', '13/04/2025'], 'day-first', undefined],
    ['a day beyond 12 behind the month', ['03/04/2025', '04/13/2025'], 'month-first', undefined],
    ['nothing that decides', ['03/04/2025', '05/06/2025'], undefined, '03/04/2025'],
    ['dates of both forms', ['13/04/2025', '03/04/2025', '04/13/2025'], undefined, '03/04/2025'],
  ])('is told from %s', (_, texts, form, undecided) => {
    const evidence = new DateEvidence();
    for (const text of texts) evidence.add(text);
    expect([evidence.form, evidence.undecided]).toEqual([form, undecided]);
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
