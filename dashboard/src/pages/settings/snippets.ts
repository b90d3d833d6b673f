/** What to copy to send events, as in docs/sending-events.md and docs/browser-snippet.md. */

interface Filled {
  /** This server, such as `https://shop.example`. */
  host: string;
  key: string;
  measurementId: string;
}

export interface Snippet {
  id: 'page' | 'curl' | 'segment' | 'gtag';
  label: string;
  about: string;
  blocks(filled: Filled): { label: string; text: string }[];
}

/** Stands in a snippet until there is a key. */
export const PLACEHOLDER = 'WRITE_KEY';

export const SNIPPETS: readonly Snippet[] = [
  {
    id: 'page',
    label: 'Web pages',
    about:
      'Put this into each page of the shop. It sends page views by itself, sets no cookie, and follows Do Not Track.',
    blocks: ({ host, key }) => [
      {
        label: 'Snippet',
        text: `<script>window.footfall = window.footfall || function () { (footfall.q = footfall.q || []).push(arguments) }</script>
<script async src="${host}/f.js" data-key="${key}"></script>`,
      },
      {
        label: 'The shop’s own events',
        text: `footfall('add_to_cart', { items: [{ item_id: 'shoe-1', price: 59.9 }], currency: 'EUR', value: 59.9 });
footfall('purchase', { transaction_id: 'T-1000', currency: 'EUR', items: [{ item_id: 'shoe-1', price: 59.9, quantity: 2 }] });
footfall('identify', 'ana'); // with each sign-in`,
      },
    ],
  },
  {
    id: 'curl',
    label: 'curl',
    about: 'One event by hand. A shop’s server sends the same JSON; the answer has a verdict for each event.',
    blocks: ({ host, key }) => [
      {
        label: 'Command',
        text: `curl ${host}/v1/events -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '{
  "events": [
    { "name": "view_item", "user_id": "ana", "items": [{ "item_id": "shoe-1", "item_name": "Red shoe", "price": 59.9 }] }
  ]
}'`,
      },
    ],
  },
  {
    id: 'segment',
    label: 'Segment',
    about:
      'Segment’s own libraries, unchanged: point them to this server. RudderStack’s take it as dataPlaneUrl.',
    blocks: ({ host, key }) => [
      {
        label: 'In a server, @segment/analytics-node',
        text: `const analytics = new Analytics({ writeKey: '${key}', host: '${host}' })
analytics.track({ userId: 'ana', event: 'Order Completed', properties: { order_id: 'T-1002', total: 59.9, currency: 'EUR' } })`,
      },
      {
        label: 'In pages, analytics.js',
        text: `import { AnalyticsBrowser } from '@segment/analytics-next'

const analytics = AnalyticsBrowser.load({ writeKey: '${key}', cdnURL: '${host}' })
analytics.page()`,
      },
    ],
  },
  {
    id: 'gtag',
    label: 'gtag.js',
    about:
      'A page that has gtag.js sends here with one more line. The write key says whose the events are, with any measurement id.',
    blocks: ({ host, key, measurementId }) => [
      {
        label: 'In the page',
        text: `gtag('config', '${measurementId}', { server_container_url: '${host}', write_key: '${key}' })`,
      },
      {
        label: 'Measurement Protocol',
        text: `curl '${host}/mp/collect?measurement_id=${measurementId}&api_secret=${key}' -d '{
  "client_id": "123456.1700000000", "events": [{ "name": "view_item", "params": { "items": [{ "item_id": "shoe-1" }] } }]
}'`,
      },
    ],
  },
];

/** The first block of a way to send. */
export const snippetOf = (way: 'page' | 'curl', filled: Omit<Filled, 'measurementId'>): string =>
  SNIPPETS.find(({ id }) => id === way)!.blocks({ ...filled, measurementId: '' })[0]!.text;
