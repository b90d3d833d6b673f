import type { DataOf } from '../../api/types.ts';
import { RARELY, SOMETIMES, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { formatCount, formatFigure, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { usePages } from '../../parts/pager.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';
import { ListTools } from './list-tools.tsx';
import { PRODUCT_METRICS, type ProductMetric, type Ranking } from './metrics.ts';
import { ProductName } from './product-name.tsx';

type Row = DataOf<'/v1/products'>['products'][number];

const ROWS = 50;
/** A rate of few is chance. */
const ENOUGH = 20;

/** Products, ranked by a metric. */
export function ProductList() {
  const { days, isOpen } = usePeriod();
  const { site } = useSession();
  const { query } = useView();
  const metric = PRODUCT_METRICS.find(({ id }) => id === query.sort) ?? PRODUCT_METRICS[0]!;
  const { cursor, pager } = usePages();
  const asked = {
    ...days,
    metric: metric.id,
    ...(query.search && { search: query.search.slice(0, 200) }),
    ...(metric.kind === 'rate' && query.all !== '1' && { at_least: ENOUGH }),
  };
  const every = isOpen ? SOMETIMES : RARELY;
  const answer = useAnswer('/v1/products', { query: { ...asked, limit: ROWS, cursor }, every });
  const csv = useAddress('/v1/products', { query: { ...asked, limit: ROWS } });
  return (
    <>
      <h1>Products</h1>
      <Card
        title={`By ${metric.label.toLowerCase()}, ${formatDays(days)}`}
        note={metric.about}
        wide
        actions={<CsvLink address={csv} name={`products-${days.from}-${days.to}`} />}
      >
        <ListTools metric={metric} enough={ENOUGH} />
        <Answered answer={answer} lines={16}>
          {({ products, total_products, next_cursor }) => (
            <>
              <DataTable
                caption={`Products by ${metric.label.toLowerCase()}`}
                columns={columnsOf(metric, site.currency)}
                rows={products}
                rowKey={({ product_id }) => product_id}
                share={(row) => row.value / Math.max(1e-9, products[0]!.value)}
                empty={
                  query.search
                    ? `No product of these days has “${query.search}” in its id or name.`
                    : 'No product in these days. Products come from the items of events, such as view_item.'
                }
              />
              {pager(next_cursor, `${formatCount(total_products)} products`)}
            </>
          )}
        </Answered>
      </Card>
    </>
  );
}

/** Changes the order; the list begins again. */
const sortBy = (id: Ranking) => setQuery({ sort: id, pages: undefined });

function columnsOf(metric: ProductMetric, currency: string): Column<Row>[] {
  const columns: Column<Row>[] = [
    { label: 'Product', cell: (row) => <ProductName id={row.product_id} name={row.name} /> },
  ];
  const figures = [
    'views',
    'carts',
    'purchases',
    'units',
    'view_to_cart_rate',
    'cart_to_purchase_rate',
  ] as const;
  const isShown = figures.some((id) => id === metric.id);
  if (!isShown) {
    columns.push({
      label: metric.label,
      kind: 'number',
      sort: { isCurrent: true, choose: () => sortBy(metric.id) },
      cell: ({ value }) => formatFigure(metric.kind, value, currency),
    });
  }
  for (const id of figures) {
    const { label, kind } = PRODUCT_METRICS.find((one) => one.id === id)!;
    columns.push({
      label,
      kind: 'number',
      minor: id !== metric.id,
      sort: { isCurrent: id === metric.id, choose: () => sortBy(id) },
      cell: (row) => (kind === 'rate' ? formatRate(row[id]) : formatCount(row[id])),
    });
  }
  return columns;
}
