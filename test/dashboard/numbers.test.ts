import { overview } from '../oracle/answers.ts';
import { openDashboard, openTab, settled } from './dashboard.ts';

/** What the pages show against a naive count of the same events. */

const dashboard = await openDashboard();
const { oracle, site } = dashboard;

/** Days that are over, so no number moves while the test reads. */
const dates = oracle.dates.slice(-40, -3);
const RANGE = { from: dates[0]!, to: dates.at(-1)! };

/** Written again here, so that a fault of the page's own formatting is seen. */
const euros = (minor: number) => `€${(minor / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ',')}`;
const share = (rate: number) =>
  new RegExp(`^${(rate * 100).toFixed(rate < 0.1 ? 2 : 1).replace(/\.?0+$/, '')}\\d?%$`);

describe('overview', () => {
  test('the key numbers are those of a naive count', async () => {
    const { page, complaints } = await openTab(dashboard, `/overview?range=${RANGE.from}..${RANGE.to}`);
    await settled(page);
    const expected = overview(oracle, RANGE);
    const euro = expected.money.find(({ currency }) => currency === 'EUR')!;
    const numberOf = (label: string) =>
      page.locator('.metric', { hasText: label }).locator('strong').textContent();
    expect(await numberOf('Net revenue')).toBe(euros(euro.net_minor));
    expect(await numberOf('Orders')).toBe(String(expected.orders));
    expect(await numberOf('Conversion')).toMatch(share(expected.conversion_rate!));
    expect(await numberOf('Visitors')).toBe(String(expected.users));
    expect(await numberOf('Sessions')).toBe(String(expected.sessions));
    expect(await numberOf('Refunds')).toBe(euros(euro.refunded_minor));
    // Dollars are not added to euros, and not hidden.
    expect(await page.locator('.metrics .note').textContent()).toContain('$');
    expect(complaints).toEqual([]);
    expect(site.currency).toBe('EUR');
  });
});
