import { hrefOf } from '../../view/view.ts';

/** A buyer, leading to their page. @param props.id null: not known, or erased. */
export function PersonLink({ id }: { id: string | null }) {
  if (id === null) return <span class="quiet">Not known</span>;
  return (
    <a class="named" href={hrefOf(['people', id])}>
      {id}
    </a>
  );
}
