import { openDashboard, openTab, settled, violations } from './dashboard.ts';
import { HOSTILE_VIEWS, VIEWS } from './views.ts';

/** What holds for every page. */

const dashboard = await openDashboard();
const { stack } = dashboard;

describe.each([...VIEWS, ...HOSTILE_VIEWS])('%s', (view) => {
  test('shows hostile texts as text, asks nobody else, and has no fault for axe', async () => {
    const { page, complaints } = await openTab(dashboard, view);
    await settled(page);
    expect(await page.evaluate(() => (globalThis as { pwned?: unknown }).pwned)).toBeUndefined();
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('fits a phone, in the dark, without a fault for axe', async () => {
    const { page, complaints } = await openTab(dashboard, view, { width: 360, scheme: 'dark' });
    await settled(page);
    expect(
      await page.locator('html').evaluate(({ scrollWidth }: { scrollWidth: number }) => scrollWidth),
    ).toBeLessThanOrEqual(360);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe('the page itself', () => {
  test('stands in no frame and lets no foreign or inline script run', async () => {
    const response = await fetch(`${stack.url}/`);
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get('x-frame-options')).toBe('DENY');
  });

  test('weighs less than 120 kB', async () => {
    const page = await (await fetch(`${stack.url}/`)).text();
    const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(files.length).toBeGreaterThanOrEqual(3);
    let bytes = page.length;
    for (const file of files) {
      const response = await fetch(`${stack.url}${file}`, { headers: { 'accept-encoding': 'gzip' } });
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect(response.headers.get('content-encoding')).toBe('gzip');
      bytes += Number(response.headers.get('content-length'));
    }
    expect(bytes).toBeLessThan(120_000);
  });

  test.each(['/assets/nothing.js', '/assets/..%2f..%2fopenapi.json', '/assets/%2e%2e'])(
    '%s is not found',
    async (path) => {
      const response = await fetch(`${stack.url}${path}`);
      expect(response.status).toBe(404);
    },
  );
});
