import { SOMETIMES, useAnswer } from '../../api/use-answer.ts';
import { formatMoment } from '../../format/dates.ts';
import { countryName } from '../../format/names.ts';
import { formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { MoneyBridge } from '../../parts/money-bridge.tsx';
import { useSession } from '../../session/session.ts';
import { hrefOf } from '../../view/view.ts';
import type { OrderData } from './order-data.ts';
import { Copies, Lines, Refunds } from './order-tables.tsx';
import { PersonLink } from './person-link.tsx';

/** One order: what was bought, what it is worth, by whom and where they came from. */
export function Order({ transaction }: { transaction: string }) {
  const answer = useAnswer('/v1/orders/{transaction_id}', {
    path: { transaction_id: transaction },
    every: SOMETIMES,
  });
  return (
    <>
      <h1>Order {transaction}</h1>
      <p class="lead">
        <a href={hrefOf(['orders'])}>All orders</a>
      </p>
      {answer.error?.code === 'unknown_order' ? (
        <p class="empty">
          No order has this number. Numbers are told apart by case. A new order appears here seconds after the
          purchase.
        </p>
      ) : (
        <Answered answer={answer} lines={16}>
          {(order) => <Parts order={order} />}
        </Answered>
      )}
    </>
  );
}

function Parts({ order }: { order: OrderData }) {
  return (
    <div class="grid">
      <Card title="Lines" note="Amounts are of whole lines, as the shop sent them." wide>
        <Lines order={order} />
      </Card>
      <Card
        title="Money"
        note="Gross less discounts is revenue; less refunds, it is net. Shipping and tax stand beside: whether revenue includes them is the shop's choice."
      >
        {order.currency === null ? (
          <p class="empty">The order says no money.</p>
        ) : (
          <MoneyBridge caption="Money of the order" money={order} currency={order.currency} />
        )}
      </Card>
      <Card title="Buyer and visit" note=" ">
        <Facts order={order} />
      </Card>
      <Card title="Refunds" wide>
        <Refunds order={order} />
      </Card>
      <Card
        title="Copies"
        note="Purchases with this number that were merged into the one order, the earliest first; 20 at most."
        wide
      >
        <Copies order={order} />
      </Card>
    </div>
  );
}

const NOT_SET = '(not set)';

function Facts({ order }: { order: OrderData }) {
  const { site } = useSession();
  const { visit, country } = order;
  const facts: [name: string, value: string | null | undefined][] = [
    ['When', `${formatMoment(order.time, site.zone)} (${site.zone})`],
    ['Units', formatCount(order.units)],
    ['Coupon', order.coupon],
    ['Country', country && countryName(country)],
    ['Channel', visit?.channel ?? order.channel],
    ['Source', visit?.source ?? order.source],
    ['Medium', visit?.medium ?? order.medium],
    ['Campaign', visit?.campaign],
    ['Referrer', visit?.referrer],
    ['Landing page', visit?.landing_page],
    ['Device', visit?.device],
    ['Browser', visit?.browser],
    ['System', visit?.os],
    ['Visit began', visit && formatMoment(visit.start, site.zone)],
  ];
  return (
    <>
      <dl class="receipt">
        <div>
          <dt>Buyer</dt>
          <dd>
            <PersonLink id={order.user_id} />
            {order.is_first !== null && (
              <span class="quiet"> {order.is_first ? 'First order of this buyer' : 'Bought before'}</span>
            )}
          </dd>
        </div>
        {facts.map(
          ([name, value]) =>
            value != null &&
            value !== NOT_SET && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {!visit && (
        <p class="note">
          The visit is not known: only a server sent the order, or the visit is no longer kept.
        </p>
      )}
    </>
  );
}
