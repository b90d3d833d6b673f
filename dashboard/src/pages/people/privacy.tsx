import { useState } from 'preact/hooks';
import { api, done } from '../../api/client.ts';
import { Card } from '../../parts/card.tsx';
import { saveFile } from '../../parts/csv-link.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useChange } from '../../parts/use-change.ts';
import { useSession } from '../../session/session.ts';
import { EraseDialog } from './erase-dialog.tsx';
import { exportPerson } from './export-person.ts';

/** A person's rights: a copy of all that is stored, and its erasure. Both need an admin key. */
export function Privacy({ id, isKnown }: { id: string; isKnown: boolean }) {
  const { kind, site } = useSession();
  return (
    <Card
      title="Privacy"
      note="A person may ask for a copy of all that is stored about them, or for its erasure."
      wide
    >
      {kind === 'read' ? (
        <p>
          To export or erase a person, sign in with an <strong>admin key of {site.name}</strong>. Your read
          key shows numbers only.
        </p>
      ) : (
        <Rights id={id} isKnown={isKnown} />
      )}
    </Card>
  );
}

function Rights({ id, isKnown }: { id: string; isKnown: boolean }) {
  const { site } = useSession();
  const [progress, setProgress] = useState<string>();
  const [isErasing, setErasing] = useState(false);
  const { run, error, isBusy } = useChange();
  const save = () =>
    run(async () => {
      setProgress('Reading');
      const path = { user: id };
      const held = await exportPerson(
        (cursor) =>
          done(api.GET('/v1/privacy/{user}', { params: { path, query: { cursor, site: site.id } } })),
        (pages) => setProgress(`${pages} ${pages === 1 ? 'page' : 'pages'} read`),
      );
      const name = id.replace(/[^\w.-]+/g, '_').slice(0, 60);
      saveFile(
        `person-${name}.json`,
        new Blob([JSON.stringify(held, null, 2)], { type: 'application/json' }),
      );
      setProgress('Saved');
    });
  return (
    <>
      <div class="tools-row">
        <button type="button" onClick={save} disabled={!isKnown || isBusy}>
          Export as JSON
        </button>
        <button type="button" class="danger" onClick={() => setErasing(true)}>
          Erase this person
        </button>
        <span role="status" class="quiet">
          {!error && progress}
        </span>
      </div>
      {error && <Problem error={error} />}
      {isErasing && <EraseDialog id={id} onClose={() => setErasing(false)} />}
    </>
  );
}
