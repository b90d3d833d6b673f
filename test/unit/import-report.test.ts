import { join } from 'node:path';
import { adviceOn } from '../../cli/import/advice.ts';
import { describe as describeFile, understood } from '../../cli/import/describe.ts';
import { type ImportFlags, planImport, readFlags } from '../../cli/import/plan.ts';
import { understandFile } from '../../cli/import/understanding.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';

const folder = join(import.meta.dirname, '../fixtures/imports');
const sites = new Sites([siteSchema.parse({ id: 'shop', zone: 'Europe/Madrid', currency: 'EUR' })]);
const planFor = (flags: Partial<ImportFlags>) => planImport(readFlags({ site: 'shop', ...flags }), sites);
const columns = 'ts=Datum,user=Kunde,event=Ereignis,price=Preis';

describe('what was understood of a file', () => {
  it('is told to people', async () => {
    const plan = planFor({ columns });
    expect(describeFile(await understandFile(join(folder, 'excel-ansi.csv'), plan), plan)).toEqual([
      'The file:',
      '  Encoding: windows-1252',
      '  Line ends: CRLF',
      '  Delimiter: semicolon',
      '  Quote: "',
      '  Decimal sign: comma',
      '  Times: day.month.year',
      '  Time zone: Europe/Madrid, for times without an offset',
      '  Currency: EUR',
      'Columns:',
      '  Datum → ts',
      '  Kunde → user',
      '  Ereignis → event',
      '  Preis → price',
      '  not used: Artikel, Name, Menge',
    ]);
  });

  it('is told to programs', async () => {
    const plan = planFor({ columns });
    expect(understood(await understandFile(join(folder, 'excel-unicode.txt'), plan), plan)).toMatchObject({
      ...{ format: 'csv', encoding: 'utf-16le', line_end: 'CRLF', delimiter: '\t', decimal: ',' },
      columns: { Datum: 'ts', Kunde: 'user', Ereignis: 'event', Preis: 'price' },
      unused: ['Artikel', 'Name', 'Menge'],
    });
    const segment = planFor({ preset: 'segment' });
    const file = join(folder, 'segment-messages.ndjson');
    expect(understood(await understandFile(file, segment), segment)).toEqual({
      ...{ format: 'ndjson', encoding: 'utf-8', line_end: 'LF', zone: 'Europe/Madrid', currency: 'EUR' },
      columns: {},
    });
  });
});

describe('advice', () => {
  it('names the command for a currency that is not the site’s', () => {
    expect(adviceOn(planFor({ columns }), { names: { purchase: 2 }, currencies: { USD: 2 } })).toEqual([
      'Prices are in USD, but the currency of site shop is EUR: they are counted apart. ' +
        'If they are in EUR, add --currency EUR. ' +
        "If USD is the shop's currency, run npx footfall sites set shop --currency USD.",
    ]);
  });

  it('names the option for events that the shop may call otherwise', () => {
    expect(adviceOn(planFor({ columns }), { names: { bought: 2, view_item: 1 }, currencies: {} })).toEqual([
      expect.stringMatching(/^Footfall counts events named bought as .*--map "bought=purchase"/),
    ]);
  });

  it('is silent when there is nothing to say', () => {
    expect(adviceOn(planFor({ columns }), { names: { purchase: 1 }, currencies: { EUR: 1 } })).toEqual([]);
  });
});
