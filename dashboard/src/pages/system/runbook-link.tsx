import { hrefOf } from '../../view/view.ts';

/** The way to a page of the runbook, which the dashboard shows itself: at night, that is one click less. */
export function RunbookLink({ page }: { page: string }) {
  return <a href={hrefOf(['system', 'runbook'], { page })}>Runbook: {page}</a>;
}
