import type { ComponentChildren } from 'preact';

/** Wide content, which scrolls sideways within itself: the page never does. */
export function Scrolls({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scrolls" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
