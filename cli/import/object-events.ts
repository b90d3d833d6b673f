import type { FootfallEvent } from '../../shared/event/event.ts';
import { enrich } from '../../shared/intake/enrich/enrich.ts';
import type { Incoming } from '../../shared/intake/incoming.ts';
import { translate } from '../../shared/intake/plain-event.ts';
import { warningsOf } from '../../shared/intake/verdicts.ts';
import type { Mapper, Note } from './mapper.ts';
import type { Plan } from './plan.ts';
import { Reject } from './reject.ts';

/**
 * A mapper of JSON objects that another system exports. They become events as if their clients had sent them to collect, so
 * the same rules hold.
 * @param read makes plain events of an object. @throws Reject
 */
export function objectMapper(
  plan: Plan,
  now: number,
  read: (object: object) => { incoming: Incoming; more?: Partial<FootfallEvent> }[],
): Mapper {
  function eventsOf(object: object, place: string, note: Note): FootfallEvent[] {
    return read(object).flatMap(({ incoming, more }, index) => {
      const id = index === 0 ? place : `${place}.${index}`;
      const { event, refund, userAgent } = canonical(incoming, plan, { now, id, note });
      const events = [event, ...(refund ? [refund] : [])];
      return events.map((one) => ({ ...enrich(one, { userAgent }, plan.site), ...more }));
    });
  }

  return {
    survey({ object }) {
      const times = eventsOf(object ?? {}, 'survey', () => {}).map(({ ts }) => ts);
      if (times.length === 0) throw new Reject('The line has no events.');
      return Math.min(...times);
    },
    map: ({ object, line }, fingerprint, note) => eventsOf(object ?? {}, `${fingerprint}:${line}`, note),
  };
}

function canonical(
  incoming: Incoming,
  { site, currency }: Plan,
  { now, id, note }: { now: number; id: string; note: Note },
) {
  if ('refusals' in incoming) throw new Reject(reasonOf(incoming.refusals));
  const { plain, pathOf, userAgent } = incoming;
  const history = { backfill: true, ...(plain as object) };
  const result = translate(history, { ...site, currency, retention_days: ANY_AGE }, now, () => id);
  if ('refusals' in result) {
    throw new Reject(
      reasonOf(result.refusals.map((refusal) => ({ ...refusal, path: pathOf(refusal.path) }))),
    );
  }
  if (result.event.clamped) throw new Reject('The time is in the future.');
  for (const { code, path, message } of warningsOf(incoming, result)) {
    if (code === 'left_out') note(`${path} ${message}.`);
  }
  return { event: result.event, refund: result.refund, userAgent };
}

/** The import refuses a file that is older than its site's retention as a whole. */
const ANY_AGE = 1_000_000;

const reasonOf = (refusals: readonly { path: string; message: string }[]) =>
  `${refusals.map(({ path, message }) => `${path} ${message}`).join('; ')}.`;
