import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';
import { storedKey } from '../../shared/sites/site-keys.ts';
import { openCollecting } from '../support/collecting.ts';
import { ask } from '../support/http.ts';

/** Tries each row of the tables of names and fields in docs/sending-events.md, in all formats that it lists. */

const WAYS = ['plain', 'segment', 'measurement_protocol', 'gtag'] as const;
type Way = (typeof WAYS)[number];

/** Inputs with the same meaning, and the event that they all become. Null where a format has no such input. */
interface Fixture {
  plain: object | null;
  segment: { type: string; event?: string } | null;
  measurement_protocol: { events: { name: string }[] } | null;
  /** A hit's query, without the site. */
  gtag: string | null;
  event: Partial<FootfallEvent>;
}

const root = join(import.meta.dirname, '../..');
const fixturesOf = (name: string): Record<string, Fixture> =>
  JSON.parse(readFileSync(join(root, `test/fixtures/mapping/${name}.json`), 'utf8'));
const fixtures = { Names: fixturesOf('names'), Fields: fixturesOf('fields') };

interface Row {
  name: string;
  cells: Record<Way, string>;
}

/** The rows of the first table under a heading. */
function tableOf(heading: string): Row[] {
  const text = readFileSync(join(root, 'docs/sending-events.md'), 'utf8');
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const lines = section.split('\n## ')[0]!.split('\n');
  return lines
    .filter((line) => line.startsWith('| ') && !line.startsWith('| --- '))
    .slice(1)
    .map((line) => {
      const [name = '', ...cells] = line.slice(2, -2).split(' | ');
      return { name, cells: Object.fromEntries(WAYS.map((way, i) => [way, cells[i]])) as Row['cells'] };
    });
}
const codesOf = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

/** The time of the fixtures. */
const NOW = Date.parse('2025-11-25T12:00:00Z');
const site = siteSchema.parse({
  id: 'shop',
  currency: 'EUR',
  measurement_ids: ['G-SHOP1'],
  keys: [storedKey('write', 'a-write-key', 0)],
});
const { handler, published } = openCollecting(new Sites([site]));
const clock = Date.now;
beforeAll(() => {
  Date.now = () => NOW;
});
afterAll(() => {
  Date.now = clock;
});

const SEND: { [W in Way]: (input: NonNullable<Fixture[W]>) => Promise<{ status: number; body: unknown }> } = {
  plain: (input) =>
    ask(handler, 'POST', '/v1/events', {
      headers: { authorization: 'Bearer a-write-key' },
      body: JSON.stringify(input),
    }),
  segment: ({ type, ...input }) =>
    ask(handler, 'POST', `/v1/${type}`, {
      headers: { authorization: `Basic ${btoa('a-write-key:')}` },
      body: JSON.stringify(input),
    }),
  measurement_protocol: (input) =>
    ask(handler, 'POST', '/mp/collect?measurement_id=G-SHOP1&api_secret=a-write-key', {
      body: JSON.stringify(input),
    }),
  gtag: (input) => ask(handler, 'GET', `/g/collect?tid=G-SHOP1&${input}`),
};

/** The event of an input, with the id and times that the fixture names. */
async function eventOf<W extends Way>(way: W, input: NonNullable<Fixture[W]>, { event }: Fixture) {
  published.length = 0;
  const { status, body } = await SEND[way](input);
  expect({ way, status: status < 300 ? 'taken' : status, body: status < 300 ? undefined : body }).toEqual({
    way,
    status: 'taken',
  });
  expect(published).toHaveLength(1);
  const { id, ts, received, server, via, put_right, ...said } = published[0]!;
  // Only the Measurement Protocol is a server's by itself.
  if (way !== 'measurement_protocol') expect(server).toBeUndefined();
  expect([received, via]).toEqual([NOW, way]);
  return { ...said, ...('id' in event && { id }), ...('ts' in event && { ts }) };
}

describe.each(['Names', 'Fields'] as const)('%s', (heading) => {
  const rows = tableOf(heading);
  const found = fixtures[heading];

  test('every row has a fixture, and every fixture a row', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(Object.keys(found).sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  test.each(rows)('$name: all formats give the same event', async ({ name, cells }) => {
    const fixture = found[name]!;
    for (const way of WAYS) {
      const input = fixture[way];
      expect([way, input === null]).toEqual([way, cells[way] === '—']);
      if (input !== null) expect(await eventOf(way, input as never, fixture)).toEqual(fixture.event);
    }
  });
});

test.each(tableOf('Names'))('$name: the fixture has each spelling of the table', async ({ name, cells }) => {
  const fixture = fixtures.Names[name]!;
  const { segment } = fixture;
  const [call, ...spellings] = codesOf(cells.segment);
  if (cells.segment.startsWith('call ')) expect(segment!.type).toBe(call);
  else if (segment) {
    expect(segment.event).toBe(call);
    for (const event of [...spellings, call!.toUpperCase(), call!.replaceAll(' ', '_').toLowerCase()]) {
      expect(await eventOf('segment', { ...segment, event }, fixture)).toEqual(fixture.event);
    }
  }
  expect((fixture.plain as { name: string }).name).toBe(codesOf(cells.plain)[0]);
  if (fixture.measurement_protocol) {
    expect(fixture.measurement_protocol.events[0]!.name).toBe(codesOf(cells.measurement_protocol)[0]);
  }
  if (fixture.gtag) expect(new URLSearchParams(fixture.gtag).get('en')).toBe(codesOf(cells.gtag)[0]);
});

/** A path such as `a.b[0].c` in an input. */
const keysOf = (path: string) => path.split(/[.[\]]+/).filter((key) => key !== '');
const valueAt = (input: unknown, path: string) =>
  keysOf(path).reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], input);

/** The input with a value moved to another path. */
function moved<T>(input: T, from: string, to: string): T {
  const copy = structuredClone(input);
  const value = valueAt(copy, from);
  const parent = (path: string, isMade: boolean) =>
    keysOf(path)
      .slice(0, -1)
      .reduce<Record<string, unknown>>((at, key) => {
        if (isMade) at[key] ??= {};
        return at[key] as Record<string, unknown>;
      }, copy as never);
  delete parent(from, false)[keysOf(from).at(-1)!];
  parent(to, true)[keysOf(to).at(-1)!] = value;
  return copy;
}

test.each(tableOf('Fields'))('$name: each source in the table sets the field', async ({ name, cells }) => {
  const fixture = fixtures.Fields[name]!;
  for (const way of ['plain', 'segment', 'measurement_protocol'] as const) {
    const input = fixture[way];
    if (input === null) continue;
    const [first, ...others] = codesOf(cells[way]);
    expect([way, first, valueAt(input, first!) !== undefined]).toEqual([way, first, true]);
    for (const other of others) {
      const again = moved(input, first!, other);
      expect(await eventOf(way, again as never, fixture)).toEqual(fixture.event);
    }
  }
  if (fixture.gtag === null) return;
  const [first, ...others] = codesOf(cells.gtag);
  const hit = new URLSearchParams(fixture.gtag);
  expect([first, hit.has(first!)]).toEqual([first, true]);
  if (cells.gtag.includes(' part ')) {
    expect(
      hit
        .get(first!)!
        .split('~')
        .map((part) => part.slice(0, 2)),
    ).toContain(others[0]);
    return;
  }
  for (const other of name === 'properties' ? [] : others) {
    const again = new URLSearchParams(fixture.gtag);
    again.set(other, again.get(first!)!);
    again.delete(first!);
    expect(await eventOf('gtag', String(again), fixture)).toEqual(fixture.event);
  }
});
