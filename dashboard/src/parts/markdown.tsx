import type { ComponentChildren } from 'preact';
import { Scrolls } from './scrolls.tsx';

/** Shows the part of Markdown that our own documents use. It makes elements, never markup. */
export function Markdown({ text, link }: { text: string; link(target: string): string | undefined }) {
  return <>{blocksOf(text).map((block, i) => drawBlock(block, i, link))}</>;
}

type Link = (target: string) => string | undefined;
type Block = { kind: 'text' | 'code' | 'table' | 'ul' | 'ol'; lines: string[] };

function kindOf(line: string): Block['kind'] {
  if (line.startsWith('|')) return 'table';
  if (/^- /.test(line)) return 'ul';
  if (/^\d+\. /.test(line)) return 'ol';
  return 'text';
}

/** Blocks are separated by empty lines, or by another kind of line. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const line of text.split('\n')) {
    if (open?.kind === 'code') {
      if (line.startsWith('```')) open = undefined;
      else open.lines.push(line);
    } else if (line.trim() === '') open = undefined;
    else {
      const kind = line.startsWith('```') ? 'code' : kindOf(line);
      if (open?.kind !== kind) {
        open = { kind, lines: [] };
        blocks.push(open);
      }
      if (kind !== 'code') open.lines.push(line);
    }
  }
  return blocks;
}

function drawBlock({ kind, lines }: Block, key: number, link: Link) {
  if (kind === 'code') {
    return (
      <Scrolls key={key} label={`Example ${key + 1}`}>
        <pre class="content">{lines.join('\n')}</pre>
      </Scrolls>
    );
  }
  if (kind === 'table') return <Table key={key} label={`Table ${key + 1}`} lines={lines} link={link} />;
  if (kind === 'text') return <p key={key}>{inline(lines.join(' '), link)}</p>;
  const List = kind;
  return (
    <List key={key}>
      {lines.map((line, i) => (
        <li key={i}>{inline(line.replace(/^(?:-|\d+\.) /, ''), link)}</li>
      ))}
    </List>
  );
}

function Table({ label, lines, link }: { label: string; lines: string[]; link: Link }) {
  const [head = [], ...rows] = lines
    .filter((line) => !/^[|\s:-]+$/.test(line))
    .map((line) => line.split('|').slice(1, -1));
  return (
    <Scrolls label={label}>
      <table>
        <thead>
          <tr>
            {head.map((cell, i) =>
              cell.trim() === '' ? (
                <td key={i} />
              ) : (
                <th key={i} scope="col">
                  {inline(cell.trim(), link)}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={j}>{inline(cell.trim(), link)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}

const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|\*([^*]+)\*|\[([^\]]+)\]\(([^)]+)\)/g;

function inline(text: string, link: Link): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, emphasis, label, target] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (code !== undefined) parts.push(<code>{code}</code>);
    else if (strong !== undefined) parts.push(<strong>{inline(strong, link)}</strong>);
    else if (emphasis !== undefined) parts.push(<em>{inline(emphasis, link)}</em>);
    else parts.push(<LinkTo label={label!} target={target!} link={link} />);
  }
  return [...parts, text.slice(end)];
}

function LinkTo({ label, target, link }: { label: string; target: string; link: Link }) {
  const href = link(target);
  if (href) return <a href={href}>{label}</a>;
  return <span>{target.startsWith('#') ? label : `${label} (docs/${target})`}</span>;
}
