import { useAddress } from '../../api/use-answer.ts';
import { formatDay, formatTime } from '../../format/dates.ts';
import { formatCount } from '../../format/numbers.ts';
import { Skeleton } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { CsvLink } from '../../parts/csv-link.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useSession } from '../../session/session.ts';
import { dayIn } from '../../view/period.ts';
import { InteractionText } from './interaction-text.tsx';
import { type Interaction, useTimeline } from './use-timeline.ts';

const CSV_ROWS = 1_000;

/** What a person did, by day in the site's zone, newest first. @param props.first @param props.last days. */
export function Timeline({ user, first, last }: { user: string; first: string; last: string }) {
  const { site } = useSession();
  const today = dayIn(site.zone);
  const { interactions, isLoading, isTruncated, error, older } = useTimeline(user, { first, last, today });
  const csv = useAddress('/v1/users/{user}/interactions', { path: { user }, query: { limit: CSV_ROWS } });
  return (
    <Card
      title="Timeline"
      note={`Times in ${site.zone}. Events of all ids of this person.`}
      actions={<CsvLink address={csv} name="timeline" />}
      wide
    >
      {isTruncated && (
        <p class="note">
          A month has more events than are kept for one person (about 20,000). All are counted; the rest is
          not shown here.
        </p>
      )}
      {[...byDay(interactions, site.zone)].map(([day, ofDay]) => (
        <section key={day} class="day" aria-label={formatDay(day)}>
          <h3>
            {formatDay(day)}{' '}
            <span class="quiet">
              {formatCount(ofDay.length)} {ofDay.length === 1 ? 'event' : 'events'}
            </span>
          </h3>
          <ol class="timeline">
            {ofDay.map((one) => (
              <li key={`${one.timestamp} ${one.id}`}>
                <time dateTime={one.timestamp}>{formatTime(one.timestamp, site.zone, true)}</time>
                <InteractionText interaction={one} />
              </li>
            ))}
          </ol>
        </section>
      ))}
      {error ? <Problem error={error} /> : isLoading && <Skeleton lines={6} />}
      <div class="pager">
        <span class="quiet">{older ? '' : `That is all that is kept. First seen ${formatDay(first)}.`}</span>
        {older && (
          <button type="button" onClick={older} disabled={isLoading}>
            Show older events
          </button>
        )}
      </div>
    </Card>
  );
}

function byDay(interactions: readonly Interaction[], zone: string): Map<string, Interaction[]> {
  const days = new Map<string, Interaction[]>();
  for (const one of interactions) {
    const day = dayIn(zone, Date.parse(one.timestamp));
    const ofDay = days.get(day);
    if (ofDay) ofDay.push(one);
    else days.set(day, [one]);
  }
  return days;
}
