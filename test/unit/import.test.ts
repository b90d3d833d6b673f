import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readBatches, surveyFile } from '../../cli/import/batches.ts';
import { type ImportFlags, planImport, readFlags } from '../../cli/import/plan.ts';
import { type ImportJob, runImport } from '../../cli/import/run.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import type { OutgoingRecord } from '../../shared/platform/kafka/producer.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';

const NOW = Date.UTC(2026, 0, 15);
const sites = new Sites(
  [
    { id: 'shop', zone: 'Europe/Madrid', currency: 'EUR', retention_days: 9000 },
    { id: 'brief', retention_days: 30 },
  ].map((site) => siteSchema.parse(site)),
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footfall-import-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function fileOf(content: string | Buffer, name = 'history.csv'): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

async function eventsOf(file: string, flags: Partial<ImportFlags>) {
  const plan = planImport(readFlags({ site: 'shop', ...flags }), sites);
  const survey = await surveyFile(file, plan, NOW);
  const events: FootfallEvent[] = [];
  const reasons: [number, string][] = [];
  for await (const batch of readBatches(file, plan, survey)) {
    events.push(...batch.events);
    reasons.push(...batch.rejects.map(({ line, reason }): [number, string] => [line, reason]));
  }
  return { events, reasons, survey };
}

describe('presets', () => {
  it('reads RetailRocket: visitors anonymous, no money', async () => {
    const file = fileOf(
      'timestamp,visitorid,event,itemid,transactionid\n' +
        '1433221332117,257597,view,355908,\n' +
        '1433221999827,257597,addtocart,355908,\n' +
        '1433222276276,257597,transaction,355908,4000\n',
    );
    const { events, reasons } = await eventsOf(file, { preset: 'retailrocket' });
    expect(reasons).toEqual([]);
    const common = { v: 1, site: 'shop', user: '257597', received: NOW, backfill: true };
    const items = [{ id: '355908', quantity: 1 }];
    const id = (line: number) => expect.stringMatching(new RegExp(`^[0-9a-f]{16}:${line}$`));
    expect(events).toEqual([
      { ...common, id: id(2), name: 'view_item', ts: 1433221332117, items },
      { ...common, id: id(3), name: 'add_to_cart', ts: 1433221999827, items },
      { ...common, id: 'purchase:4000', name: 'purchase', ts: 1433222276276, items, transaction_id: '4000' },
    ]);
  });

  it('gives exactly one event for each row of a large RetailRocket file', async () => {
    const names = ['view', 'view', 'view', 'addtocart', 'transaction'];
    const rows = Array.from(
      { length: 50_000 },
      (_, i) =>
        `${1433221332117 + i},${(i * 7919) % 9000},${names[i % 5]},${i % 300},${i % 5 === 4 ? i : ''}`,
    );
    const content = `timestamp,visitorid,event,itemid,transactionid\n${rows.join('\n')}\n`;
    const { events } = await eventsOf(fileOf(content), { preset: 'retailrocket' });
    const count = (name: string) => events.filter((event) => event.name === name).length;
    expect([events.length, count('view_item'), count('add_to_cart'), count('purchase')]).toEqual([
      50_000, 30_000, 10_000, 10_000,
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(50_000);
    expect(new Set(events.map(({ user }) => user)).size).toBe(9000);
  });

  it('reads REES46: UTC, US dollars, the category code or else its id', async () => {
    const file = fileOf(
      'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n' +
        '2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde\n' +
        '2019-10-01 00:00:04 UTC,purchase,1004856,2053013555631882655,electronics.smartphone,,130.765,543272936,8187d148\n',
    );
    const { events } = await eventsOf(file, { preset: 'rees46' });
    expect(events).toEqual([
      expect.objectContaining({
        user: '541312140',
        known: true,
        name: 'view_item',
        ts: Date.UTC(2019, 9, 1),
        currency: 'USD',
        items: [
          { id: '44600062', quantity: 1, brand: 'shiseido', category: '2103807459595387724', amount: 3579 },
        ],
        props: { session: '72d76fde' },
      }),
      expect.objectContaining({
        name: 'purchase',
        items: [{ id: '1004856', quantity: 1, category: 'electronics.smartphone', amount: 13077 }],
      }),
    ]);
  });

  it('reads Online Retail: one event an invoice, at its first line, wherever its lines stand', async () => {
    const file = fileOf(
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n' +
        '1,A,LAMP,3,2011-07-01 08:26:00,1.005,17850,France\n' +
        'C2,A,LAMP,-2,2011-07-01 09:00:00,1.005,,EIRE\n' +
        '1,b,,-1,2011-07-01 08:27:00,2,17850,France\n',
    );
    const { events } = await eventsOf(file, { preset: 'online-retail' });
    expect(events).toEqual([
      {
        v: 1,
        id: 'import:invoice:C2',
        site: 'shop',
        user: 'invoice-C2',
        name: 'refund',
        ts: Date.UTC(2011, 6, 1, 8, 0),
        received: NOW,
        backfill: true,
        items: [{ id: 'A', name: 'LAMP', quantity: 2, amount: 201 }],
        currency: 'GBP',
        value: 201,
        transaction_id: 'C2',
        country: 'EIRE',
      },
      expect.objectContaining({
        id: 'import:invoice:1',
        user: '17850',
        known: true,
        name: 'purchase',
        ts: Date.UTC(2011, 6, 1, 7, 26),
        items: [
          { id: 'A', name: 'LAMP', quantity: 3, amount: 302 },
          { id: 'b', quantity: -1, amount: -200 },
        ],
        value: 102,
        country: 'France',
      }),
    ]);
  });
});

describe('a file of one’s own', () => {
  const flags = {
    columns:
      'ts=when,user=customer,anonymous=cookie,event=what,product=sku,price=price,quantity=n,currency=cur,id=id,props.shelf=shelf',
    map: 'looked=view_item,bought=purchase',
  };
  const header = 'when,customer,cookie,what,sku,price,n,cur,id,shelf\n';

  it('takes columns, names and all kinds of times from the flags', async () => {
    const rows =
      '1546300800,ann,c1,looked,p1,,,,,\n' +
      '1546300800.5,,c2,bought,p1,1.5,2,jpy,mine,top\n' +
      '1546300800123,ann,,wish_listed,,,,,,\n' +
      '2019-07-01 02:00:00,ann,,looked,p1,1.50,,,,\n';
    const { events, reasons } = await eventsOf(fileOf(header + rows), flags);
    expect(reasons).toEqual([]);
    expect(events).toMatchObject([
      { user: 'ann', known: true, name: 'view_item', ts: 1546300800000 },
      {
        id: 'mine',
        user: 'c2',
        name: 'purchase',
        ts: 1546300800500,
        currency: 'JPY',
        items: [{ id: 'p1', quantity: 2, amount: 3 }],
        props: { shelf: 'top' },
      },
      { name: 'wish_listed', ts: 1546300800123 },
      { ts: Date.UTC(2019, 6, 1, 0), currency: 'EUR', items: [{ amount: 150 }] },
    ]);
    expect(events[1]).not.toHaveProperty('known');
    expect(events[2]).not.toHaveProperty('items');
    expect(events[0]).not.toHaveProperty('currency');
  });

  it('reads NDJSON in the same way, in the zone of the flags', async () => {
    const content = `${JSON.stringify({ when: '2019-07-01T02:00', who: { id: 7 }, what: 'looked' })}\n`;
    const { events } = await eventsOf(fileOf(content, 'history.ndjson'), {
      columns: 'ts=when,user=who.id,event=what',
      map: 'looked=view_item',
      zone: 'America/New_York',
    });
    expect(events).toMatchObject([{ user: '7', name: 'view_item', ts: Date.UTC(2019, 6, 1, 6) }]);
  });

  it.each(['CSV', 'NDJSON'])('of %s has quantities of up to three decimals', async (format) => {
    const rows = [1.5, '0.25', 3, 1.0005, 0.1 + 0.2].map((qty) => ({
      when: '2019-07-01T02:00Z',
      who: 'ann',
      what: 'add_to_cart',
      qty,
    }));
    const file =
      format === 'CSV'
        ? fileOf(`when,who,what,qty\n${rows.map((row) => Object.values(row).join()).join('\n')}\n`)
        : fileOf(rows.map((row) => JSON.stringify(row)).join('\n'), 'quantities.ndjson');
    const columns = 'ts=when,user=who,event=what,product=who,quantity=qty';
    const { events, reasons } = await eventsOf(file, { columns });
    expect(reasons).toEqual([]);
    expect(events.map(({ items }) => items![0]!.quantity)).toEqual([1.5, 0.25, 3, 1.001, 0.3]);
  });

  it('refuses bad lines one by one, each with its reason', async () => {
    const rows =
      'soon,ann,,looked,,,,,,\n' +
      '2999-01-01,ann,,looked,,,,,,\n' +
      '1546300800,,,looked,,,,,,\n' +
      '1546300800,ann,,two words,,,,,,\n' +
      '1546300800,ann,,bought,p,1.5.1,,,,\n' +
      '1546300800,ann,,bought,p,1,1.0.5,,,\n' +
      '1546300800,ann,,bought,p,1,1,XXL,,\n' +
      `1546300800,ann,,bought,${'p'.repeat(129)},1,1,,,\n` +
      '1546300800,ann,,bought,p,1,1,,,\n';
    const { events, reasons } = await eventsOf(fileOf(header + rows), flags);
    expect(events).toHaveLength(1);
    expect(reasons.map(([line]) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(reasons.map(([, reason]) => reason)).toEqual([
      'The time "soon" is not a date and time that the import knows.',
      'The time "2999-01-01" is in the future.',
      'The user is blank.',
      expect.stringMatching(/^The event name "two words" must be/),
      expect.stringMatching(/^The price "1.5.1": /),
      expect.stringMatching(/^The quantity "1.0.5": /),
      'The currency "XXL" is not an ISO 4217 code.',
      'The product is longer than 128 characters.',
    ]);
  });

  it('makes the same ids for the same content, packed or not, and others for another', async () => {
    const content = `${header}1546300800,ann,,looked,p1,,,,,\n`;
    const ids = async (file: string) => (await eventsOf(file, flags)).events.map(({ id }) => id);
    const plain = await ids(fileOf(content));
    expect(await ids(fileOf(gzipSync(content), 'packed.csv.gz'))).toEqual(plain);
    expect(await ids(fileOf(`${content}1546300801,ann,,looked,p1,,,,,\n`))).not.toContain(plain[0]);
  });

  it('lets an event of 900 kB pass and refuses a larger one, keeping batches below a request', async () => {
    const invoice = (no: number, lines: number, name = 'N'.repeat(440)) =>
      `${no},SKU-%,${name},1,2011-07-01 08:26:00,1.00,7,France\n`
        .repeat(lines)
        .replaceAll('%', () => 'x'.repeat(20));
    const content =
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n' +
      invoice(1, 1_500) +
      invoice(2, 1_900) +
      invoice(3, 1_000) +
      invoice(4, 2_001, 'N');
    const plan = planImport(readFlags({ site: 'shop', preset: 'online-retail' }), sites);
    const file = fileOf(content);
    const survey = await surveyFile(file, plan, NOW);
    const sizes: number[] = [];
    const invoices: unknown[] = [];
    const reasons: string[] = [];
    for await (const batch of readBatches(file, plan, survey)) {
      sizes.push(batch.records.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0));
      invoices.push(...batch.events.map((event) => event.transaction_id));
      reasons.push(...batch.rejects.map(({ reason }) => reason));
    }
    expect(invoices).toEqual(['1', '3', '4']);
    expect(reasons).toEqual([expect.stringMatching(/the limit is 900000/)]);
    expect(Math.max(...sizes)).toBeGreaterThan(700_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(900_000);
  });
});

describe('values that other ways in read, too', () => {
  const when = '2026-01-02T12:00:00Z';
  const columns = 'ts=t,event=e,user=u,anonymous=v,product=s,price=p,currency=c';

  it('reads a currency by its sign, and takes the site’s for a placeholder', async () => {
    const rows = ['€', 'undefined', 'Euro', '£'].map((sign) => `${when},purchase,ana,,A,10,${sign}`);
    const { events, reasons } = await eventsOf(fileOf(`t,e,u,v,s,p,c\n${rows.join('\n')}\n`), { columns });
    expect(reasons).toEqual([]);
    expect(events.map(({ currency }) => currency)).toEqual(['EUR', 'EUR', 'EUR', 'GBP']);
  });

  it('knows no visitor by a placeholder, and the id in a whole cookie', async () => {
    const people = ['{{ customer.id }},v1', ',undefined', ',GA1.1.123456.1700000000'];
    const rows = people.map((ids) => `${when},view_item,${ids},A,10,EUR`);
    const { events, reasons } = await eventsOf(fileOf(`t,e,u,v,s,p,c\n${rows.join('\n')}\n`), { columns });
    expect(reasons).toEqual([[3, 'The user is blank.']]);
    expect(events.map(({ user, known }) => [user, known])).toEqual([
      ['v1', undefined],
      ['123456.1700000000', undefined],
    ]);
  });

  it('keeps the digits of a client id that is a number', async () => {
    const row = `{"t":"${when}","e":"view_item","v":2133506694.1448249690,"s":"A"}`;
    const { events } = await eventsOf(fileOf(`${row}\n`, 'history.ndjson'), {
      columns: 'ts=t,event=e,anonymous=v,product=s',
    });
    expect(events.map(({ user }) => user)).toEqual(['2133506694.1448249690']);
  });
});

describe('planImport', () => {
  it.each<[ImportFlags, RegExp]>([
    [{ site: 'nowhere', preset: 'rees46' }, /no site nowhere.*shop, brief/],
    [{ site: 'shop' }, /--columns ts=NAME/],
    [{ site: 'shop', columns: 'ts=a,event=b' }, /user=NAME/],
    [{ site: 'shop', columns: 'ts=a,when=b' }, /no field when/],
    [{ site: 'shop', columns: 'ts' }, /name=value/],
    [{ site: 'shop', preset: 'constructor' }, /retailrocket, rees46, online-retail, shopify/],
    [{ site: 'shop', preset: 'rees46', zone: 'London' }, /IANA/],
    [{ site: 'shop', preset: 'rees46', currency: 'euro' }, /ISO 4217/],
    [{ site: 'shop', preset: 'rees46', map: 'view' }, /--map/],
    [{ site: 'shop', preset: 'rees46', encoding: 'latin9000' }, /--encoding.*windows-1252/],
    [{ site: 'shop', preset: 'rees46', delimiter: ';;' }, /--delimiter must be one character/],
    [{ site: 'shop', preset: 'rees46', dateForm: 'us' }, /--date-form must be day-first or month-first/],
    [{ site: 'shop', preset: 'rees46', decimal: ';' }, /--decimal/],
    [{ site: 'shops', preset: 'rees46' }, /npx footfall sites create shops/],
  ])('refuses %j', (flags, message) => {
    expect(() => planImport(readFlags(flags), sites)).toThrow(message);
  });
});

describe('runImport', () => {
  const rows = Array.from({ length: 5000 }, (_, i) =>
    i % 700 === 9 ? 'bad line' : `${Date.UTC(2025, 11, 20) + i * 1000},u${i % 90},view,p${i % 40},`,
  );
  const content = `timestamp,visitorid,event,itemid,transactionid\n${rows.join('\n')}\n`;

  function jobFor(file: string, sent: OutgoingRecord[], failAfter = Number.POSITIVE_INFINITY): ImportJob {
    let requests = 0;
    return {
      file,
      plan: planImport(readFlags({ site: 'shop', preset: 'retailrocket' }), sites),
      rejectsFile: join(folder, 'rejects.ndjson'),
      now: NOW,
      target: {
        stateFile: join(folder, 'state', 'import.json'),
        async send(records) {
          requests += 1;
          if (requests > failAfter) throw new Error('broker gone');
          sent.push(...records);
        },
      },
    };
  }
  const idsOf = (records: OutgoingRecord[]) => records.map(({ value }) => JSON.parse(String(value)).id);

  it('goes on where a failed run ended: every event once, every bad line once', async () => {
    const file = fileOf(content);
    const whole: OutgoingRecord[] = [];
    const once = jobFor(file, whole);
    const wholeSummary = await runImport({
      ...once,
      rejectsFile: join(folder, 'whole.ndjson'),
      target: { ...once.target!, stateFile: join(folder, 'whole.json') },
    });
    expect(wholeSummary).toMatchObject({ outcome: 'finished', lines: 5000, sent: 4992, rejected: 8 });

    const sent: OutgoingRecord[] = [];
    await expect(runImport(jobFor(file, sent, 2))).rejects.toMatchObject({ code: 'import_stopped' });
    expect(sent).toHaveLength(2000);
    // What a killed run wrote behind its last state comes again, so it must not stay.
    writeFileSync(join(folder, 'rejects.ndjson'), 'half a li', { flag: 'a' });
    const summary = await runImport(jobFor(file, sent));
    expect(summary).toMatchObject({ outcome: 'finished', sent: 2992, rejected: 8 });
    expect(idsOf(sent)).toEqual(idsOf(whole));
    expect(readFileSync(join(folder, 'rejects.ndjson'), 'utf8')).toBe(
      readFileSync(join(folder, 'whole.ndjson'), 'utf8'),
    );

    expect(await runImport(jobFor(file, sent))).toMatchObject({ outcome: 'already imported', sent: 0 });
    expect(sent).toHaveLength(4992);
  });

  it('writes each bad line with its number, reason and text', async () => {
    await runImport(jobFor(fileOf(content), []));
    const [first] = readFileSync(join(folder, 'rejects.ndjson'), 'utf8').split('\n');
    expect(JSON.parse(first!)).toEqual({
      line: 11,
      reason: 'The line has 1 fields instead of 5.',
      raw: 'bad line',
    });
  });

  it('stops between batches at a signal and keeps what was acknowledged', async () => {
    const file = fileOf(content);
    const sent: OutgoingRecord[] = [];
    const stop = new AbortController();
    const summary = await runImport({
      ...jobFor(file, sent),
      signal: stop.signal,
      onProgress: ({ phase }) => phase === 'sending' && stop.abort(),
    });
    expect(summary.outcome).toBe('stopped');
    expect(sent.length).toBe(summary.sent);
    expect(summary.sent).toBeLessThan(4992);
    await runImport(jobFor(file, sent));
    expect(new Set(idsOf(sent)).size).toBe(4992);
    expect(sent).toHaveLength(4992);
  });

  it('refuses history that the site would forget at once, before anything is sent', async () => {
    const old = `timestamp,visitorid,event,itemid,transactionid\n${NOW - 1000},u,view,p,\n${NOW - 40.5 * 86_400_000},u,view,p,\n`;
    const sent: OutgoingRecord[] = [];
    const job = jobFor(fileOf(old), sent);
    const brief = planImport(readFlags({ site: 'brief', preset: 'retailrocket' }), sites);
    await expect(runImport({ ...job, plan: brief })).rejects.toMatchObject({
      code: 'older_than_retention',
      message: expect.stringMatching(
        /^Nothing was sent: line 3 .* sites set brief --retention-days 41 first\.$/,
      ),
    });
    expect(sent).toEqual([]);
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  it('fails when no line can be read: sends nothing, keeps no state, and writes the reasons', async () => {
    const sent: OutgoingRecord[] = [];
    const header = 'timestamp,visitorid,event,itemid,transactionid\n';
    await expect(
      runImport(jobFor(fileOf(`${header}soon,1,view,1,\n,1,view,1,\n`), sent)),
    ).rejects.toMatchObject({
      code: 'nothing_understood',
      message: expect.stringMatching(
        /^Nothing was sent: none of the 2 lines .* Line 2: The time "soon" is not/,
      ),
    });
    const rejects = readFileSync(join(folder, 'rejects.ndjson'), 'utf8').trim().split('\n');
    expect(rejects.map((line) => JSON.parse(line).line)).toEqual([2, 3]);
    await expect(runImport(jobFor(fileOf(header), sent))).rejects.toThrow(/history\.csv has no events\.$/);
    expect(sent).toEqual([]);
    expect(existsSync(join(folder, 'state'))).toBe(false);
  });

  it('sends nothing and keeps no state in a dry run', async () => {
    const { target: _, ...dry } = jobFor(fileOf(content), []);
    expect(await runImport(dry)).toMatchObject({ sent: 4992, rejected: 8, names: { view_item: 4992 } });
    expect(readdirSync(folder).sort()).toEqual(['history.csv', 'rejects.ndjson']);
  });
});
