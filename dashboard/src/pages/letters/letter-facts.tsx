import { formatMoment } from '../../format/dates.ts';
import { useSession } from '../../session/session.ts';
import { hrefOf } from '../../view/view.ts';
import { type LetterShown, REASONS, STATUSES } from './reasons.ts';

const ACTIONS = { replay: 'Replay begun', done: 'Replayed', discard: 'Discarded' } as const;

/** Why the letter is here, where the record is, and what was done with it. */
export function LetterFacts({ letter }: { letter: LetterShown }) {
  const { site } = useSession();
  const { reason, detail, status, record, refused_now, replays, became } = letter;
  return (
    <>
      <p>
        {REASONS[reason].text} <strong class="detail">{detail}</strong>
      </p>
      {status === 'open' && (
        <p>
          {letter.erased
            ? 'The person was erased since. The content is not shown, and cannot be replayed. You can discard the letter.'
            : REASONS[reason].advice}
        </p>
      )}
      {refused_now && refused_now.message !== detail && (
        <p class="verdict late">A replay as it is would be refused now: {refused_now.message}</p>
      )}
      {status === 'open' && !refused_now && !letter.erased && (
        <p class="verdict good">As it is, it would be counted now.</p>
      )}
      <dl class="facts">
        <dt>Status</dt>
        <dd>{STATUSES[status]}</dd>
        <dt>Site</dt>
        <dd>{letter.site ?? 'unknown'}</dd>
        <dt>Event</dt>
        <dd>{letter.name ?? 'not known'}</dd>
        <dt>Record</dt>
        <dd>
          topic <code>{record.topic}</code>, partition {record.partition}, offset {record.offset}
        </dd>
        <dt>Kafka key</dt>
        <dd>{record.key === undefined ? 'none' : <code>{record.key}</code>}</dd>
        <dt>Written</dt>
        <dd>{formatMoment(letter.at, site.zone)}</dd>
        <dt>Received</dt>
        <dd>{letter.received === undefined ? 'not known' : formatMoment(letter.received, site.zone)}</dd>
        {replays && <Related label="Replay of" letter={replays} />}
        {became && <Related label="Became" letter={became} />}
      </dl>
      {letter.actions.length > 0 && (
        <>
          <h3>What was done</h3>
          <ul>
            {letter.actions.map(({ action, at, by, note }, i) => (
              <li key={i}>
                {formatMoment(at, site.zone)}: {ACTIONS[action]} by {by}
                {note && <>: {note}</>}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Related({ label, letter }: { label: string; letter: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <a href={hrefOf(['letters', letter])}>{letter}</a>
      </dd>
    </>
  );
}
