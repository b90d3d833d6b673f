import type { ComponentProps } from 'preact';
import { formatFigure } from '../../format/numbers.ts';
import { Change } from '../../parts/change.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session.ts';
import { setQuery } from '../../view/view.ts';
import { FURTHER_METRICS, type Product, type ProductMetric } from './metrics.ts';

/** What is counted besides the cards. A click on a name draws it. */
export function FurtherNumbers(props: {
  product: Product;
  changeOf(metric: ProductMetric): ComponentProps<typeof Change> | undefined;
}) {
  const { site } = useSession();
  return (
    <DataTable<ProductMetric>
      caption="Refunds, clicks and other events"
      columns={[
        {
          label: 'What',
          cell: ({ id, label, about }) => (
            <button
              type="button"
              class="sort"
              title={`${about} Draw it.`}
              onClick={() => setQuery({ metric: id })}
            >
              {label}
            </button>
          ),
        },
        {
          label: 'Number',
          kind: 'number',
          cell: ({ kind, of }) => formatFigure(kind, of(props.product, site.currency), site.currency),
        },
        {
          label: 'Change',
          kind: 'number',
          cell: (metric) => {
            const change = props.changeOf(metric);
            return change && <Change {...change} />;
          },
        },
      ]}
      rows={FURTHER_METRICS}
      rowKey={({ id }) => id}
    />
  );
}
