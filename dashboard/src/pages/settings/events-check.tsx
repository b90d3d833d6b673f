import { OFTEN, useAnswer } from '../../api/use-answer.ts';
import { formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { usePeriod } from '../../view/use-period.ts';
import { hrefOf } from '../../view/view.ts';
import { countedOf, findingsOf, type WaySum, wayLabel, waysOf } from '../system/quality.ts';
import { FindingsTable } from './findings-table.tsx';

/** Whether the site's events arrive. It turns to yes within seconds of the first one. */
export function EventsCheck() {
  const { today } = usePeriod();
  const days = { from: today, to: today };
  const quality = useAnswer('/v1/quality', { query: days, every: OFTEN });
  const events = useAnswer('/v1/events', { query: days, every: OFTEN });
  return (
    <Card
      title="Do we see your events?"
      note="It asks every two seconds. An event counts on the day of its receipt here."
    >
      <Answered answer={quality} lines={3}>
        {(data) => {
          const findings = findingsOf(data).filter(
            ({ quality: kind }) => kind === 'kept' || kind === 'refused',
          );
          return (
            <>
              <Verdict ways={waysOf(data)} names={events.data?.events ?? {}} />
              {findings.length > 0 && (
                <>
                  <h3>Not counted, and why</h3>
                  <FindingsTable rows={findings.slice(0, 10)} total={findings.length} empty="" />
                  <p class="note">
                    With an admin key, <a href={hrefOf(['letters'])}>Dead letters</a> shows those that are
                    kept. Corrected, they can be replayed.
                  </p>
                </>
              )}
            </>
          );
        }}
      </Answered>
    </Card>
  );
}

const total = (ways: readonly WaySum[], of: (way: WaySum) => number) =>
  ways.reduce((sum, way) => sum + of(way), 0);

function Verdict({ ways, names }: { ways: readonly WaySum[]; names: Readonly<Record<string, number>> }) {
  const counted = total(ways, countedOf);
  const unread = total(ways, ({ kept, refused }) => kept + refused);
  const bots = total(ways, (way) => way.bots);
  const used = ways.filter((way) => countedOf(way) > 0).map(({ via }) => wayLabel(via));
  const frequent = Object.entries(names)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 6)
    .map(([name, count]) => `${name} ${formatCount(count)}`);
  const [state, headline] =
    counted > 0
      ? ['yes', 'Yes, we see your events.']
      : unread > 0
        ? ['no', 'Events arrive, but none of them can be read.']
        : bots > 0
          ? ['no', 'Only events of bots arrive. curl and headless browsers that name a page count as bots.']
          : ['waiting', 'No event came today yet. Send one: this turns to yes within seconds.'];
  return (
    <div class={`seen ${state}`}>
      <p role="status">
        <strong>{headline}</strong>
      </p>
      {counted > 0 && (
        <p>
          {formatCount(counted)} counted today, by {used.join(', ')}
          {unread > 0 && `; ${formatCount(unread)} not counted`}
          {bots > 0 && `; ${formatCount(bots)} of bots`}.
        </p>
      )}
      {frequent.length > 0 && <p class="quiet">{frequent.join(' · ')}</p>}
    </div>
  );
}
