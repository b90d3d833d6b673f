import type { DataOf } from '../../../api/types.ts';
import { SOMETIMES, useAnswer } from '../../../api/use-answer.ts';
import { formatScore } from '../../../format/numbers.ts';
import { Answered } from '../../../parts/answered.tsx';
import { type Column, DataTable } from '../../../parts/data-table.tsx';
import { Tabs } from '../../../parts/tabs.tsx';
import { setQuery, useView } from '../../../view/view.ts';
import { ProductName } from './product-name.tsx';
import { FEW, MANY } from './use-dimension.ts';

const METRICS = { views: 'Views', carts: 'Carts', purchases: 'Orders' } as const;
type TrendingMetric = keyof typeof METRICS;
const isMetric = (text: string | undefined): text is TrendingMetric =>
  text !== undefined && Object.hasOwn(METRICS, text);

const TABS = (Object.keys(METRICS) as TrendingMetric[]).map((id) => ({ id, label: METRICS[id] }));

type Row = DataOf<'/v1/trending'>['products'][number];

const columnsOf = (label: string): Column<Row>[] => [
  { label: 'Product', cell: (row) => <ProductName id={row.product_id} name={row.name} /> },
  {
    label: `${label}, weighted`,
    kind: 'number',
    cell: ({ score }) => formatScore(score),
  },
];

/** The products of the last hours, whatever range is chosen. */
export function Trending() {
  const { query } = useView();
  const metric = isMetric(query['products-by']) ? query['products-by'] : 'views';
  const isWhole = query['products-all'] === '1';
  const answer = useAnswer('/v1/trending', {
    query: { metric, limit: isWhole ? MANY : FEW },
    every: SOMETIMES,
  });
  return (
    <Answered answer={answer} lines={FEW + 5}>
      {({ products, half_life_hours }) => (
        <>
          <Tabs
            label="Trending by"
            tabs={TABS}
            current={metric}
            onSelect={(id) => setQuery({ 'products-by': id })}
          />
          <p class="note">
            The last 48 hours, whatever days are chosen. What happened {half_life_hours} hours ago counts half
            of what happens now.
          </p>
          <DataTable
            caption={`Trending products by ${METRICS[metric].toLowerCase()}`}
            columns={columnsOf(METRICS[metric])}
            rows={products}
            rowKey={({ product_id }) => product_id}
            share={({ score }) => score / products[0]!.score}
            empty="No product in the last 48 hours."
          />
          {(products.length === FEW || isWhole) && (
            <div class="show-more">
              <button
                type="button"
                aria-expanded={isWhole}
                onClick={() => setQuery({ 'products-all': isWhole ? undefined : '1' })}
              >
                {isWhole ? 'Show fewer' : 'Show all'}
                <span class="unseen"> trending products</span>
              </button>
            </div>
          )}
        </>
      )}
    </Answered>
  );
}
