import type { Answer } from '../../api/answers.ts';
import { formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { ProductName } from '../products/product-name.tsx';
import type { LiveData } from './now-figures.tsx';

const NOTE = 'By views in the last 30 minutes.';
const viewsOf = <Row extends { views: number }>(): Column<Row> => ({
  label: 'Views',
  kind: 'number',
  cell: ({ views }) => formatCount(views),
});
const shareOf =
  <Row extends { views: number }>(rows: readonly Row[]) =>
  (row: Row) =>
    row.views / rows[0]!.views;

/** The pages and screens that are viewed most now. */
export function PagesNow({ live }: { live: Answer<LiveData> }) {
  return (
    <Card title="Pages now" note={NOTE}>
      <Answered answer={live} lines={10}>
        {({ pages }) => (
          <DataTable
            caption="Pages that are viewed now"
            columns={[{ label: 'Page', cell: ({ page }) => page }, viewsOf<LiveData['pages'][number]>()]}
            rows={pages}
            rowKey={({ page }) => page}
            share={shareOf(pages)}
            empty="No page was viewed in the last half hour. Pages come from page_view and screen_view."
          />
        )}
      </Answered>
    </Card>
  );
}

/** The products that are viewed most now. */
export function ProductsNow({ live }: { live: Answer<LiveData> }) {
  return (
    <Card title="Products now" note={NOTE}>
      <Answered answer={live} lines={10}>
        {({ products }) => (
          <DataTable
            caption="Products that are viewed now"
            columns={[
              { label: 'Product', cell: (row) => <ProductName id={row.product_id} name={row.name} /> },
              viewsOf<LiveData['products'][number]>(),
            ]}
            rows={products}
            rowKey={({ product_id }) => product_id}
            share={shareOf(products)}
            empty="No product was viewed in the last half hour."
          />
        )}
      </Answered>
    </Card>
  );
}
