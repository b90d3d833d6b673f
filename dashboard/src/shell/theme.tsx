import { useState } from 'preact/hooks';

const NAME = 'footfall.theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const device = matchMedia('(prefers-color-scheme: dark)');
const kept = localStorage.getItem(NAME);
let theme: Theme = kept === 'light' || kept === 'dark' ? kept : 'auto';
show();
device.addEventListener('change', show);

/** Names the colours that the style sheet uses. */
function show(): void {
  const ofDevice = device.matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = theme === 'auto' ? ofDevice : theme;
}

function apply(next: Theme): void {
  theme = next;
  localStorage.setItem(NAME, next);
  show();
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
