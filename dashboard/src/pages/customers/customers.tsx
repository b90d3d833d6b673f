import { RARELY, SOMETIMES, useAnswer } from '../../api/use-answer.ts';
import { formatDays } from '../../format/dates.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { usePeriod } from '../../view/use-period.ts';
import { BuyersCard, type CustomersData } from './buyers-card.tsx';
import { CohortsCard } from './cohorts-card.tsx';
import '../../styles/products.css';
import '../../styles/overview.css';

/** New and returning customers, and what they are worth. */
export function Customers() {
  const { days } = usePeriod();
  return (
    <>
      <h1>Customers, {formatDays(days)}</h1>
      <CustomerFigures />
      <div class="grid">
        <BuyersCard />
        <SecondOrderCard />
        <CohortsCard />
      </div>
    </>
  );
}

function useCustomers() {
  const { days, isOpen } = usePeriod();
  return useAnswer('/v1/customers', { query: days, every: isOpen ? SOMETIMES : RARELY });
}

const countDays = (days: number | null) =>
  days === null ? '–' : `${formatCount(days)} ${days === 1 ? 'day' : 'days'}`;

interface Figure {
  label: string;
  about: string;
  of(data: CustomersData): string;
}

const FIGURES: readonly Figure[] = [
  {
    label: 'New customers',
    about: 'People whose first order is in these days, by all of their ids.',
    of: ({ new_customers }) => formatCount(new_customers),
  },
  {
    label: 'Bought again',
    about: 'Of these, those with a second order until now, in these days or later.',
    of: ({ repeat_customers }) => formatCount(repeat_customers),
  },
  {
    label: 'Repeat rate',
    about: 'The share of the new customers who bought again. It grows with time: compare periods of one age.',
    of: ({ repeat_rate }) => formatRate(repeat_rate),
  },
  {
    label: 'Days to second order',
    about: 'From the first order to the second; half of those who bought again took as long or less.',
    of: ({ days_to_second_order }) => countDays(days_to_second_order.median),
  },
];

function CustomerFigures() {
  const answer = useCustomers();
  return (
    <section aria-label="Key numbers" class="metrics">
      {FIGURES.map(({ label, about, of }) => (
        <div key={label} class="metric" title={about}>
          <span class="label">{label}</span>
          <Answered answer={answer} lines={1}>
            {(data) => <strong>{of(data)}</strong>}
          </Answered>
        </div>
      ))}
    </section>
  );
}

type Span = CustomersData['days_to_second_order']['spans'][number];

function spanText({ from_days, to_days }: Span): string {
  if (to_days === null) return `${formatCount(from_days)} days or more`;
  return from_days === 0 ? `Up to ${formatCount(to_days)} days` : `${from_days} to ${to_days} days`;
}

/** How long those who bought again took. */
function SecondOrderCard() {
  const answer = useCustomers();
  return (
    <Card
      title="Time to the second order"
      note="Of the new customers of these days who bought again until now. On the same day is 0 days."
    >
      <Answered answer={answer} lines={7}>
        {({ repeat_customers, days_to_second_order: { spans } }) => {
          const most = Math.max(1, ...spans.map(({ customers }) => customers));
          return repeat_customers === 0 ? (
            <p class="empty">No new customer of these days has bought again yet.</p>
          ) : (
            <DataTable
              caption="Time to the second order"
              columns={[
                { label: 'After', cell: spanText },
                { label: 'Customers', kind: 'number', cell: ({ customers }) => formatCount(customers) },
                {
                  label: 'Share',
                  kind: 'number',
                  cell: ({ customers }) => formatRate(customers / repeat_customers),
                },
              ]}
              rows={spans}
              rowKey={({ from_days }) => String(from_days)}
              share={({ customers }) => customers / most}
            />
          );
        }}
      </Answered>
    </Card>
  );
}
