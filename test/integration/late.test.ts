import { readMessages } from '../support/read-topic.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** An event that is too late to be counted is kept in the log, and then as a dead letter. */

const HOUR = 3_600_000;
const shop = await openShop([siteOf('shop', { lateness_hours: 72 })]);

interface Ledger {
  totals: { applied: number; dead_lettered: number };
  balanced: boolean;
}
interface Total {
  total_events: number;
}

test('late events in the plain and the original format are dead-lettered and not counted', async () => {
  const late = Date.now() - 73 * HOUR;
  const verdicts = await shop.send(
    'shop',
    { id: 'now', name: 'view_item', user_id: 'ada' },
    { id: 'late', name: 'view_item', user_id: 'ada', timestamp: late },
    { user_id: 'ada', interaction_type: 'view', product_id: 'tea', timestamp: late / 1_000 },
    { id: 'history', name: 'view_item', user_id: 'ada', timestamp: late, backfill: true },
    { id: 'no event', name: '?', user_id: 'ada' },
  );
  expect(verdicts.map(({ status }) => status)).toEqual([
    'accepted',
    'dead_lettered',
    'dead_lettered',
    'accepted',
    'refused',
  ]);
  const { body: ledger } = await shop.get<{ data: Ledger }>('shop', '/v1/ledger');
  expect(ledger.data.totals).toMatchObject({ applied: 2, dead_lettered: 2 });
  expect(ledger.data.balanced).toBe(true);
  const letters = await readMessages(shop.config.kafka, shop.config.kafka.dlqTopic, 2);
  expect(letters.map(({ headers }) => headers?.reason?.toString())).toEqual(['too_late', 'too_late']);
  expect(letters.map(({ value }) => JSON.parse(`${value}`).ts)).toEqual([late, Math.round(late)]);
  const from = new Date(late - 48 * HOUR).toISOString().slice(0, 10);
  const { body } = await shop.get<{ data: Total }>('shop', `/v1/overview?from=${from}`);
  expect(body.data.total_events).toBe(2);
});

test('a late event counts when it is sent again as history with the same id', async () => {
  const event = { id: 'again', name: 'view_item', user_id: 'bob', timestamp: Date.now() - 80 * HOUR };
  expect((await shop.send('shop', event)).map(({ status }) => status)).toEqual(['dead_lettered']);
  expect((await shop.send('shop', { ...event, backfill: true })).map(({ status }) => status)).toEqual([
    'accepted',
  ]);
  const { body } = await shop.get<{ data: Total }>('shop', '/v1/users/bob');
  expect(body.data.total_events).toBe(1);
});
