import { RARELY, SOMETIMES, useComparison } from '../../../api/use-answer.ts';
import { useSession } from '../../../session/session.ts';
import { usePeriod } from '../../../view/use-period.ts';
import type { DimensionRow, DimensionTab, Figure } from './dimensions.ts';
import { uniqueBy, useMore } from './use-more.ts';

export const FEW = 10;
export const MANY = 100;
/** As many rows as the API gives at once. */
const ALL = 1_000;
const NOT_SET = '(not set)';

/** Rates of few visits are chance: the first of these that leaves five rows or more is what a row must have. */
const ENOUGH = [100, 50, 20, 10, 5, 3];

/** The rows of a dimension, ranked by a figure. */
export function useDimension(tab: DimensionTab, figure: Figure, isWhole: boolean) {
  const { days, isOpen } = usePeriod();
  const { site } = useSession();
  const { rank } = figure;
  const count = isWhole ? MANY : FEW;
  // The row that is left out must not make the table one shorter.
  const limit = rank === undefined ? ALL : count + (tab.onlySet ? 1 : 0);
  const metric = rank ?? tab.figures[0]!.rank!;
  const list = useMore(
    '/v1/breakdowns/{dimension}',
    { path: { dimension: tab.id }, query: { ...days, metric, limit } },
    isOpen ? SOMETIMES : RARELY,
  );
  const found = uniqueBy(
    list.pages.flatMap(({ rows }) => rows),
    ({ value }) => value,
  ).filter(({ value }) => !(tab.onlySet && value === NOT_SET));
  const first = list.answer.data;
  const hidden = tab.onlySet && first?.rows.some(({ value }) => value === NOT_SET) ? 1 : 0;
  const total = (first?.total_values ?? 0) - hidden;
  if (rank !== undefined) {
    // A first page without the row left out has one more than asked.
    const rows = list.pages.length > 1 ? found : found.slice(0, count);
    return { ...list, rows, total, enough: undefined };
  }
  const { rows, enough } = byRate(found, figure, site.currency);
  return { ...list, more: undefined, rows: rows.slice(0, count), total: rows.length, enough };
}

/** Ranks by what the API does not rank by: rates of values with enough visits, and some amounts. */
function byRate(rows: readonly DimensionRow[], figure: Figure, currency: string) {
  const has = (least: number) => rows.filter(({ sessions = 0 }) => sessions >= least);
  const enough = figure.kind === 'rate' ? (ENOUGH.find((least) => has(least).length >= 5) ?? 1) : 0;
  const rate = (row: DimensionRow) => figure.of(row, currency) ?? -1;
  const ranked = has(enough).sort(
    (a, b) => rate(b) - rate(a) || (b.sessions ?? 0) - (a.sessions ?? 0) || (a.value < b.value ? -1 : 1),
  );
  return { rows: ranked, enough };
}

/** A figure of one value in the days that a change is told from; undefined: not known, null: there is none. */
type Before = (value: string) => { now: number | null; before: number | null } | undefined;

/** What each value had before. Undefined without a comparison. */
export function useDimensionChange(tab: DimensionTab, figure: Figure): Before | undefined {
  const { change } = usePeriod();
  const { site } = useSession();
  const metric = figure.rank ?? tab.figures[0]!.rank!;
  const sides = useComparison('/v1/breakdowns/{dimension}', change, {
    path: { dimension: tab.id },
    query: { metric, limit: ALL },
  });
  if (!change) return undefined;
  const [ofNow, ofBefore] = [sides?.now, sides?.before].map((data) => {
    const rows = new Map(data?.rows.map((row) => [row.value, row]));
    // Beyond the rows that were asked for, nothing is known.
    const missing = data && !data.next_cursor ? (figure.kind === 'rate' ? null : 0) : undefined;
    return (value: string) => {
      const row = rows.get(value);
      return row ? figure.of(row, site.currency) : missing;
    };
  });
  return (value) => {
    const [a, b] = [ofNow!(value), ofBefore!(value)];
    return a === undefined || b === undefined ? undefined : { now: a, before: b };
  };
}
