import { OFTEN, RARELY, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { formatMoney } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { usePeriod } from '../../view/use-period.ts';
import { hrefOf } from '../../view/view.ts';
import { FurtherNumbers } from './further-numbers.tsx';
import type { Product as Figures } from './metrics.ts';
import { ProductCards } from './product-cards.tsx';
import { ProductDays } from './product-days.tsx';
import { ProductPlot } from './product-plot.tsx';
import { useProductChange } from './use-product-change.ts';

const PATH = '/v1/products/{product}';

/** One product: its numbers, by day, and against the period compared with. */
export function Product({ product }: { product: string }) {
  const { days, isOpen } = usePeriod();
  const asked = { path: { product }, query: days };
  const answer = useAnswer(PATH, { ...asked, every: isOpen ? OFTEN : RARELY });
  const csv = useAddress(PATH, asked);
  const changeOf = useProductChange(product);
  const name = answer.data?.name;
  const isUnknown = answer.error?.code === 'unknown_product';
  return (
    <>
      <h1>{name ?? product}</h1>
      <p class="lead">
        {name !== undefined && name !== product && (
          <>
            <code>{product}</code> ·{' '}
          </>
        )}
        <a href={hrefOf(['products'])}>All products</a>
      </p>
      {isUnknown ? (
        <p class="empty">
          No event has a product with this id in {formatDays(days)}. Choose a longer range, or look for it
          under <a href={hrefOf(['products'])}>all products</a>.
        </p>
      ) : (
        <>
          <ProductCards answer={answer} changeOf={changeOf} />
          <ProductPlot product={product} answer={answer} csv={csv} />
          <div class="grid">
            <Card title="Money" note="Orders and refunds of this product, each currency by itself.">
              <Answered answer={answer}>{({ money }) => <MoneyTable money={money} />}</Answered>
            </Card>
            <Card title="Further numbers">
              <Answered answer={answer} lines={6}>
                {(data) => <FurtherNumbers product={data} changeOf={changeOf} />}
              </Answered>
            </Card>
          </div>
          <Card
            title="By day"
            note="Only days with an event of the product."
            wide
            actions={<CsvLink address={csv} name={`product-${days.from}-${days.to}`} />}
          >
            <Answered answer={answer} lines={8}>
              {(data) => <ProductDays days={data.days} />}
            </Answered>
          </Card>
        </>
      )}
    </>
  );
}

function MoneyTable({ money }: { money: Figures['money'] }) {
  return (
    <DataTable
      caption="Money by currency"
      columns={[
        { label: 'Currency', cell: ({ currency }) => currency },
        {
          label: 'Revenue',
          kind: 'number',
          cell: ({ revenue_minor, currency }) => formatMoney(revenue_minor, currency),
        },
        {
          label: 'Refunded',
          kind: 'number',
          cell: ({ refunded_minor, currency }) => formatMoney(refunded_minor, currency),
        },
        {
          label: 'Net',
          kind: 'number',
          cell: ({ net_minor, currency }) => formatMoney(net_minor, currency),
        },
      ]}
      rows={money}
      rowKey={({ currency }) => currency}
      empty="Not bought in these days, or its lines of orders had no price."
    />
  );
}
