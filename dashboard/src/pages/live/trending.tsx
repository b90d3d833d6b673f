import { SOMETIMES, useAnswer } from '../../api/use-answer.ts';
import { formatScore } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { ProductName } from '../products/product-name.tsx';

/** The products that are looked at most just now. */
export function Trending() {
  const answer = useAnswer('/v1/trending', {
    ...{ query: { metric: 'views', half_life_hours: 1, limit: 8 }, every: SOMETIMES },
  });
  return (
    <Card title="Products now" note="By views; a view an hour ago counts half.">
      <Answered answer={answer} lines={8}>
        {({ products }) => (
          <DataTable
            caption="Products that are looked at now"
            columns={[
              { label: 'Product', cell: (row) => <ProductName id={row.product_id} name={row.name} /> },
              { label: 'Weighted views', kind: 'number', cell: ({ score }) => formatScore(score) },
            ]}
            rows={products}
            rowKey={({ product_id }) => product_id}
            share={({ score }) => score / Math.max(1e-9, products[0]!.score)}
            empty="No product was looked at in the last two days."
          />
        )}
      </Answered>
    </Card>
  );
}
