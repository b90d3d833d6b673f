import { hrefOf } from '../../view/view.ts';

/** A product's name and id, leading to its page. */
export function ProductName({ id, name }: { id: string; name: string | undefined }) {
  return (
    <a class="named" href={hrefOf(['products', id])}>
      {name ?? id}
      {name !== undefined && name !== id && <span class="quiet id">{id}</span>}
    </a>
  );
}
