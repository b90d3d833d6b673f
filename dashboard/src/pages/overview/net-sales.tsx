import { OFTEN, RARELY, useAnswer, useComparison } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { Change } from '../../parts/change.tsx';
import { type Money, MoneyBridge } from '../../parts/money-bridge.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { setQuery, useView } from '../../view/view.ts';

/** Less of these is better. */
const COSTS: readonly (keyof Money)[] = ['discounts_minor', 'refunded_minor'];

/** From gross to net, one currency at a time. */
export function NetSalesCard() {
  const { days, change, isOpen } = usePeriod();
  const { site } = useSession();
  const { query } = useView();
  const answer = useAnswer('/v1/overview', { query: days, every: isOpen ? OFTEN : RARELY });
  const sides = useComparison('/v1/overview', change);
  const currencies = answer.data?.money.map((one) => one.currency) ?? [];
  const currency = currencies.find((one) => one === query.currency) ?? site.currency;
  const of = (data: typeof answer.data) => data?.money.find((one) => one.currency === currency);
  const title = change && `${formatDays(change.now)} against ${formatDays(change.before)}`;
  return (
    <Card
      title="From gross to net"
      note="Gross less discounts is revenue; less refunds, it is net. Shipping and tax stand beside: whether revenue includes them is the shop's choice."
      actions={
        currencies.length > 1 && (
          <Tabs
            label="Currency"
            tabs={currencies.map((id) => ({ id, label: id }))}
            current={currency}
            onSelect={(id) => setQuery({ currency: id })}
          />
        )
      }
    >
      <Answered answer={answer} lines={10}>
        {(data) => {
          const money = of(data);
          if (!money) return <p class="empty">No order or refund in {currency} in these days.</p>;
          return (
            <MoneyBridge
              caption={`From gross to net in ${currency}, ${formatDays(days)}`}
              money={money}
              currency={currency}
              unknown={money.unknown}
              {...(title &&
                sides && {
                  change: (line: keyof Money) => (
                    <Change
                      now={of(sides.now)?.[line] ?? 0}
                      before={of(sides.before)?.[line] ?? 0}
                      title={title}
                      {...(COSTS.includes(line) && { better: 'down' })}
                    />
                  ),
                })}
            />
          );
        }}
      </Answered>
    </Card>
  );
}
