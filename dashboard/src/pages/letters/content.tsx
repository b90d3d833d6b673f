import { formatBytes } from '../../format/numbers.ts';
import { Card } from '../../parts/card.tsx';
import { Copy } from '../../parts/copy.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Scrolls } from '../../parts/scrolls.tsx';
import { setOut } from '../system/shortened.tsx';
import type { Held } from './held.ts';
import { hexDump } from './hex-dump.ts';
import { leavesOf, nameOf } from './json-patch.ts';
import type { LetterShown } from './reasons.ts';

/** Bytes that are shown in hexadecimal. */
const DUMPED = 2_048;

/** The event in parts, and the bytes of the record. */
export function Content({ letter, held }: { letter: LetterShown; held: Held }) {
  const { text, base64 = '' } = letter;
  const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  return (
    <div class="grid">
      <Card
        title="The event in parts"
        {...(held.format && { note: `As it was sent, in the format ${held.format}.` })}
      >
        {held.event === undefined ? (
          <p class="empty">The content is not JSON, so it has no parts.</p>
        ) : (
          <DataTable
            caption="Fields of the event"
            rows={leavesOf(held.event)}
            rowKey={({ place }) => nameOf(place)}
            columns={[
              { label: 'Field', cell: ({ place }) => <code>{nameOf(place) || '(all of it)'}</code> },
              { label: 'Value', cell: ({ value }) => <code class="value">{JSON.stringify(value)}</code> },
            ]}
          />
        )}
      </Card>
      <Card
        title="The record"
        note={`${formatBytes(bytes.length)}${text === undefined ? ', not text in UTF-8' : ', as text'}.`}
      >
        {text !== undefined && (
          <Scrolls label="Content as text">
            <pre class="content wraps">{setOut(text)}</pre>
          </Scrolls>
        )}
        <details open={text === undefined}>
          <summary>Bytes</summary>
          <Scrolls label="Bytes in hexadecimal">
            <pre class="content">{hexDump(bytes.subarray(0, DUMPED))}</pre>
          </Scrolls>
          {bytes.length > DUMPED && <p class="note">The first {formatBytes(DUMPED)}.</p>}
          <h3>All of it in base64</h3>
          <Copy text={base64} label="Content in base64" />
        </details>
      </Card>
    </div>
  );
}
