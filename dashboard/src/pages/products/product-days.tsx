import { formatDay } from '../../format/dates.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import type { ProductDay } from './metrics.ts';

const count = (label: string, of: (day: ProductDay) => number, minor = false): Column<ProductDay> => ({
  ...{ label, kind: 'number', minor, cell: (day) => formatCount(of(day)) },
});

const rate = (label: string, of: (day: ProductDay) => number | null): Column<ProductDay> => ({
  ...{ label, kind: 'number', minor: true, cell: (day) => formatRate(of(day)) },
});

const COLUMNS: readonly Column<ProductDay>[] = [
  { label: 'Day', cell: ({ date }) => formatDay(date) },
  count('Views', ({ views }) => views),
  count('Clicks', ({ clicks }) => clicks, true),
  count('Carts', ({ carts }) => carts),
  count('Bought', ({ purchases }) => purchases),
  count('Pieces', ({ units }) => units, true),
  rate('View to cart', ({ view_to_cart_rate }) => view_to_cart_rate),
  rate('Cart to purchase', ({ cart_to_purchase_rate }) => cart_to_purchase_rate),
  count('Refunds', ({ refunds }) => refunds, true),
  count('Pieces refunded', ({ units_refunded }) => units_refunded, true),
  count('Other', ({ others }) => others, true),
];

/** The days of a product, newest first. */
export function ProductDays({ days }: { days: readonly ProductDay[] }) {
  return (
    <DataTable
      caption="The product by day"
      columns={COLUMNS}
      rows={[...days].reverse()}
      rowKey={({ date }) => date}
    />
  );
}
