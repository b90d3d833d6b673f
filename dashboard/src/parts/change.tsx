import { changeBetween, formatRate } from '../format/numbers.ts';

/**
 * How much a number has changed. Words and an arrow say it, not the colour alone.
 * @param props.better which way is good: fewer refunds are.
 */
export function Change(props: {
  now: number | null | undefined;
  before: number | null | undefined;
  better?: 'up' | 'down';
  title: string;
}) {
  const change = changeBetween(props.now, props.before);
  if (change === undefined) {
    const isNew = props.before === 0 && (props.now ?? 0) !== 0;
    // From 0 to 0 says nothing: beside a first day's numbers, "no change" would look like a fault.
    return (
      <span class="change" title={props.title}>
        {isNew ? 'from 0' : ''}
      </span>
    );
  }
  const rounded = Math.round(change * 1_000) / 1_000;
  const isGood = rounded === 0 ? undefined : rounded > 0 === (props.better !== 'down');
  return (
    <span class={`change ${isGood === undefined ? '' : isGood ? 'good' : 'bad'}`} title={props.title}>
      <span aria-hidden="true">{rounded > 0 ? '▲' : rounded < 0 ? '▼' : ''}</span>{' '}
      <span class="unseen">{rounded > 0 ? 'up' : rounded < 0 ? 'down' : 'no change,'}</span>
      {formatRate(Math.abs(rounded))}
    </span>
  );
}
