import { readCarts } from '../../shared/questions/carts.ts';
import { readLive } from '../../shared/questions/live.ts';
import { freshnessOf } from '../../shared/status/freshness.ts';
import { ledgerOf } from '../support/ledger.ts';
import { at, peopleOf, tea } from '../support/people.ts';
import { openShop, siteOf } from '../support/shop.ts';

/** What holds while the shard of a visitor forwards events to the shard of the user. Each test has a site of its own. */
const sites = ['crash', 'pages', 'live', 'lag'].map((name) =>
  siteOf(name, { zone: 'Europe/Madrid', currency: 'EUR' }),
);
const shop = await openShop(sites);
const { profile, interactions, idsOf, answersOf } = peopleOf(shop, sites);
const siteNamed = (name: string) => sites.find(({ id }) => id === name)!;

test("a crash between sending a visitor's state and the commit changes no number", async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('crash', 'ana', visitor);
  await shop.send(
    'crash',
    at('12:00', { id: 'c1', name: 'add_to_cart', anonymous_id: visitor, items: [tea] }),
    at('11:00', { id: 'v0', name: 'page_view', user_id: ana }),
  );
  await shop.leave('crash', at('12:10', { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ana }));
  shop.onForward = () => {
    throw new Error('crash');
  };
  for (let crash = 0; crash < 2; crash++) {
    await expect(shop.applyShardOf('crash', visitor)).rejects.toThrow('crash');
    // The user's shard counts what was sent at once, although it will be sent again.
    await shop.applyShardOf('crash', ana);
  }
  shop.onForward = () => {};
  await shop.apply();
  expect((await answersOf('crash')).people).toMatchObject({ users: 1, new_users: 1, sessions: 2 });
  expect(await profile('crash', ana)).toMatchObject({
    total_events: 3,
    aliases: [visitor],
    cart: { lines: [{ product_id: 'tea', quantity: 1 }] },
  });
  expect(await idsOf('crash', visitor)).toEqual(['v0', 'c1', 'i']);
  const ledger = await ledgerOf(shop.reader);
  const of = (outcome: string) => ledger.get(`crash:${outcome}`);
  expect([of('applied'), of('forwarded'), of('joined'), of('duplicate')]).toEqual([3, 1, 1, 4]);
});

test('pages of a person with several ids have each interaction once, in order of time', async () => {
  const ana = 'ana';
  const visitors = [shop.userElsewhere('pages', 'a', ana), shop.userElsewhere('pages', 'b', ana)];
  const expected: string[] = [];
  for (let minute = 0; minute < 12; minute++) {
    for (const [i, visitor] of visitors.entries()) {
      // Both use the same event ids at the same times, as two devices with counters do.
      const id = `e${Math.floor(minute / 4)}`;
      const time = `10:${10 + Math.floor(minute / 4)}`;
      await shop.send('pages', at(time, { id: `${id}-${minute % 4}`, name: 'click', anonymous_id: visitor }));
      if (i === 0) expected.push(`${id}-${minute % 4}`, `${id}-${minute % 4}`);
    }
  }
  for (const [i, visitor] of visitors.entries()) {
    await shop.send(
      'pages',
      at(`11:0${i}`, { id: `i${i}`, name: 'identify', anonymous_id: visitor, user_id: ana }),
    );
    expected.push(`i${i}`);
  }
  for (const id of [ana, ...visitors]) {
    for (const limit of [1, 2, 3, 7, 25, 26, 100]) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await interactions('pages', id, `limit=${limit}${cursor}`);
        expect(page.total).toBe(26);
        seen.push(...page.interactions.map((one) => one.id));
        cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : '';
      } while (cursor);
      expect(seen).toEqual(expected);
    }
  }
});

test('a person with two ids is live once and owns one abandoned cart', async () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('live', 'ana', visitor);
  const now = Date.now();
  const ago = (minutes: number, fields: object) => ({ timestamp: now - minutes * 60_000, ...fields });
  await shop.send(
    'live',
    ago(70, { id: 'c', name: 'add_to_cart', anonymous_id: visitor, items: [tea] }),
    ago(4, { id: 'v', name: 'page_view', anonymous_id: visitor }),
  );
  const live = async () => (await readLive(shop.reader, siteNamed('live'), 60, now)).users_30m;
  const carts = async () =>
    (await readCarts(shop.reader, siteNamed('live'), { limit: 10 }, 60, now)).carts.map((one) => one.user_id);
  expect([await live(), await carts()]).toEqual([1, [visitor]]);
  await shop.send('live', ago(3, { id: 'i', name: 'identify', anonymous_id: visitor, user_id: ana }));
  expect([await live(), await carts()]).toEqual([1, [ana]]);
  // From a page that still has only the cookie: the visitor's shard forwards it, and counts a neighbour's event.
  await shop.send(
    'live',
    ago(1, { id: 'w', name: 'page_view', anonymous_id: visitor }),
    ago(1, { id: 'x', name: 'page_view', anonymous_id: shop.userBeside('live', 'neighbour', visitor) }),
  );
  expect([await live(), await carts()]).toEqual([2, [ana]]);
});

describe('records that one shard has sent to another', () => {
  const visitor = 'cookie-1';
  const ana = shop.userElsewhere('lag', 'ana', visitor);
  const identify = (minute: number, id: string) =>
    at(`12:${minute}`, { id, name: 'identify', anonymous_id: visitor, user_id: ana });

  test('make answers incomplete while they wait in the log', async () => {
    const meta = async () => (await shop.get<{ meta: object }>('lag', '/v1/overview')).body.meta;
    await shop.send('lag', at('12:00', { id: 'v', name: 'view_item', anonymous_id: visitor, items: [tea] }));
    expect(await meta()).toMatchObject({ lag_events: 0, lag_ms: 0, complete: true });
    await shop.leave('lag', identify(10, 'i1'));
    expect(await meta()).toMatchObject({ lag_events: 1, complete: false });
    await shop.applyShardOf('lag', visitor);
    // Two records wait in the log: the state, and the event.
    expect(await meta()).toMatchObject({ lag_events: 2, complete: false });
    // The user is known, but only by the visitor's earlier events.
    expect(await interactions('lag', visitor)).toMatchObject({ user_id: ana, interactions: [{ id: 'v' }] });
    const { status, body } = await shop.get<{ code: string }>('lag', `/v1/users/${visitor}`);
    expect([status, body.code]).toEqual([404, 'unknown_user']);
    await shop.applyShardOf('lag', ana);
    expect(await meta()).toMatchObject({ lag_events: 0, lag_ms: 0, complete: true });
  });

  const freshness = async (ends: typeof shop.ends) =>
    freshnessOf(Date.now(), await ends(), await shop.reader.heads());

  test("make answers incomplete even when they were sent after the log's end was read", async () => {
    await shop.leave('lag', identify(20, 'i2'), identify(21, 'i3'));
    const askedBeforeItWasSent = async () => {
      const ends = await shop.ends();
      await shop.applyShardOf('lag', visitor);
      return ends;
    };
    expect(await freshness(askedBeforeItWasSent)).toMatchObject({
      lag_events: 1,
      complete: false,
    });
    const ends = await shop.ends();
    await shop.applyShardOf('lag', ana);
    expect(await freshness(async () => ends)).toMatchObject({
      lag_events: 0,
      lag_ms: 0,
      complete: true,
    });
  });

  test('are not waited for when they can no longer be counted', async () => {
    await shop.leave('lag', identify(30, 'i4'));
    await shop.applyShardOf('lag', visitor);
    // The site is removed between the two.
    await shop.applyShardOf('lag', ana, { withoutSite: 'lag' });
    expect(await freshness(shop.ends)).toMatchObject({ lag_events: 0, complete: true });
  });
});
