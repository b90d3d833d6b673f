import { RARELY, SOMETIMES, useAddress, useAnswer, useComparison } from '../../../api/use-answer.ts';
import { formatDays } from '../../../format/dates.ts';
import { formatCount, formatMoney, formatRate } from '../../../format/numbers.ts';
import { Answered } from '../../../parts/answered.tsx';
import { CsvLink } from '../../../parts/csv-link.tsx';
import { type Column, DataTable } from '../../../parts/data-table.tsx';
import { useSession } from '../../../session/session.ts';
import { usePeriod } from '../../../view/use-period.ts';
import { setQuery, useView } from '../../../view/view.ts';
import { ChangeCell } from './change-cell.tsx';
import { figureOf, PRODUCT_FIGURES, type ProductFigure, type ProductRow } from './product-figures.ts';
import { ProductName } from './product-name.tsx';
import { ShowMore } from './show-more.tsx';
import { FEW, MANY } from './use-dimension.ts';
import { uniqueBy, useMore } from './use-more.ts';

const ALL = 1_000;
const BY = 'products-by';
const WHOLE = 'products-all';

const useFigure = () => {
  const { query } = useView();
  return PRODUCT_FIGURES.find(({ id }) => id === query[BY]) ?? PRODUCT_FIGURES[0]!;
};
const leastOf = ({ atLeast }: ProductFigure) => (atLeast === undefined ? {} : { at_least: atLeast });

/** The CSV of the tab that is shown. */
export function ProductsCsv({ of }: { of: 'top' | 'missed' | 'trending' }) {
  const { days } = usePeriod();
  const figure = useFigure();
  const metric = of === 'missed' ? 'views' : figure.id;
  const products = useAddress('/v1/products', { query: { ...days, metric, limit: FEW } });
  const trending = useAddress('/v1/trending', { query: { limit: FEW } });
  return of === 'trending' ? (
    <CsvLink address={trending} name="trending" />
  ) : (
    <CsvLink address={products} name={`products-${metric}-${days.from}-${days.to}`} />
  );
}

/** Products, ranked by the column that was clicked. */
export function TopProducts() {
  const { days, isOpen } = usePeriod();
  const { query } = useView();
  const figure = useFigure();
  const isWhole = query[WHOLE] === '1';
  const list = useMore(
    '/v1/products',
    { query: { ...days, metric: figure.id, ...leastOf(figure), limit: isWhole ? MANY : FEW } },
    isOpen ? SOMETIMES : RARELY,
  );
  const columns = useColumns(figure);
  const rows = uniqueBy(
    list.pages.flatMap(({ products }) => products),
    ({ product_id }) => product_id,
  );
  const least =
    figure.atLeast === undefined
      ? ' '
      : `Products with at least ${figure.atLeast} ${figure.wholes}: rates of fewer are chance.`;
  return (
    <>
      <p class="note">{least}</p>
      <Answered answer={list.answer} lines={FEW + 4}>
        {({ total_products }) => (
          <>
            <DataTable
              caption={`Products by ${figure.label.toLowerCase()}, ${formatDays(days)}`}
              columns={columns}
              rows={rows}
              rowKey={({ product_id }) => product_id}
              share={(row) => row.value / Math.max(1e-9, rows[0]!.value)}
              empty="No product in these days. Products come from the items of events, such as view_item."
            />
            <ShowMore
              shown={rows.length}
              total={total_products}
              isWhole={isWhole}
              onWhole={(whole) => setQuery({ [WHOLE]: whole ? '1' : undefined })}
              more={list.more}
              few={FEW}
              what="products"
            />
          </>
        )}
      </Answered>
    </>
  );
}

function useColumns(figure: ProductFigure): Column<ProductRow>[] {
  const { change } = usePeriod();
  const { site } = useSession();
  const revenue = useRevenue(figure.id === 'revenue');
  const before = useChange(figure);
  const cellOf = (one: ProductFigure, row: ProductRow) => {
    if (one.kind === 'rate') return formatRate(figureOf(row, one));
    if (one.kind === 'count') return formatCount(figureOf(row, one));
    return formatMoney(figure.id === 'revenue' ? row.value : revenue(row.product_id), site.currency);
  };
  const columns: Column<ProductRow>[] = [
    { label: 'Product', cell: (row) => <ProductName id={row.product_id} name={row.name} /> },
    ...PRODUCT_FIGURES.map((one) => ({
      label: one.label,
      kind: 'number' as const,
      ...(one.minor && { minor: true }),
      sort: { isCurrent: one.id === figure.id, choose: () => setQuery({ [BY]: one.id }) },
      cell: (row: ProductRow) => cellOf(one, row),
    })),
  ];
  if (change) {
    const title = `${figure.label}, ${formatDays(change.now)} against ${formatDays(change.before)}`;
    columns.push({
      label: 'Change',
      kind: 'number',
      cell: ({ product_id }) => {
        const known = before(product_id);
        return <ChangeCell known={known} title={title} />;
      },
    });
  }
  return columns;
}

/** Revenue in the site's currency by product: rows that are ranked by something else do not have it. */
function useRevenue(isRanked: boolean): (id: string) => number | undefined {
  const { days, isOpen } = usePeriod();
  const { data } = useAnswer(isRanked ? undefined : '/v1/products', {
    query: { ...days, metric: 'revenue', limit: ALL },
    every: isOpen ? SOMETIMES : RARELY,
  });
  const values = new Map(data?.products.map(({ product_id, value }) => [product_id, value]));
  const missing = data && !data.next_cursor ? 0 : undefined;
  return (id) => values.get(id) ?? missing;
}

/** The figure of each product in the days that a change is told from. */
function useChange(figure: ProductFigure) {
  const { change } = usePeriod();
  const sides = useComparison('/v1/products', change, { query: { metric: figure.id, limit: ALL } });
  const [ofNow, ofBefore] = [sides?.now, sides?.before].map((data) => {
    const values = new Map(data?.products.map(({ product_id, value }) => [product_id, value]));
    const missing = data && !data.next_cursor ? (figure.kind === 'rate' ? null : 0) : undefined;
    return (id: string) => values.get(id) ?? missing;
  });
  return (id: string) => {
    const [a, b] = [ofNow!(id), ofBefore!(id)];
    return a === undefined || b === undefined ? undefined : { now: a, before: b };
  };
}
