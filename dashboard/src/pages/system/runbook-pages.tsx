import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Card } from '../../parts/card.tsx';
import { Markdown } from '../../parts/markdown.tsx';
import { hrefOf, useView } from '../../view/view.ts';

/**
 * The runbook, without leaving the dashboard: at night, other servers may be away, too.
 * @param props.text docs/runbook.md: a page for each of its headings
 * @param props.note what is known of the present state
 */
export function RunbookPages({ text, note }: { text: string; note: string | undefined }) {
  const { query } = useView();
  const pages = useMemo(() => pagesOf(text), [text]);
  const shown = pages.find(({ title }) => title === query.page) ?? pages[0]!;
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.scrollIntoView({ block: 'nearest' }), [shown.title]);
  return (
    <div class="runbook" ref={top}>
      <nav aria-label="Pages of the runbook">
        <ul>
          {pages.map(({ title }) => (
            <li key={title}>
              <a
                href={hrefOf(['system', 'runbook'], { page: title })}
                aria-current={title === shown.title ? 'true' : undefined}
              >
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Card title={shown.title} note={note}>
        <Markdown text={shown.body} link={(target) => linkOf(target, pages)} />
      </Card>
    </div>
  );
}

interface Page {
  title: string;
  body: string;
}

const pagesOf = (text: string): Page[] =>
  text
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.split('\n');
      return { title, body: lines.join('\n') };
    });

/** Links to other pages of the runbook lead there; those to other documents are only named. */
function linkOf(target: string, pages: readonly Page[]): string | undefined {
  const slug = /^#(.+)$/.exec(target)?.[1];
  const page = pages.find(({ title }) => title.toLowerCase().replaceAll(' ', '-') === slug);
  return page && hrefOf(['system', 'runbook'], { page: page.title });
}
