import { RARELY, SOMETIMES, useAnswer } from '../../../api/use-answer.ts';
import { formatDays } from '../../../format/dates.ts';
import { formatCount, formatRate, formatScore } from '../../../format/numbers.ts';
import { Answered } from '../../../parts/answered.tsx';
import { type Column, DataTable } from '../../../parts/data-table.tsx';
import { usePeriod } from '../../../view/use-period.ts';
import { setQuery, useView } from '../../../view/view.ts';
import { type Missed, missedOrders } from './product-figures.ts';
import { ProductName } from './product-name.tsx';
import { ShowMore } from './show-more.tsx';
import { FEW, MANY } from './use-dimension.ts';

const ALL = 1_000;
const WHOLE = 'products-all';

const COLUMNS: Column<Missed>[] = [
  { label: 'Product', cell: (row) => <ProductName id={row.product_id} name={row.name} /> },
  { label: 'Views', kind: 'number', cell: ({ views }) => formatCount(views) },
  { label: 'Carts', kind: 'number', minor: true, cell: ({ carts }) => formatCount(carts) },
  { label: 'Orders', kind: 'number', cell: ({ purchases }) => formatCount(purchases) },
  { label: 'Orders per view', kind: 'number', cell: ({ perView }) => formatRate(perView) },
  { label: 'Missed orders', kind: 'number', cell: ({ missed }) => formatScore(missed) },
];

/** Products that are viewed but not bought. */
export function MissedProducts() {
  const { days, isOpen } = usePeriod();
  const { query } = useView();
  const isWhole = query[WHOLE] === '1';
  const answer = useAnswer('/v1/products', {
    query: { ...days, metric: 'views', limit: ALL },
    every: isOpen ? SOMETIMES : RARELY,
  });
  return (
    <Answered answer={answer} lines={FEW + 5}>
      {({ products, next_cursor }) => {
        const { average, rows } = missedOrders(products);
        const shown = rows.slice(0, isWhole ? MANY : FEW);
        return (
          <>
            <p class="note">
              On average {formatRate(average)} of the views are followed by an order. Missed orders: what a
              product would have more at this rate.
              {next_cursor && ` Among the ${formatCount(ALL)} products with the most views.`}
            </p>
            <DataTable
              caption={`Products that are viewed but not bought, ${formatDays(days)}`}
              columns={COLUMNS}
              rows={shown}
              rowKey={({ product_id }) => product_id}
              share={({ missed }) => missed / rows[0]!.missed}
              empty="No product is bought less often per view than the others."
            />
            <ShowMore
              shown={shown.length}
              total={rows.length}
              isWhole={isWhole}
              onWhole={(whole) => setQuery({ [WHOLE]: whole ? '1' : undefined })}
              more={undefined}
              few={FEW}
              what="products"
            />
          </>
        );
      }}
    </Answered>
  );
}
