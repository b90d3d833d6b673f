import { Cards } from './cards.tsx';
import { MetricPlot } from './metric-plot.tsx';

/** A shop on one page, in the order in which a shop asks. */
export function Overview() {
  return (
    <>
      <h1 class="unseen">Overview</h1>
      <Cards />
      <MetricPlot />
    </>
  );
}
