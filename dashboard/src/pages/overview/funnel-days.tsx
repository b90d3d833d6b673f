import type { DataOf } from '../../api/types.ts';
import { formatDayShort } from '../../format/dates.ts';
import { eventName } from '../../format/names.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';

type Funnel = DataOf<'/v1/funnels/{funnel}'>;
type Day = NonNullable<Funnel['days']>[number];

/** How far those came who entered on each day, the newest first. */
export function FunnelDays({ steps, days }: { steps: Funnel['steps']; days: readonly Day[] }) {
  const last = steps.length - 1;
  const columns: Column<Day>[] = [
    { label: 'First step on', cell: ({ date }) => formatDayShort(date) },
    ...steps.map(({ step, event }, i) => ({
      // Two steps may have the same event.
      label: `${step}. ${eventName(event)}`,
      kind: 'number' as const,
      minor: i > 0 && i < last,
      cell: ({ counts }: Day) => formatCount(counts[i]),
    })),
    {
      label: 'To the end',
      kind: 'number',
      cell: ({ counts }) => formatRate(counts[0] ? counts[last]! / counts[0] : null),
    },
  ];
  return (
    <DataTable
      caption="The funnel by day"
      columns={columns}
      rows={days.toReversed()}
      rowKey={({ date }) => date}
    />
  );
}
