import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A section of a page. @param props.note a sentence below the heading: what the numbers are, or why one is missing. */
export function Card(props: {
  title: string;
  note?: ComponentChildren;
  actions?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={props.wide ? 'card wide' : 'card'} aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.actions && <div class="actions">{props.actions}</div>}
      </header>
      {props.note && <p class="note">{props.note}</p>}
      {props.children}
    </section>
  );
}
