import type { ComponentChildren } from 'preact';
import { formatCount, formatMoney } from '../format/numbers.ts';
import { type Column, DataTable } from './data-table.tsx';

/** Money as a shop keeps it, in minor units of one currency. null: not said. */
export interface Money {
  gross_minor: number | null;
  discounts_minor: number | null;
  revenue_minor: number | null;
  refunded_minor: number | null;
  net_minor: number | null;
  shipping_minor: number | null;
  tax_minor: number | null;
}

interface Line {
  id: keyof Money;
  label: string;
  /** A sum of the lines above. */
  isSum?: true;
  /** Subtracted from the lines above. */
  isLess?: true;
  /** The part that orders may leave unsaid. */
  part?: 'discounts' | 'shipping' | 'tax';
}

const LINES: readonly Line[] = [
  { id: 'gross_minor', label: 'Gross' },
  { id: 'discounts_minor', label: 'Discounts', isLess: true, part: 'discounts' },
  { id: 'revenue_minor', label: 'Revenue', isSum: true },
  { id: 'refunded_minor', label: 'Refunds', isLess: true },
  { id: 'net_minor', label: 'Net', isSum: true },
  { id: 'shipping_minor', label: 'Shipping', part: 'shipping' },
  { id: 'tax_minor', label: 'Tax', part: 'tax' },
];

const countOrders = (orders: number) => `${formatCount(orders)} ${orders === 1 ? 'order' : 'orders'}`;

/**
 * From gross to net, line by line; shipping and tax stand beside.
 * @param props.unknown how many orders do not say a part; absent for one order.
 * @param props.change a further column.
 */
export function MoneyBridge(props: {
  caption: string;
  money: Money;
  currency: string;
  unknown?: { discounts: number; shipping: number; tax: number };
  change?(line: keyof Money): ComponentChildren;
}) {
  const { money, currency, unknown, change } = props;
  const most = Math.max(money.gross_minor ?? 0, money.revenue_minor ?? 0, 1);
  const columns: Column<Line>[] = [
    { label: 'What', cell: ({ label, isSum }) => (isSum ? <strong>{label}</strong> : label) },
    {
      label: 'Amount',
      kind: 'number',
      cell: ({ id, isSum, isLess }) => {
        const minor = money[id];
        if (minor === null) return 'not said';
        const text = formatMoney(isLess && minor !== 0 ? -minor : minor, currency);
        return isSum ? <strong>{text}</strong> : text;
      },
    },
  ];
  if (unknown) {
    columns.push({
      label: 'Not said by',
      kind: 'number',
      cell: ({ part }) => (part && unknown[part] > 0 ? countOrders(unknown[part]) : ''),
    });
  }
  if (change) columns.push({ label: 'Change', kind: 'number', cell: ({ id }) => change(id) });
  return (
    <DataTable
      caption={props.caption}
      columns={columns}
      rows={LINES}
      rowKey={({ id }) => id}
      share={({ id }) => Math.abs(money[id] ?? 0) / most}
    />
  );
}
