import { formatMoment } from '../../format/dates.ts';
import { formatCount, formatMoney } from '../../format/numbers.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session.ts';
import { ProductName } from '../products/product-name.tsx';
import type { OrderData } from './order-data.ts';
import { PersonLink } from './person-link.tsx';

type Line = OrderData['lines'][number];
type Refund = OrderData['refunds'][number];
type Copied = OrderData['copies'][number];

/** A line may be there twice, so its place is its key. */
const placed = <Row,>(rows: readonly Row[]) => rows.map((row, at) => ({ row, at }));

const money = (minor: number | null | undefined, currency: string | null) =>
  minor == null || currency === null ? '–' : formatMoney(minor, currency);

/** What was bought. */
export function Lines({ order }: { order: OrderData }) {
  const { currency } = order;
  const columns: Column<{ row: Line; at: number }>[] = [
    { label: 'Product', cell: ({ row }) => <ProductName id={row.product_id} name={row.name} /> },
    { label: 'Category', minor: true, cell: ({ row }) => row.category ?? '–' },
    { label: 'Brand', minor: true, cell: ({ row }) => row.brand ?? '–' },
    { label: 'Quantity', kind: 'number', cell: ({ row }) => formatCount(row.quantity) },
    {
      label: 'Discount',
      kind: 'number',
      minor: true,
      cell: ({ row }) => money(row.discount_minor, currency),
    },
    { label: 'Amount', kind: 'number', cell: ({ row }) => money(row.amount_minor, currency) },
  ];
  return (
    <DataTable
      caption="Lines of the order"
      columns={columns}
      rows={placed(order.lines)}
      rowKey={({ at }) => String(at)}
      empty="The order says no products."
    />
  );
}

/** What was given back. */
export function Refunds({ order }: { order: OrderData }) {
  const { site } = useSession();
  const columns: Column<Refund>[] = [
    { label: 'When', cell: ({ time }) => formatMoment(time, site.zone) },
    {
      label: 'Products',
      cell: ({ lines }) =>
        lines.length === 0
          ? 'Not said'
          : placed(lines).map(({ row, at }) => (
              <div key={at}>
                {row.quantity !== 1 && `${formatCount(row.quantity)} × `}
                {row.name ?? row.product_id}
              </div>
            )),
    },
    { label: 'Event', minor: true, cell: ({ id }) => <code>{id}</code> },
    { label: 'Amount', kind: 'number', cell: (row) => money(row.amount_minor, row.currency) },
  ];
  return (
    <DataTable
      caption="Refunds of the order"
      columns={columns}
      rows={order.refunds}
      rowKey={({ id }) => id}
      empty="Nothing was refunded."
    />
  );
}

/** The purchases that were merged. */
export function Copies({ order }: { order: OrderData }) {
  const { site } = useSession();
  const columns: Column<{ row: Copied; at: number }>[] = [
    { label: 'When', cell: ({ row }) => formatMoment(row.time, site.zone) },
    { label: 'Sent by', cell: ({ row }) => (row.server ? 'A server' : 'The visitor’s device') },
    { label: 'Way in', minor: true, cell: ({ row }) => row.way_in ?? '–' },
    { label: 'Person', cell: ({ row }) => <PersonLink id={row.user_id} /> },
    { label: 'Event', minor: true, cell: ({ row }) => <code>{row.id}</code> },
  ];
  return (
    <DataTable
      caption="Copies of the order"
      columns={columns}
      rows={placed(order.copies)}
      rowKey={({ at }) => String(at)}
    />
  );
}
