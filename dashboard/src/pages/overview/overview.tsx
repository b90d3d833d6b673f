import { formatDays } from '../../format/dates.ts';
import { Later } from '../../parts/later.tsx';
import { useSession } from '../../session/session.ts';
import '../../styles/overview.css';
import { usePeriod } from '../../view/use-period.ts';
import { OverviewBuyersCard } from './buyers.tsx';
import { Cards } from './cards.tsx';
import { CartsCard } from './carts.tsx';
import { CartsByDayCard } from './carts-by-day.tsx';
import { EmptyRange, EmptySite, useEmptiness } from './empty.tsx';
import { EventsCard } from './events-card.tsx';
import { Figures } from './figures.tsx';
import { FunnelCard } from './funnel.tsx';
import { HoursCard } from './hours.tsx';
import { MetricPlot } from './metric-plot.tsx';
import { NetSalesCard } from './net-sales.tsx';
import { RetentionCard } from './retention.tsx';
import { TABLES } from './tables/dimensions.ts';
import { ProductsCard } from './tables/products-card.tsx';
import { TableCard } from './tables/table-card.tsx';

/** What comes below the plot, in the order of the page. A further card is a further entry. */
const BELOW = [
  { id: 'net-sales', isWide: false, Body: NetSalesCard },
  { id: 'buyers', isWide: false, Body: OverviewBuyersCard },
  { id: 'products', isWide: true, Body: ProductsCard },
  ...TABLES.map((table) => ({
    id: table.id,
    isWide: table.wide ?? false,
    Body: () => <TableCard table={table} />,
  })),
  { id: 'events', isWide: false, Body: EventsCard },
  { id: 'funnel', isWide: false, Body: FunnelCard },
  { id: 'retention', isWide: true, Body: RetentionCard },
  { id: 'hours', isWide: true, Body: HoursCard },
  { id: 'carts-by-day', isWide: true, Body: CartsByDayCard },
  { id: 'carts', isWide: true, Body: CartsCard },
];

/** A shop on one page, in the order in which a shop asks. */
export function Overview() {
  const { site } = useSession();
  const { days, compared } = usePeriod();
  const { is, first } = useEmptiness();
  return (
    <>
      <h1 class="unseen">Overview</h1>
      <p class="report">
        {site.name}, {formatDays(days)}
        {compared && ` against ${formatDays(compared)}`} ({site.zone})
      </p>
      {is === 'site' ? (
        <EmptySite />
      ) : (
        <>
          {is === 'range' && <EmptyRange first={first!} />}
          <Cards />
          <Figures />
          <MetricPlot />
          {is !== 'range' && (
            <div class="grid">
              {BELOW.map(({ id, isWide, Body }) => (
                <Later key={id} lines={14} isWide={isWide}>
                  <Body />
                </Later>
              ))}
            </div>
          )}
        </>
      )}
    </>
  );
}
