import { openDashboard } from './dashboard.ts';

/** The API's page at /docs in a real browser. */

const { stack, browser } = await openDashboard();

test('one field takes the key, a reload keeps it, and what is tried out answers with numbers', async () => {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${stack.url}/docs`);
  await page.locator('#key').fill('demo-read-key');
  await page.reload();
  expect(await page.locator('#key').inputValue()).toBe('demo-read-key');
  // Swagger UI's own form for keys, under eight names, is not there.
  await page.locator('#operations-analytics-read_overview').waitFor();
  expect(await page.locator('.authorize').count()).toBe(0);

  const overview = page.locator('#operations-analytics-read_overview');
  await overview.locator('.opblock-summary-control').click();
  await overview.getByRole('button', { name: 'Try it out' }).click();
  const answer = page.waitForResponse((response) => response.url().includes('/v1/overview'));
  await overview.getByRole('button', { name: 'Execute' }).click();
  const response = await answer;
  expect(response.status()).toBe(200);
  // No dates are filled in, so the default range is asked for, which ends today.
  expect(new URL(response.url()).search).not.toMatch(/from|to=|range|site|compare/);
  const { data } = (await response.json()) as { data: { total_events: number } };
  expect(data.total_events).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('each way in gets the key where it takes it', async () => {
  const page = await browser.newPage();
  await page.goto(`${stack.url}/docs`);
  await page.locator('#key').fill('demo-write-key');
  const event = page.locator('#operations-collect-send_events');
  await event.locator('.opblock-summary-control').click();
  await event.getByRole('button', { name: 'Try it out' }).click();
  const sent = page.waitForResponse((response) => response.url().includes('/v1/events'));
  await event.getByRole('button', { name: 'Execute' }).click();
  expect((await sent).status()).toBe(202);
  await page.context().close();
});
