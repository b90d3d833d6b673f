import { useRef } from 'preact/hooks';
import { go } from '../view/view.ts';

/** Finds products, people and orders: see pages/search. */
export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const search = (event: Event) => {
    event.preventDefault();
    const text = input.current!.value.trim();
    if (text !== '') go(['search'], { q: text });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: Safari does not know <search> yet
    <form role="search" onSubmit={search}>
      <input
        ref={input}
        type="search"
        placeholder="Search  /"
        aria-label="Search products, people and orders"
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.currentTarget.value = '';
          event.currentTarget.blur();
        }}
      />
    </form>
  );
}
