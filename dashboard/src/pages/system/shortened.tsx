import type { Schemas } from '../../api/types.ts';
import { formatBytes } from '../../format/numbers.ts';

type Shown = Schemas['Shortened'];

/** Bytes as Kafka or Redis has them, or their beginning. JSON is set out in lines when it is whole. */
export function Shortened({ value, inLines = false }: { value: Shown; inLines?: boolean }) {
  const { text, base64, bytes, cut } = value;
  return (
    <>
      {text !== undefined ? (
        <code class="value">{inLines && !cut ? setOut(text) : text === '' ? '(empty)' : text}</code>
      ) : (
        <code class="value">
          <span class="quiet">base64 </span>
          {base64}
        </code>
      )}
      {cut && <span class="quiet"> … of {formatBytes(bytes)}</span>}
    </>
  );
}

/** JSON with a line for each field; another text stays as it is. */
export function setOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
