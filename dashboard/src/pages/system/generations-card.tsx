import type { Answer } from '../../api/answers.ts';
import type { DataOf } from '../../api/types.ts';
import { formatMoment } from '../../format/dates.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { useSession } from '../../session/session.ts';

type Generation = DataOf<'/v1/system'>['generations'][number];

const STATES: Record<Generation['state'], string> = {
  building: 'is being counted',
  ready: 'is counted, and waits for the switch',
  live: 'counts',
  old: 'counts on, so that you can go back to it',
  freeing: 'is being removed from Redis',
};

/** The generations of all numbers, and how far a rebuild has come. */
export function GenerationsCard({ system }: { system: Answer<DataOf<'/v1/system'>> }) {
  return (
    <Card
      title="Generations"
      note={
        <>
          A rebuild counts everything again, beside the numbers that are shown. It begins with{' '}
          <code>npx footfall rebuild</code>.
        </>
      }
    >
      <Answered answer={system} lines={4}>
        {({ generations }) => (
          <ul class="plain-list generations">
            {generations.map((one) => (
              <OneGeneration key={one.id} generation={one} />
            ))}
          </ul>
        )}
      </Answered>
    </Card>
  );
}

function OneGeneration({ generation }: { generation: Generation }) {
  const { id, format, topic, partitions, state, current, begun, progress } = generation;
  const { site } = useSession();
  return (
    <li>
      <p>
        <strong>Generation {id}</strong> {STATES[state]}
        {current && <span class="badge good">answers come from it</span>}
      </p>
      {progress && (
        <>
          <progress max={1} value={progress.share_done} aria-label={`Progress of generation ${id}`} />
          <p class="note">
            {formatRate(progress.left > 0 ? Math.min(progress.share_done, 0.9999) : 1)} done:{' '}
            {formatCount(progress.applied)} offsets are applied, {formatCount(progress.left)} left.
          </p>
        </>
      )}
      <p class="note">
        State format {format}, topic <code>{topic}</code>, {partitions} partitions,{' '}
        {begun === null ? 'begun with the installation' : `begun ${formatMoment(begun, site.zone)}`}.
      </p>
    </li>
  );
}
