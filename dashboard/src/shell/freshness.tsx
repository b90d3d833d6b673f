import { useEffect, useReducer, useRef } from 'preact/hooks';
import { onAnyAnswer, shownAnswers } from '../api/answers.ts';
import { formatAgo, formatTime } from '../format/dates.ts';
import { formatCount, formatDuration } from '../format/numbers.ts';
import { useSession } from '../session/session.ts';
import { outageOf } from './outage.ts';

/** How new the numbers of the page are, and how far they are behind what was accepted. */
export function Freshness() {
  const { site } = useSession();
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => onAnyAnswer(() => draw(undefined as never)), []);
  useEffect(() => {
    const timer = setInterval(() => draw(undefined as never), 1_000);
    return () => clearInterval(timer);
  }, []);

  const answers = shownAnswers();
  const failed = outageOf(answers, navigator.onLine);
  const at = Math.max(0, ...answers.map((answer) => answer.at ?? 0));
  const metas = answers.flatMap(({ meta }) => (meta?.lag_events === undefined ? [] : [meta]));
  const behind = metas.reduce((most, { lag_events }) => Math.max(most, lag_events ?? 0), 0);
  const since = useRef<number>(undefined);
  since.current = behind === 0 ? undefined : (since.current ?? Date.now());
  // The API may not know the age of what waits; then it is at least as long as this page has seen it wait.
  const seenMs = since.current === undefined ? 0 : Date.now() - since.current;
  const isAgeKnown = metas.every(({ lag_events, lag_ms }) => !lag_events || lag_ms != null);
  const lagMs = isAgeKnown ? metas.reduce((most, { lag_ms }) => Math.max(most, lag_ms ?? 0), 0) : seenMs;
  const isUnknown = metas.some(({ lag_events }) => lag_events === null);

  // The element stays, so a screen reader hears changes of its text, and only those.
  const [state, text] = failed
    ? [
        'bad',
        `${failed.what}${failed.at === undefined ? '' : `; numbers of ${formatTime(failed.at, site.zone, true)}`}`,
      ]
    : behind > 0 && lagMs > 5_000
      ? [
          'late',
          `${formatCount(behind)} ${behind === 1 ? 'event' : 'events'} behind${isAgeKnown ? `, up to ${formatDuration(lagMs)}` : ''}`,
        ]
      : isUnknown
        ? ['late', 'Lag unknown: Kafka does not answer']
        : ['good', at === 0 ? 'Loading' : 'Complete'];
  return (
    <p class={`freshness ${state}`}>
      <span role="status">{text}</span>
      {state === 'good' && at > 0 && <span class="quiet"> · {formatAgo(Date.now() - at)}</span>}
    </p>
  );
}
