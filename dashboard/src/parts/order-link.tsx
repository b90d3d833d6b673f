import { hrefOf } from '../view/view.ts';
import { isUnaskable } from './unaskable.tsx';

/** An order's number, leading to its page. */
export function OrderLink({ id }: { id: string }) {
  if (isUnaskable(id)) return <>{id}</>;
  return (
    <a class="named" href={hrefOf(['orders', id])}>
      {id}
    </a>
  );
}
