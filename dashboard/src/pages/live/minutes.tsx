import type { Answer } from '../../api/answers.ts';
import { formatTime } from '../../format/dates.ts';
import { formatCount, formatMoney } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Bars } from '../../parts/bars.tsx';
import { Card } from '../../parts/card.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useSession } from '../../session/session.ts';
import { setQuery, useView } from '../../view/view.ts';
import type { LiveData } from './now-figures.tsx';

type Minute = LiveData['minutes'][number];

const METRICS = [
  { id: 'events', label: 'Events' },
  { id: 'views', label: 'Views' },
  { id: 'carts', label: 'Carts' },
  { id: 'checkouts', label: 'Checkouts' },
  { id: 'orders', label: 'Orders' },
  { id: 'revenue', label: 'Revenue' },
] as const;

/** The last 30 minutes and the present one, as bars. */
export function Minutes({ live }: { live: Answer<LiveData> }) {
  const { site } = useSession();
  const { query } = useView();
  const metric = METRICS.find(({ id }) => id === query.metric) ?? METRICS[0];
  const amountOf = (minute: Minute) =>
    metric.id === 'revenue'
      ? (minute.revenue.find(({ currency }) => currency === site.currency)?.amount_minor ?? 0)
      : minute[metric.id];
  const format = (value: number) =>
    metric.id === 'revenue' ? formatMoney(value, site.currency) : formatCount(value);
  return (
    <Card
      title="The last 30 minutes"
      actions={
        <Tabs
          label="What the bars show"
          tabs={METRICS}
          current={metric.id}
          onSelect={(id) => setQuery({ metric: id })}
        />
      }
    >
      <Answered answer={live} lines={7}>
        {({ minutes }) => (
          <Bars
            label={`${metric.label} by minute`}
            bars={minutes.map((minute) => {
              const value = amountOf(minute);
              return { label: formatTime(minute.start, site.zone), value, text: format(value) };
            })}
            first={formatTime(minutes[0]!.start, site.zone)}
            last="now"
          />
        )}
      </Answered>
    </Card>
  );
}
