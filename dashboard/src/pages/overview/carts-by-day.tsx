import type { DataOf } from '../../api/types.ts';
import { RARELY, SOMETIMES, useAddress, useAnswer } from '../../api/use-answer.ts';
import { formatDay, formatDayShort, formatDays } from '../../format/dates.ts';
import { formatCount, formatMoney, formatMoneyShort, formatRate, formatShort } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { Plot, type PlotLine } from '../../parts/plot.tsx';
import { useSession } from '../../session/session.ts';
import { addDays, lengthOf } from '../../view/period.ts';
import { usePeriod } from '../../view/use-period.ts';

type Carts = DataOf<'/v1/carts/daily'>;
type Amounts = Carts['left_value'];

/** Carts filled, left behind and bought later, by the day on which they were last touched. */
export function CartsByDayCard() {
  const { days, isOpen } = usePeriod();
  const asked = { query: days };
  const answer = useAnswer('/v1/carts/daily', { ...asked, every: isOpen ? SOMETIMES : RARELY });
  const csv = useAddress('/v1/carts/daily', asked);
  const minutes = answer.data?.threshold_minutes;
  return (
    <Card
      title="Carts by day"
      wide
      note={
        minutes === undefined
          ? ' '
          : `Each cart on the day of its last change. It counts as left after ${formatCount(minutes)} minutes without one; bought later, it is left and recovered.`
      }
      actions={<CsvLink address={csv} name={`carts-by-day-${days.from}-${days.to}`} />}
    >
      <div class="tall">
        <Answered answer={answer} lines={12}>
          {(data) =>
            data.filled === 0 ? (
              <p class="empty">No cart was filled in these days.</p>
            ) : (
              <>
                <Summary carts={data} />
                <DaysPlot carts={data} isOpen={isOpen} />
              </>
            )
          }
        </Answered>
      </div>
    </Card>
  );
}

/** Each currency by itself. */
const amounts = (rows: Amounts) =>
  rows.map((one) => formatMoney(one.amount_minor, one.currency)).join(' and ');

const countCarts = (carts: number) => `${formatCount(carts)} ${carts === 1 ? 'cart' : 'carts'}`;

function Summary({ carts }: { carts: Carts }) {
  const { left, left_rate, left_value, recovered, recovery_rate, recovered_value, active } = carts;
  return (
    <p>
      <strong>
        {countCarts(left)} left behind ({formatRate(left_rate)})
        {left_value.length > 0 && `, worth ${amounts(left_value)}`}
      </strong>
      . {formatCount(recovered)} of them {recovered === 1 ? 'was' : 'were'} bought later (
      {formatRate(recovery_rate)}){recovered_value.length > 0 && `, worth ${amounts(recovered_value)}`}.
      {active > 0 && ` ${countCarts(active)} may still be bought in time.`}
    </p>
  );
}

function DaysPlot({ carts, isOpen }: { carts: Carts; isOpen: boolean }) {
  const { site } = useSession();
  // Days without carts are not among those of the answer.
  const counted = new Map(carts.days.map((day) => [day.date, day]));
  const dates = Array.from({ length: lengthOf(carts) }, (_, i) => addDays(carts.from, i));
  const valuesOf = (of: (day: Carts['days'][number]) => number) =>
    dates.map((date) => {
      const day = counted.get(date);
      return day ? of(day) : 0;
    });
  const number = { format: (value: number) => formatCount(value), short: formatShort };
  const money = {
    format: (value: number) => formatMoney(value, site.currency),
    short: (value: number) => formatMoneyShort(value, site.currency),
  };
  const lines: PlotLine[] = [
    {
      ...{ label: 'Value of carts left', look: 'bars', ...money },
      values: valuesOf(
        ({ left_value }) => left_value.find((one) => one.currency === site.currency)?.amount_minor ?? 0,
      ),
    },
    { label: 'Carts filled', look: 'faint', values: valuesOf(({ filled }) => filled), ...number },
    { label: 'Carts left', look: 'line', values: valuesOf(({ left }) => left), ...number },
  ];
  if (dates.length < 2) return null;
  return (
    <Plot
      label={`Carts by day, ${formatDays(carts)}`}
      points={dates.map(formatDay)}
      ticks={dates.map(formatDayShort)}
      lines={lines}
      isOpen={isOpen}
    />
  );
}
