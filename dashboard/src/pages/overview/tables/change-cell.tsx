import { Change } from '../../../parts/change.tsx';

/** A row's change. A row that only the day that is not over has is not in the whole days that are compared. */
export function ChangeCell(props: {
  known: { now: number | null; before: number | null } | undefined;
  title: string;
  better?: 'down' | undefined;
}) {
  const { known, title, better } = props;
  if (!known || (!known.now && !known.before)) return <span class="change">–</span>;
  return <Change {...known} title={title} {...(better && { better })} />;
}
