import { askAhead } from '../../api/answers.ts';
import { addressOf, comparing } from '../../api/use-answer.ts';
import type { SiteOfKey } from '../../session/session.ts';
import { dayIn, periodOf } from '../../view/period.ts';
import type { View } from '../../view/view.ts';
import { plotOf } from './plot-question.ts';

/**
 * Asks what the overview shows first, before it is known what the key may see. The site and its zone are what they were
 * last time, or a guess: where that is wrong, the page asks something else, and these answers are not used.
 */
export function askOverviewAhead(query: View['query'], { id, zone }: Pick<SiteOfKey, 'id' | 'zone'>): void {
  const today = dayIn(zone);
  const period = periodOf(query.range, query.compare, today);
  const ask = (path: '/v1/overview' | '/v1/series', asked: { query: unknown }) =>
    askAhead(addressOf(path, asked, id));
  const { asked, askedBefore } = plotOf(query, { ...period, today });
  ask('/v1/overview', { query: period.days });
  if (asked) ask('/v1/series', { query: asked });
  if (period.change) ask('/v1/overview', comparing({ query: {} }, period.change));
  if (askedBefore) ask('/v1/series', { query: askedBefore });
}
