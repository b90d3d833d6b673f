import { SOMETIMES, useAnswer } from '../../api/use-answer.ts';
import { formatMoment } from '../../format/dates.ts';
import { Skeleton } from '../../parts/answered.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useSession } from '../../session/session.ts';
import { dayIn } from '../../view/period.ts';
import { hrefOf } from '../../view/view.ts';
import type { PersonData } from './person-data.ts';
import { Privacy } from './privacy.tsx';
import { Profile } from './profile.tsx';
import { Receipt } from './receipt.tsx';
import { Timeline } from './timeline.tsx';

/** What is known of a person, what they did, and their rights. */
export function Person({ id, receipt }: { id: string; receipt: string | undefined }) {
  const { site } = useSession();
  const { data, error } = useAnswer('/v1/users/{user}', { path: { user: id }, every: SOMETIMES });
  const isUnknown = error?.code === 'unknown_user';
  return (
    <>
      <h1>{id}</h1>
      {data && !isUnknown && <Identity person={data} />}
      {receipt !== undefined && <Receipt id={receipt} />}
      {isUnknown ? (
        <p class="empty">
          Nothing is known of a person with this id. Ids are told apart by case. A new person appears here
          seconds after the first event.
        </p>
      ) : data === undefined ? (
        error ? (
          <Problem error={error} />
        ) : (
          <Skeleton lines={12} />
        )
      ) : (
        <div class={error ? 'outdated' : undefined}>
          <Profile person={data} />
          <Timeline
            user={data.user_id}
            first={dayIn(site.zone, Date.parse(data.first_seen))}
            last={dayIn(site.zone, Date.parse(data.last_seen))}
          />
        </div>
      )}
      <Privacy id={data?.user_id ?? id} isKnown={!isUnknown} />
    </>
  );
}

/** What the id is: the shop's own user, or a visitor; and which other ids are the same person. */
function Identity({ person }: { person: PersonData }) {
  const { site } = useSession();
  const { user_id, asked, known, first_seen, last_seen } = person;
  return (
    <p class="lead">
      {known ? 'A user of the shop' : 'A visitor who has not signed in'}. First seen{' '}
      {formatMoment(first_seen, site.zone)}, last seen {formatMoment(last_seen, site.zone)}.
      {asked !== user_id && (
        <>
          {' '}
          <code>{asked}</code> is an anonymous id of <a href={hrefOf(['people', user_id])}>{user_id}</a>. What
          you see is that user.
        </>
      )}
    </p>
  );
}
