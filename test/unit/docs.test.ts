import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The documents lead where they say: every relative link has a file, every anchor a heading. */
const root = join(import.meta.dirname, '..', '..');
const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort();

/** A page without its code, in which brackets are no links and # begins no heading. */
const prose = (page: string) =>
  readFileSync(join(root, page), 'utf8').replace(/^ *(```|~~~)[\s\S]*?^ *\1 *$/gm, '');

/** The targets of a page's links and pictures that are no addresses. */
function targetsOf(page: string): string[] {
  const text = prose(page).replace(/`[^`\n]*`(?!\])/g, '');
  const inline = [...text.matchAll(/\]\(([^()\s]+)(?: "[^"]*")?\)/g)];
  const named = [...text.matchAll(/^\[[^\]]+\]: +(\S+)/gm)];
  return [...inline, ...named].map(([, target]) => target!).filter((target) => !/^[a-z]+:/i.test(target));
}

/** The anchors of a page's headings as GitHub makes them; the second heading of the same text ends in -1. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading]) => {
    const anchor = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

/** Why a link leads nowhere; undefined when it leads somewhere. */
function faultOf(page: string, target: string): string | undefined {
  const [path = '', anchor] = decodeURIComponent(target).split('#');
  const file = path === '' ? page : relative(root, join(root, dirname(page), path));
  if (file.startsWith('..') || !existsSync(join(root, file))) return `${target}: no such file`;
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  return anchorsOf(file).includes(anchor) ? undefined : `${target}: no such heading`;
}

test('there are links to look at', () => {
  expect(pages).toContain('docs/sending-events.md');
  expect(targetsOf('README.md')).toContain('docs/sending-events.md');
  expect(anchorsOf('docs/sending-events.md')).toContain('what-footfall-adds');
});

test.each(pages)('every link of %s leads somewhere', (page) => {
  const faults = targetsOf(page).map((target) => faultOf(page, target));
  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
});

test('the README is short', () => {
  expect(readFileSync(join(root, 'README.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(121);
});
