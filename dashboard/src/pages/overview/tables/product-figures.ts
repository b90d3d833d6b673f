import type { DataOf, QueryOf } from '../../../api/types.ts';
import type { FigureKind } from '../../../format/numbers.ts';

export type ProductRow = DataOf<'/v1/products'>['products'][number];
type ProductMetric = NonNullable<QueryOf<'/v1/products'>['metric']>;

/** A column of the products, and the API's metric that ranks by it. */
export interface ProductFigure {
  id: ProductMetric;
  label: string;
  kind: FigureKind;
  /** A rate of fewer is chance. @example views that a product needs to be ranked by carts per view */
  atLeast?: number;
  wholes?: string;
  minor?: true;
}

/** In the order of the table. */
export const PRODUCT_FIGURES: readonly ProductFigure[] = [
  { id: 'views', label: 'Views', kind: 'count' },
  { id: 'carts', label: 'Carts', kind: 'count' },
  { id: 'purchases', label: 'Orders', kind: 'count' },
  { id: 'units', label: 'Units', kind: 'count', minor: true },
  { id: 'revenue', label: 'Revenue', kind: 'money' },
  {
    ...{ id: 'view_to_cart_rate', label: 'Carts per view', kind: 'rate', minor: true },
    ...{ atLeast: 20, wholes: 'views' },
  },
  {
    ...{ id: 'cart_to_purchase_rate', label: 'Orders per cart', kind: 'rate', minor: true },
    ...{ atLeast: 10, wholes: 'carts' },
  },
];

/** A figure that each row has whatever it is ranked by; revenue comes by a question of its own. */
export const figureOf = (row: ProductRow, { id }: ProductFigure): number | null =>
  (row as unknown as Record<string, number | null | undefined>)[id] ?? null;

export interface Missed extends ProductRow {
  perView: number;
  /** Orders that it would have more at the average of all products. */
  missed: number;
}

/**
 * Products that are viewed but not bought: those that miss the most orders against the average of orders per view.
 * A product with many views and no order comes before one with three views and none.
 */
export function missedOrders(rows: readonly ProductRow[]): { average: number; rows: Missed[] } {
  const sum = (of: (row: ProductRow) => number) => rows.reduce((all, row) => all + of(row), 0);
  const views = sum((row) => row.views);
  const average = views === 0 ? 0 : sum((row) => row.purchases) / views;
  const found = rows
    .filter((row) => row.views > 0)
    .map((row) => ({
      ...row,
      perView: row.purchases / row.views,
      missed: row.views * average - row.purchases,
    }))
    .filter(({ missed }) => missed > 0)
    .sort((a, b) => b.missed - a.missed || (a.product_id < b.product_id ? -1 : 1));
  return { average, rows: found };
}
