import { readInstant } from '../../cli/import/dates.ts';

const read = (text: string) => new Date(readInstant(text, 'Europe/Madrid')).toISOString();

describe('a local time', () => {
  it.each([
    '31.12.2025, 13:45',
    '31.12.2025 13:45 Uhr',
    '31/12/2025 1:45 p.\u00a0m.',
    '12/31/2025, 1:45:00\u202fPM',
    '31/12/2025 à 13:45',
    '31 Dec 2025 13:45',
    '31-Dec-2025 13:45',
    'Dec 31, 2025 1:45 PM',
    'December 31, 2025 at 1:45 pm',
    '31. Dezember 2025 13:45',
    '31 déc. 2025 13:45',
    '31 de diciembre de 2025 13:45',
    '202512311345',
    '20251231134500',
    '46022.5729166667',
    '46022,5729166667',
  ])('%s is 13:45 of the last day of 2025', (text) => {
    expect(read(text)).toBe('2025-12-31T12:45:00.000Z');
  });

  it.each(['31 Dec 2025', '20251231', '46022'])('%s is the beginning of that day', (text) => {
    expect(read(text)).toBe('2025-12-30T23:00:00.000Z');
  });
});

it.each([
  'Wed, 31 Dec 2025 12:45:00 +0000',
  'Wed Dec 31 2025 13:45:00 GMT+0100 (Central European Standard Time)',
  '20251231T124500Z',
])('%s has its offset', (text) => {
  expect(read(text)).toBe('2025-12-31T12:45:00.000Z');
});

it.each(['31 Foo 2025', '20251331', '20250230', '20251232', '99999', '1.7671851E+12', '2025-W53'])(
  '%s is no time',
  (text) => {
    expect(() => read(text)).toThrow(/is not a date and time/);
  },
);
