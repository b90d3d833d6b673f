import { SOMETIMES, useAnswer } from '../api/use-answer.ts';
import { formatCount } from '../format/numbers.ts';
import { hrefOf } from '../view/view.ts';

/** How many people are in the shop now, and the way to them. */
export function NowLink() {
  const { data, error } = useAnswer('/v1/live', { every: SOMETIMES });
  const count = data?.users_5m;
  return (
    <a
      class={error ? 'now outdated' : 'now'}
      href={hrefOf(['live'])}
      title="People with an event within the last 5 minutes"
    >
      {count === undefined ? '…' : formatCount(count)} {count === 1 ? 'visitor' : 'visitors'} now
    </a>
  );
}
