import type { DataOf } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { formatMoment } from '../../format/dates.ts';
import { formatCount, formatMoney } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { OrderLink } from '../../parts/order-link.tsx';
import { useSession } from '../../session/session.ts';
import { hrefOf, useView } from '../../view/view.ts';
import { ProductName } from '../products/product-name.tsx';
import '../../styles/products.css';

type Found = DataOf<'/v1/search'>;

/** The longest id there is. */
const MAX_LENGTH = 256;
const ROWS = 20;

/** Products, people and orders that a text finds. */
export function Search() {
  const { query } = useView();
  const { site } = useSession();
  const q = (query.q ?? '').trim().slice(0, MAX_LENGTH);
  const answer = useAnswer(q === '' ? undefined : '/v1/search', { query: { q, limit: ROWS } });
  if (q === '') {
    return (
      <>
        <h1>Search</h1>
        <p class="empty">
          Type a part of a product's name, the id of a person, or the number of an order into the field above.
          The key / leads there.
        </p>
      </>
    );
  }
  return (
    <>
      <h1>Search: “{q}”</h1>
      <Answered answer={answer} lines={12}>
        {({ products, people, orders }) => (
          <div class="grid">
            <Card
              title="People"
              note="By their whole id; the beginning of an id finds people of the last half hour."
            >
              <DataTable
                caption="People found"
                columns={peopleColumns(site.zone)}
                rows={people}
                rowKey={({ id }) => id}
                empty="No person with this id."
              />
            </Card>
            <Card title="Orders" note="By their whole number (transaction id).">
              <DataTable
                caption="Orders found"
                columns={orderColumns(site.zone)}
                rows={orders}
                rowKey={({ transaction_id }) => transaction_id}
                empty="No order with this number."
              />
            </Card>
            <Card title="Products" note="By a part of their id or name, in the last 28 days." wide>
              <DataTable
                caption="Products found"
                columns={PRODUCT_COLUMNS}
                rows={products}
                rowKey={({ product_id }) => product_id}
                empty="No product of the last 28 days has this in its id or name."
              />
              {products.length === ROWS && (
                <p class="quiet">
                  The first {ROWS}. See{' '}
                  <a href={hrefOf(['products'], { search: q, sort: 'interactions' })}>all of them</a>.
                </p>
              )}
            </Card>
          </div>
        )}
      </Answered>
    </>
  );
}

const PRODUCT_COLUMNS: readonly Column<Found['products'][number]>[] = [
  { label: 'Product', cell: (row) => <ProductName id={row.product_id} name={row.name} /> },
  { label: 'Interactions', kind: 'number', cell: ({ interactions }) => formatCount(interactions) },
];

const peopleColumns = (zone: string): Column<Found['people'][number]>[] => [
  {
    label: 'Person',
    cell: ({ id, user_id }) => (
      <a class="named" href={hrefOf(['people', user_id])}>
        {user_id}
        {id !== user_id && <span class="quiet id">was the visitor {id}</span>}
      </a>
    ),
  },
  { label: 'Who', cell: ({ known }) => (known ? 'User' : 'Visitor') },
  { label: 'Last seen', kind: 'number', cell: ({ last_seen }) => formatMoment(last_seen, zone) },
];

const orderColumns = (zone: string): Column<Found['orders'][number]>[] => [
  { label: 'Order', cell: ({ transaction_id }) => <OrderLink id={transaction_id} /> },
  {
    label: 'Buyer',
    cell: ({ user_id }) =>
      user_id === undefined ? (
        'Not known'
      ) : (
        <a class="named" href={hrefOf(['people', user_id])}>
          {user_id}
        </a>
      ),
  },
  { label: 'When', kind: 'number', cell: ({ at }) => formatMoment(at, zone) },
  {
    label: 'Total',
    kind: 'number',
    cell: ({ total }) => (total ? formatMoney(total.amount_minor, total.currency) : '–'),
  },
  {
    label: 'Refunded',
    kind: 'number',
    cell: ({ refunded }) =>
      refunded.map(({ amount_minor, currency }) => formatMoney(amount_minor, currency)).join(' + ') || '–',
  },
];
