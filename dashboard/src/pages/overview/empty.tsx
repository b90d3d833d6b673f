import { OFTEN, ONCE, RARELY, useAnswer } from '../../api/use-answer.ts';
import { formatDay, formatDays } from '../../format/dates.ts';
import { Card } from '../../parts/card.tsx';
import { Copy } from '../../parts/copy.tsx';
import { useSession } from '../../session/session.ts';
import { usePeriod } from '../../view/use-period.ts';
import { hrefOf, setQuery } from '../../view/view.ts';
import { PLACEHOLDER, snippetOf } from '../settings/snippets.ts';

/** What is empty: the range, the site altogether, or neither (or nothing is known yet). */
export function useEmptiness(): { is: 'site' | 'range' | undefined; first: string | undefined } {
  const { days, isOpen } = usePeriod();
  const range = useAnswer('/v1/overview', { query: days, every: isOpen ? OFTEN : RARELY }).data;
  const isEmpty = range !== undefined && range.total_events === 0;
  const all = useAnswer(isEmpty ? '/v1/overview' : undefined, { every: isEmpty ? OFTEN : ONCE }).data;
  if (!isEmpty || !all) return { is: undefined, first: undefined };
  return all.total_events === 0 ? { is: 'site', first: undefined } : { is: 'range', first: all.from };
}

/** Nothing happened in the range, but did in other days. */
export function EmptyRange({ first }: { first: string }) {
  const { days, today } = usePeriod();
  return (
    <p class="card">
      Nothing happened in these days ({formatDays(days)}). The first event is of {formatDay(first)}.{' '}
      <button type="button" onClick={() => setQuery({ range: `${first}..${today}` })}>
        Show all days
      </button>
    </p>
  );
}

/** The site has no event yet: how to send the first one. The page changes by itself when it came. */
export function EmptySite() {
  const { site, kind } = useSession();
  const textOf = (way: 'page' | 'curl') => snippetOf(way, { host: location.origin, key: PLACEHOLDER });
  return (
    <Card title={`${site.name} has no event yet`} wide>
      <p>Put this into each page of the shop, with a write key of the site:</p>
      <Copy label="Snippet for the shop's pages" text={textOf('page')} />
      <p>Or send a first event from a terminal:</p>
      <Copy label="Command that sends an event" text={textOf('curl')} />
      <p>
        {kind === 'read' ? (
          'Anyone with the admin key of the site finds its write key under Settings.'
        ) : (
          <>
            Write keys are under <a href={hrefOf(['settings'])}>Settings</a>.
          </>
        )}{' '}
        This page shows the numbers as soon as an event is counted.
      </p>
    </Card>
  );
}
