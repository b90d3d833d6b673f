import { formatMoment } from '../../format/dates.ts';
import { formatCount, formatMoney } from '../../format/numbers.ts';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session.ts';
import { ProductName } from '../products/product-name.tsx';
import type { PersonData } from './person-data.ts';

/** What is in the cart now. @param props.names of products, as far as known. */
export function Cart({ cart, names }: { cart: PersonData['cart']; names: Map<string, string | undefined> }) {
  const { site } = useSession();
  if (!cart) {
    return (
      <Card title="Cart">
        <p class="empty">The cart is empty.</p>
      </Card>
    );
  }
  const value = cart.value.map(({ currency, amount_minor }) => formatMoney(amount_minor, currency));
  return (
    <Card
      title={value.length === 0 ? 'Cart' : `Cart, ${value.join(' + ')}`}
      note={`Not bought yet. Last change ${formatMoment(cart.last_activity, site.zone)}.`}
    >
      <DataTable
        caption="What is in the cart"
        columns={[
          {
            label: 'Product',
            cell: (line) => <ProductName id={line.product_id} name={names.get(line.product_id)} />,
          },
          { label: 'Units', kind: 'number', cell: ({ quantity }) => formatCount(quantity) },
        ]}
        rows={cart.lines}
        rowKey={({ product_id }) => product_id}
      />
    </Card>
  );
}
