import { formatMoment } from '../../format/dates.ts';
import { formatEvent } from '../../format/events.ts';
import { formatCount, formatMoney } from '../../format/numbers.ts';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session.ts';
import { ProductName } from '../products/product-name.tsx';
import { Cart } from './cart.tsx';
import type { PersonData } from './person-data.ts';
import { Visits } from './visits.tsx';

/** A person's numbers, cart, products and ids, over all the time that is kept. */
export function Profile({ person }: { person: PersonData }) {
  return (
    <>
      <Figures person={person} />
      <div class="grid">
        <Cart cart={person.cart} names={new Map(person.products.map((one) => [one.product_id, one.name]))} />
        <LastProducts products={person.products} />
        <Events events={person.events} total={person.total_events} />
        <Visits visits={person.visits} />
        {person.aliases.length > 0 && <Aliases ids={person.aliases} />}
      </div>
    </>
  );
}

function Figures({ person }: { person: PersonData }) {
  const { site } = useSession();
  const own = person.money.find(({ currency }) => currency === site.currency);
  const others = person.money.filter(({ currency }) => currency !== site.currency);
  const average = person.average_order.find(({ currency }) => currency === site.currency);
  const figures: [label: string, value: string, about: string][] = [
    ['Lifetime value', formatMoney(own?.net_minor ?? 0, site.currency), 'Revenue less refunds.'],
    ['Orders', formatCount(person.orders), 'Each transaction once.'],
    ['Average order', formatMoney(average?.amount_minor, site.currency), 'Refunds are not subtracted.'],
    ['Refunded', formatMoney(own?.refunded_minor ?? 0, site.currency), 'Money that was given back.'],
    ['Sessions', formatCount(person.sessions), 'Visits; 30 minutes without an event end one.'],
    ['Active days', formatCount(person.active_days), 'Days with an event.'],
    ['Events', formatCount(person.total_events), 'All that was sent of this person.'],
    ['Refunds', formatCount(person.refunds), 'Events of a refund.'],
  ];
  return (
    <section aria-label="Key numbers" class="metrics">
      {figures.map(([label, value, about]) => (
        <div key={label} class="metric" title={about}>
          <span class="label">{label}</span>
          <strong>{value}</strong>
        </div>
      ))}
      {others.length > 0 && (
        <p class="note wide">
          Value in other currencies:{' '}
          {others.map(({ currency, net_minor }) => formatMoney(net_minor, currency)).join(', ')}. It is not
          part of the amounts in {site.currency}.
        </p>
      )}
    </section>
  );
}

function LastProducts({ products }: { products: PersonData['products'] }) {
  const { site } = useSession();
  return (
    <Card title="Products" note="The last 10 in events of this person.">
      <DataTable
        caption="The last products of this person"
        columns={[
          { label: 'Product', cell: ({ product_id, name }) => <ProductName id={product_id} name={name} /> },
          { label: 'Last seen', kind: 'number', cell: (row) => formatMoment(row.last_seen, site.zone) },
        ]}
        rows={products}
        rowKey={({ product_id }) => product_id}
        empty="No product in an event of this person."
      />
    </Card>
  );
}

function Events({ events, total }: { events: PersonData['events']; total: number }) {
  const rows = Object.entries(events).sort(([, a], [, b]) => b - a);
  return (
    <Card title="Events" note="Over all the time that is kept.">
      <DataTable
        caption="Events by name"
        columns={[
          {
            label: 'Event',
            cell: ([name]) => (
              <>
                {formatEvent(name)}
                {formatEvent(name) !== name && <span class="quiet"> {name}</span>}
              </>
            ),
          },
          { label: 'Times', kind: 'number', cell: ([, count]) => formatCount(count) },
        ]}
        rows={rows}
        rowKey={([name]) => name}
        share={([, count]) => count / Math.max(1, total)}
        empty="No events."
      />
    </Card>
  );
}

function Aliases({ ids }: { ids: readonly string[] }) {
  return (
    <Card
      title="Anonymous ids"
      note="Visitors who became this user by signing in; the latest 100. Their events are counted here."
    >
      <ul class="ids">
        {ids.map((id) => (
          <li key={id}>
            <code>{id}</code>
          </li>
        ))}
      </ul>
    </Card>
  );
}
