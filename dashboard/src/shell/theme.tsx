import { useState } from 'preact/hooks';

const NAME = 'footfall.theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const kept = localStorage.getItem(NAME);
let theme: Theme = kept === 'light' || kept === 'dark' ? kept : 'auto';
apply(theme);

function apply(next: Theme): void {
  theme = next;
  if (next === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  localStorage.setItem(NAME, next);
}

/** Dark, light, or as the device has it. */
export function ThemeButton() {
  const [shown, setShown] = useState(theme);
  const next = THEMES[(THEMES.indexOf(shown) + 1) % THEMES.length]!;
  const change = () => {
    apply(next);
    setShown(next);
  };
  return (
    <button type="button" class="plain" onClick={change} aria-label={`Colours: ${shown}. Change to ${next}`}>
      {{ auto: '◐', light: '☀', dark: '☾' }[shown]}
    </button>
  );
}
