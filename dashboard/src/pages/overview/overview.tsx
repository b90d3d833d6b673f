import { Later } from '../../parts/later.tsx';
import '../../styles/overview.css';
import { Cards } from './cards.tsx';
import { FunnelCard } from './funnel.tsx';
import { MetricPlot } from './metric-plot.tsx';
import { RetentionCard } from './retention.tsx';
import { TABLES } from './tables/dimensions.ts';
import { ProductsCard } from './tables/products-card.tsx';
import { TableCard } from './tables/table-card.tsx';

/** A shop on one page, in the order in which a shop asks. */
export function Overview() {
  return (
    <>
      <h1 class="unseen">Overview</h1>
      <Cards />
      <MetricPlot />
      <div class="grid">
        <Later lines={14}>
          <ProductsCard />
        </Later>
        {TABLES.map((table) => (
          <Later key={table.id} lines={14}>
            <TableCard table={table} />
          </Later>
        ))}
        <Later lines={14}>
          <FunnelCard />
        </Later>
        <Later lines={14}>
          <RetentionCard />
        </Later>
      </div>
    </>
  );
}
