import { sitesSchema } from '../../shared/sites.ts';

const shop = { id: 'shop', write_keys: ['write-key-1'], read_keys: ['read-key-1'] };

test.each([
  ['two sites of one id', [shop, { id: 'shop' }]],
  ['a write key of two sites', [shop, { id: 'other', write_keys: ['write-key-1'] }]],
  ['a write key, which is public, that reads', [{ ...shop, read_keys: ['write-key-1'] }]],
  ['a key that no header can hold', [{ ...shop, read_keys: ['with a space'] }]],
  ['a setting that does not exist', [{ ...shop, retention_day: 5 }]],
  ['an unknown zone', [{ ...shop, zone: 'Europe/Atlantis' }]],
  ['an unknown currency', [{ ...shop, currency: 'XXZ' }]],
  ['no site', []],
])('%s is refused', (_, sites) => {
  expect(sitesSchema.safeParse(sites).success).toBe(false);
});

test('what is not said has its default', () => {
  expect(sitesSchema.parse([shop])).toEqual([
    { ...shop, zone: 'UTC', currency: 'USD', retention_days: 1_095, lateness_hours: 72, admin_keys: [] },
  ]);
});
