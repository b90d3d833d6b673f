import { useState } from 'preact/hooks';
import { askAgain } from '../../api/answers.ts';
import { Card } from '../../parts/card.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useChange } from '../../parts/use-change.ts';
import { newWriteKey, rememberWriteKey } from '../../session/new-keys.ts';
import { useSession } from '../../session/session.ts';
import { hrefOf, setQuery, useView } from '../../view/view.ts';
import { EventsCheck } from './events-check.tsx';
import { makeKey } from './make-key.ts';
import { PLACEHOLDER, SNIPPETS } from './snippets.ts';

/** What to put into the shop, and whether its events arrive. */
export function EventsPart() {
  const { site } = useSession();
  const { query } = useView();
  const [key, setKey] = useState(newWriteKey(site.id));
  const snippet = SNIPPETS.find(({ id }) => id === query.way) ?? SNIPPETS[0]!;
  const filled = { host: location.origin, key: key ?? PLACEHOLDER, measurementId: 'G-ABC1234567' };
  return (
    <>
      <EventsCheck />
      <Card
        title="Send events"
        note={snippet.about}
        actions={
          <Tabs
            label="Way to send"
            tabs={SNIPPETS}
            current={snippet.id}
            onSelect={(way) => setQuery({ way })}
          />
        }
      >
        {key === undefined ? (
          <WriteKey onMade={setKey} />
        ) : (
          <p>The write key that you just made is filled in. It may be public: it only sends events.</p>
        )}
        {snippet.blocks(filled).map(({ label, text }) => (
          <div key={label}>
            <h3>{label}</h3>
            <Copy label={label} text={text} />
          </div>
        ))}
        <p class="note">
          All formats and fields are described at <a href="/docs">/docs</a>.
        </p>
      </Card>
    </>
  );
}

/** How to get the key that the snippet needs. */
function WriteKey({ onMade }: { onMade(key: string): void }) {
  const { kind, site } = useSession();
  const { run, error, isBusy } = useChange();
  const make = () =>
    run(async () => {
      const { key } = await makeKey(site.id, { kind: 'write', name: 'Snippet' });
      rememberWriteKey(site.id, key);
      onMade(key);
      askAgain();
    });
  return (
    <>
      <p>
        Put a write key of the site in place of <code>{PLACEHOLDER}</code>. A key is shown only once, when it
        is made.{' '}
        {kind === 'admin' && (
          <>
            If you no longer have it, <a href={hrefOf(['settings', 'keys'])}>rotate it</a>: the old one works
            on meanwhile.
          </>
        )}
        {kind === 'read' && 'With an admin key you can rotate it and see the new one.'}
        {kind === 'installation' && (
          <button type="button" disabled={isBusy} onClick={make}>
            Make a write key, and fill it in
          </button>
        )}
      </p>
      {error && <Problem error={error} />}
    </>
  );
}
