import { useState } from 'preact/hooks';
import { Scrolls } from './scrolls.tsx';

/** Text to copy: a snippet, a key, a link. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <div class="copy">
      <Scrolls label={label}>
        <pre>{text}</pre>
      </Scrolls>
      <button type="button" onClick={copy}>
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
