import type { FunnelDefinition } from '../funnels/definition.ts';
import { FootfallError } from '../platform/errors.ts';
import type { Site } from './site.ts';

type Settings = Pick<Site, 'retention_days' | 'lateness_hours'> & {
  funnels?: readonly Pick<FunnelDefinition, 'id' | 'window_hours'>[];
};
type Setting = keyof Settings;

/** Two settings of which one removes what the other allows. For each: where it is, and how it could be right. */
type Contradiction = Partial<Record<Setting, { path: string; message: string }>>;

function contradictionsOf({ retention_days, lateness_hours, funnels = [] }: Settings): Contradiction[] {
  const keptHours = 24 * retention_days;
  const least = (hours: number) => Math.ceil(hours / 24);
  const found: Contradiction[] = [];
  if (lateness_hours > keptHours) {
    // Such an event would be accepted, and counted on a day that has expired.
    found.push({
      lateness_hours: {
        path: 'lateness_hours',
        message: `must be at most ${keptHours}: the site keeps its numbers for ${retention_days} days`,
      },
      retention_days: {
        path: 'retention_days',
        message: `must be at least ${least(lateness_hours)}: events may be ${lateness_hours} hours late`,
      },
    });
  }
  for (const [i, { id, window_hours }] of funnels.entries()) {
    if (window_hours <= keptHours) continue;
    // The day on which a person entered the funnel would have expired before the last step.
    found.push({
      funnels: {
        path: `funnels[${i}].window_hours`,
        message: `must be at most ${keptHours}: the site keeps its numbers for ${retention_days} days`,
      },
      retention_days: {
        path: 'retention_days',
        message: `must be at least ${least(window_hours)}: the funnel ${id} lasts up to ${window_hours} hours`,
      },
    });
  }
  return found;
}

/**
 * Refuses settings that contradict each other.
 * @param named the settings that the request names. A site that was stored with a contradiction can still change
 *   everything else.
 * @throws FootfallError `invalid_parameter` 400; `errors` says where and why.
 * @example mustNotContradict({ ...site, retention_days: 3 }, ['retention_days']);
 */
export function mustNotContradict(site: Settings, named: readonly string[]): void {
  const errors = contradictionsOf(site).flatMap((one) => {
    const setting = (Object.keys(one) as Setting[]).find((name) => named.includes(name));
    return setting === undefined ? [] : [one[setting]!];
  });
  refuse(errors);
}

/**
 * Refuses a funnel that lasts longer than its site keeps numbers.
 * @throws FootfallError `invalid_parameter` 400.
 */
export function mustFitRetention(site: Site, funnel: Pick<FunnelDefinition, 'id' | 'window_hours'>): void {
  const errors = contradictionsOf({ ...site, funnels: [funnel] }).flatMap(({ funnels }) => funnels ?? []);
  refuse(errors.map((error) => ({ ...error, path: 'window_hours' })));
}

function refuse(errors: { path: string; message: string }[]): void {
  if (errors.length === 0) return;
  const message = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new FootfallError('invalid_parameter', 400, message, { details: { errors } });
}
