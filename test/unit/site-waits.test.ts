import { SiteDirectory } from '../../shared/sites/directory.ts';
import type { SitesCopy } from '../../shared/sites/redis-copy.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import type { SitesState } from '../../shared/sites/sites-state.ts';
import type { SitesTopic } from '../../shared/sites/sites-topic.ts';
import { SitesWriter } from '../../shared/sites/writer.ts';

const { jest } = import.meta;

/** How long a change is tried, and what happens to a read that a frozen container has left. */

const site = (id: string) => siteSchema.parse({ id });
const stateOf = (next: number, ...ids: string[]): SitesState => ({
  next,
  sites: new Map(ids.map((id) => [id, JSON.stringify(site(id))])),
});
const away = () => Promise.reject(new Error('away'));

afterEach(() => jest.restoreAllMocks());

describe('a change that other changes keep interrupting', () => {
  /** Each attempt takes `took` ms, and the first `times` writers are shut out. */
  function shutOut(took: number, times = Infinity) {
    let clock = 0;
    let attempts = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => clock);
    const writer = {
      write: async () => (attempts > times ? { next: 9, texts: new Map() } : undefined),
      close: async () => {},
    };
    const log = {
      open: async () => {
        attempts++;
        clock += took;
        return writer;
      },
      ends: async () => ({ low: 0, high: 0 }),
      read: async () => ({ state: stateOf(0), changes: new Set() }),
      visible: async () => {},
    };
    const copy = { read: async () => undefined, replace: async () => {} };
    const sites = new SitesWriter(copy as unknown as SitesCopy, log as unknown as SitesTopic);
    const changed = sites.change(() => ({ changed: [site('a')], result: 'done' }));
    return { changed, attempts: () => attempts };
  }

  test.each([
    ['when its time is over', 0, 6_000, 4],
    ['rather than wait beyond it', 0.999, 8_000, 1],
  ])('ends as busy %s', async (_, random, took, attempts) => {
    jest.spyOn(Math, 'random').mockReturnValue(random);
    const shut = shutOut(took);
    await expect(shut.changed).rejects.toMatchObject({ code: 'sites_busy', status: 503, retryAfter: 1 });
    expect(shut.attempts()).toBe(attempts);
  });

  test('succeeds when the others leave it time', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const shut = shutOut(1_000, 15);
    expect(await shut.changed).toBe('done');
    expect(shut.attempts()).toBe(16);
  });
});

describe('after a freeze', () => {
  async function thawed(...readings: (() => Promise<SitesState>)[]) {
    let now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    const read = jest.fn<Promise<SitesState>, []>().mockResolvedValueOnce(stateOf(1, 'old'));
    let fail: (error: Error) => void = () => {};
    read.mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)));
    for (const reading of readings) read.mockImplementationOnce(reading);
    const copy = { read, replace: async () => {} } as unknown as SitesCopy;
    const directory = new SiteDirectory(copy, { ends: away } as unknown as SitesTopic);
    await directory.current();
    now += 7_000;
    // It goes on with known sites, and a read is under way when the container freezes.
    expect((await directory.current()).get('old')).toBeDefined();
    now += 3_600_000;
    const asked = directory.current();
    fail(new Error('Command timed out'));
    return { sites: await asked, read };
  }

  test('a read that the freeze broke is repeated before old sites are used', async () => {
    const { sites, read } = await thawed(async () => stateOf(2, 'new'));
    expect(sites.all().map(({ id }) => id)).toEqual(['new']);
    expect(read).toHaveBeenCalledTimes(3);
  });

  test('only once, then the known sites are used', async () => {
    const { sites, read } = await thawed(away);
    expect(sites.all().map(({ id }) => id)).toEqual(['old']);
    expect(read).toHaveBeenCalledTimes(3);
  });
});
