import { hrefOf } from '../../view/view.ts';
import { BuyersCard } from '../customers/buyers-card.tsx';

/** New and returning buyers, and the way to more about them. */
export function OverviewBuyersCard() {
  return (
    <BuyersCard
      more={
        <p class="note">
          <a href={hrefOf(['customers'])}>Customers</a>: who bought again, when, and what cohorts are worth.
        </p>
      }
    />
  );
}
