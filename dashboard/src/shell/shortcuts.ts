import { useEffect } from 'preact/hooks';
import { COMPARISONS, type Comparison } from '../view/period.ts';
import { go, readView, setQuery } from '../view/view.ts';

export const SHORTCUTS = [
  ['R', 'Live, and back'],
  ['X', 'Change the comparison'],
  ['/', 'Search'],
  ['Esc', 'Clear filters and search'],
  ['?', 'This help'],
] as const;

const names = Object.keys(COMPARISONS) as Comparison[];

function nextComparison(): void {
  const now = readView(location.hash).query.compare as Comparison | undefined;
  setQuery({ compare: names[(names.indexOf(now ?? 'previous') + 1) % names.length] });
}

/** Where R leads back to. */
let before: readonly string[] = ['overview'];

function toggleLive(): void {
  const { path } = readView(location.hash);
  if (path[0] === 'live') go(before);
  else {
    before = path;
    go(['live']);
  }
}

/** Takes away all that narrows the page down. */
function clear(): void {
  const { query } = readView(location.hash);
  const narrowing = Object.keys(query).filter((name) => !['site', 'range', 'compare'].includes(name));
  setQuery(Object.fromEntries(narrowing.map((name) => [name, undefined])));
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

/** Single keys, as long as nothing is being typed and no dialog is open. */
export function useShortcuts({ help }: { help(): void }): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      const act = {
        r: toggleLive,
        x: nextComparison,
        Escape: clear,
        '?': help,
        '/': () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus(),
      }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [help]);
}
