import { setQuery, useView } from '../view/view.ts';

/**
 * Pages of a list that the API gives by cursor. The cursors of the pages that were turned stand in the address, so that
 * one can go back, and a link shows the same page.
 * @param name the parameter of the address; two lists on one page need two.
 * @returns `cursor` of the present page, and `pager(next_cursor, label)` to show beneath the list.
 */
export function usePages(name = 'pages') {
  const { query } = useView();
  const turned = query[name]?.split(',') ?? [];
  const turn = (cursors: readonly string[]) =>
    setQuery({ [name]: cursors.length === 0 ? undefined : cursors.join(',') });
  const pager = (next: string | undefined, label: string) => (
    <div class="pager">
      <span class="quiet">
        {label}
        {(turned.length > 0 || next) && `, page ${turned.length + 1}`}
      </span>
      {(turned.length > 0 || next) && (
        <>
          <button type="button" disabled={turned.length === 0} onClick={() => turn(turned.slice(0, -1))}>
            Previous
          </button>
          <button type="button" disabled={!next} onClick={() => turn([...turned, next!])}>
            Next
          </button>
        </>
      )}
    </div>
  );
  return { cursor: turned.at(-1), pager };
}
