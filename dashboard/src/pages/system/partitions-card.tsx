import { formatAgo } from '../../format/dates.ts';
import { formatCount, formatDuration, formatPerSecond } from '../../format/numbers.ts';
import { Skeleton } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Problem } from '../../parts/problem.tsx';
import type { PartitionFlow } from './flow.ts';
import type { SystemState } from './use-flow.ts';

/** An age from which waiting is worth a colour, ms. */
const LATE_MS = 30_000;

const columns = (isInstallation: boolean): Column<PartitionFlow>[] => [
  { label: 'Partition', cell: ({ partition }) => String(partition) },
  { label: 'State', cell: stateOf },
  { label: 'Waiting', kind: 'number', cell: ({ lagEvents }) => formatCount(lagEvents) },
  ...(isInstallation ? [AGE] : []),
  { label: 'Applied', kind: 'number', minor: true, cell: ({ rate }) => formatPerSecond(rate) },
  { label: 'Next offset', kind: 'number', minor: true, cell: ({ applied }) => formatCount(applied) },
  { label: 'End in Kafka', kind: 'number', minor: true, cell: ({ end }) => formatCount(end) },
];

const AGE: Column<PartitionFlow> = {
  label: 'Age, at most',
  kind: 'number',
  cell: ({ lagEvents, lagMs }) =>
    lagEvents === 0 ? formatDuration(0) : lagMs == null ? 'not known' : formatDuration(lagMs),
};

/** Words say it, the colour only helps. */
function stateOf({ applied, end, lagEvents, lagMs, isStuck, stillMs, appliedAt }: PartitionFlow) {
  if (applied === null || end === null) {
    return <span class="badge bad">{applied === null ? 'Redis is away' : 'Kafka is away'}</span>;
  }
  if (isStuck) {
    const since = appliedAt ? ` Last applied record: ${formatAgo(Date.now() - Date.parse(appliedAt))}.` : '';
    return (
      <span class="badge bad stuck" title={`Records wait, and none is applied.${since}`}>
        stuck for {formatDuration(stillMs)}
      </span>
    );
  }
  if (lagEvents === 0) return <span class="quiet">up to date</span>;
  return (lagMs ?? 0) > LATE_MS ? <span class="badge late">late</span> : <span class="quiet">counting</span>;
}

/** How far each partition is behind. The one that stands still stands out. */
export function PartitionsCard({ state }: { state: SystemState }) {
  const { flow, isInstallation, system, ledger } = state;
  const source = isInstallation ? system : ledger;
  return (
    <Card title="Partitions of the events topic" note={noteOf(state)}>
      {flow ? (
        <div class={source.error ? 'partitions outdated' : 'partitions'}>
          <DataTable
            caption="Lag of each partition"
            columns={columns(isInstallation)}
            rows={flow.partitions}
            rowKey={({ partition }) => String(partition)}
          />
        </div>
      ) : source.error ? (
        <Problem error={source.error} />
      ) : (
        <Skeleton lines={16} />
      )}
    </Card>
  );
}

function noteOf({ flow, isInstallation }: SystemState): string {
  const stuck = flow?.partitions.filter(({ isStuck }) => isStuck).map(({ partition }) => partition) ?? [];
  if (stuck.length > 0) return `Stuck: ${stuck.join(', ')}. Records wait there, and none is applied.`;
  return isInstallation
    ? 'All events of a person are in one partition. One that fails holds up its own people only.'
    : 'All events of a person are in one partition. The ages of records are shown with the installation’s admin key.';
}
