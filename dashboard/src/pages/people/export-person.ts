import type { DataOf } from '../../api/types.ts';

type Export = DataOf<'/v1/privacy/{user}'>;

/**
 * All that is stored about a person, read page by page.
 * @param read a page.
 * @param onPage is told how many pages are there.
 */
export async function exportPerson(
  read: (cursor: string | undefined) => Promise<{ data: Export }>,
  onPage: (pages: number) => void,
): Promise<Export> {
  let { data } = await read(undefined);
  onPage(1);
  const [held, interactions] = [[...data.held], [...data.interactions]];
  const { asked, user_id, ids } = data;
  for (let pages = 2; data.next_cursor !== undefined; pages++) {
    ({ data } = await read(data.next_cursor));
    held.push(...data.held);
    interactions.push(...data.interactions);
    onPage(pages);
  }
  return { asked, user_id, ids, held, interactions };
}
