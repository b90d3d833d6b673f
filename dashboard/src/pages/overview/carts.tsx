import type { DataOf } from '../../api/types.ts';
import { SOMETIMES, useAddress } from '../../api/use-answer.ts';
import { formatDays, formatMoment } from '../../format/dates.ts';
import { formatCount, formatMoney } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { hrefOf, setQuery, useView } from '../../view/view.ts';
import { MoneyCell } from './tables/money-cell.tsx';
import { ShowMore } from './tables/show-more.tsx';
import { FEW, MANY } from './tables/use-dimension.ts';
import { uniqueBy, useMore } from './tables/use-more.ts';

type Cart = DataOf<'/v1/carts/abandoned'>['carts'][number];

/** Carts that were filled and left, the latest first. */
export function CartsCard() {
  const { days } = usePeriod();
  const { query } = useView();
  const isWhole = query.carts === 'all';
  const asked = { query: { ...days, limit: MANY } };
  const list = useMore('/v1/carts/abandoned', asked, SOMETIMES);
  const csv = useAddress('/v1/carts/abandoned', asked);
  const columns = useColumns();
  const carts = uniqueBy(
    list.pages.flatMap((page) => page.carts),
    ({ user_id }) => user_id,
  );
  const shown = isWhole ? carts : carts.slice(0, FEW);
  const minutes = list.answer.data?.threshold_minutes;
  return (
    <Card
      title="Carts left behind"
      wide
      note={
        minutes === undefined
          ? ' '
          : `Carts that last changed in these days and then stayed as they were for ${formatCount(minutes)} minutes or more.`
      }
      actions={<CsvLink address={csv} name={`carts-${days.from}-${days.to}`} />}
    >
      <div class="tall">
        <Answered answer={list.answer} lines={12}>
          {({ total }) => (
            <>
              {total > 0 && <Worth carts={carts} total={total} />}
              <DataTable
                caption={`Carts left behind, ${formatDays(days)}`}
                columns={columns}
                rows={shown}
                rowKey={({ user_id }) => user_id}
                empty="No cart was left behind in these days."
              />
              <ShowMore
                shown={shown.length}
                total={total}
                isWhole={isWhole}
                onWhole={(whole) => setQuery({ carts: whole ? 'all' : undefined })}
                more={list.more}
                few={FEW}
                what="carts"
              />
            </>
          )}
        </Answered>
      </div>
    </Card>
  );
}

/** What the carts are worth, in each currency by itself. */
function Worth({ carts, total }: { carts: readonly Cart[]; total: number }) {
  const sums = new Map<string, number>();
  for (const { currency, amount_minor } of carts.flatMap(({ value }) => value)) {
    sums.set(currency, (sums.get(currency) ?? 0) + amount_minor);
  }
  const worth = [...sums].map(([currency, minor]) => formatMoney(minor, currency)).join(' and ');
  const which =
    carts.length < total
      ? `${formatCount(total)} carts. The latest ${formatCount(carts.length)}`
      : `${formatCount(total)} ${total === 1 ? 'cart' : 'carts'},`;
  return (
    <p>
      <strong>
        {which} {carts.length < total ? 'are' : 'in all'} worth {worth || 'an unknown amount'}
      </strong>
    </p>
  );
}

function useColumns(): Column<Cart>[] {
  const { site } = useSession();
  return [
    {
      label: 'Person',
      cell: ({ user_id }) => <a href={hrefOf(['people', user_id])}>{user_id}</a>,
    },
    {
      label: 'Last change',
      minor: true,
      cell: ({ last_activity }) => formatMoment(last_activity, site.zone),
    },
    {
      label: 'In the cart',
      cell: ({ lines }) => (
        <>
          {lines.slice(0, 3).map(({ product_id, quantity }, i) => (
            <span key={product_id}>
              {i > 0 && ', '}
              {quantity !== 1 && `${formatCount(quantity)} × `}
              <a href={hrefOf(['products', product_id])}>{product_id}</a>
            </span>
          ))}
          {lines.length > 3 && ` and ${lines.length - 3} more`}
        </>
      ),
    },
    {
      label: 'Value',
      kind: 'number',
      cell: ({ value }) => (
        <MoneyCell
          amounts={value.map(({ currency, amount_minor }) => ({ currency, minor: amount_minor }))}
          currency={site.currency}
        />
      ),
    },
  ];
}
