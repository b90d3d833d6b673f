import { useRef, useState } from 'preact/hooks';
import { Scrolls } from './scrolls.tsx';

/** Text to copy: a snippet, a key, a link. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [button, setButton] = useState('Copy');
  const shown = useRef<HTMLPreElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setButton('Copied');
      setTimeout(() => setButton('Copy'), 2_000);
    } catch {
      // Browsers have no clipboard for pages without HTTPS.
      getSelection()?.selectAllChildren(shown.current!);
      setButton('Selected: press Ctrl-C');
    }
  };
  return (
    <div class="copy">
      <Scrolls label={label}>
        <pre ref={shown}>{text}</pre>
      </Scrolls>
      <button type="button" onClick={copy}>
        {button}
      </button>
    </div>
  );
}
