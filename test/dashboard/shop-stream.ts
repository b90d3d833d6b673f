/** What the pages of the tests show: two months of a shop, always the same for one `now`, with hostile texts among it. */

/** Texts that run when a page takes them for markup, a template, a link or a style. */
export const HOSTILE = [
  '<img src=x onerror="window.pwned=1">',
  '"><script>window.pwned=1</script>',
  "'-window.pwned=1-'",
  '<svg/onload=window.pwned=1>',
  'javascript:window.pwned=1',
  '{{constructor.constructor("window.pwned=1")()}}',
  '<iframe srcdoc="<script>parent.pwned=1</script>">',
  '</style><style>body{display:none}</style>',
  '\u202Egnp.exe\u202C',
  '<a href="data:text/html,x">☂ ünïcödé 🙂</a>',
] as const;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Sent extends Record<string, unknown> {
  name: string;
  timestamp: string;
}

/** A generator of numbers from 0 to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/**
 * Events as a shop sends them to /v1/events.
 * @param now ms; the last event is an hour before.
 * @param days how far back they go.
 */
export function shopStream(now: number, days = 60): Sent[] {
  const random = numbers(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const products = Array.from({ length: 14 }, (_, i) => ({
    item_id: i < 3 ? HOSTILE[i]! : `sku-${i}`,
    item_name: i < HOSTILE.length ? HOSTILE[i]! : `Tea No. ${i}`,
    price: 5 + i,
    item_category: pick(['Tea', 'Mugs', HOSTILE[3]]),
    item_brand: pick(['Leaf & Co', HOSTILE[4]]),
  }));
  const events: Sent[] = [];
  let order = 0;
  for (let at = now - days * DAY_MS; at < now - 2 * HOUR_MS; at += 7 * HOUR_MS) {
    for (let visit = 0; visit < 3; visit++) {
      let ts = at + visit * 60_000;
      const common = {
        user_id: visit === 2 && random() < 0.2 ? HOSTILE[0] : `person-${Math.floor(random() * 40)}`,
        country: pick(['ES', 'PT', 'FR']),
        ...(random() < 0.7 && {
          source: pick(['newsletter', 'google', HOSTILE[1]]),
          medium: pick(['email', 'cpc']),
          campaign: pick(['autumn', HOSTILE[2]]),
        }),
      };
      const send = (name: string, fields: object = {}) => {
        ts += 20_000 + Math.floor(random() * 40_000);
        events.push({ ...common, name, timestamp: new Date(ts).toISOString(), backfill: true, ...fields });
      };
      send('page_view', { page: pick(['/', '/tea', `/${HOSTILE[0]}`]) });
      if (random() < 0.3) send('search', { search_term: pick(['green tea', HOSTILE[3]]) });
      const product = pick(products);
      const items = [{ ...product, quantity: 1 + Math.floor(random() * 3) }];
      send('view_item', { items, page: `/p/${product.item_id}` });
      if (random() < 0.6) send('add_to_cart', { items, currency: 'EUR' });
      else continue;
      if (random() < 0.8) send('begin_checkout', { items, currency: 'EUR' });
      if (random() < 0.7) {
        const transaction_id = ++order % 25 === 0 ? `${HOSTILE[0]} ${order}` : `T-${order}`;
        send('purchase', {
          ...{ items, currency: order % 9 === 0 ? 'USD' : 'EUR', transaction_id },
          ...(order % 4 === 0 && { discount: 1.5, coupon: HOSTILE[1] }),
          ...(order % 3 === 0 && { shipping: 4.9, tax: 2.1 }),
        });
        if (order % 6 === 0) send('refund', { transaction_id, currency: order % 9 === 0 ? 'USD' : 'EUR' });
      }
    }
  }
  return events.filter(({ timestamp }) => Date.parse(timestamp) < now);
}
