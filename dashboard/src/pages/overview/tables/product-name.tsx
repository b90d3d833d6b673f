import { hrefOf } from '../../../view/view.ts';

/** A product's name, or its id where it has none, which leads to its page. */
export function ProductName({ id, name }: { id: string; name: string | undefined }) {
  return (
    <a href={hrefOf(['products', id])} title={id}>
      {name ?? id}
    </a>
  );
}
