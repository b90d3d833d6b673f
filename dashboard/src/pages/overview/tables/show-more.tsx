import { formatCount } from '../../../format/numbers.ts';

/** Beneath a table of the first ten: how many rows there are, and the way to the rest. */
export function ShowMore(props: {
  shown: number;
  total: number;
  isWhole: boolean;
  onWhole(isWhole: boolean): void;
  more: (() => void) | undefined;
  few: number;
  /** What the rows are, for screen readers: "products". */
  what: string;
}) {
  const { shown, total, isWhole, what } = props;
  if (total <= props.few) return null;
  return (
    <div class="show-more">
      <span class="quiet">
        {formatCount(shown)} of {formatCount(total)}
      </span>
      {isWhole && shown < total && props.more && (
        <button type="button" onClick={props.more}>
          More<span class="unseen"> {what}</span>
        </button>
      )}
      <button type="button" aria-expanded={isWhole} onClick={() => props.onWhole(!isWhole)}>
        {isWhole ? 'Show fewer' : 'Show all'}
        <span class="unseen"> {what}</span>
      </button>
    </div>
  );
}
