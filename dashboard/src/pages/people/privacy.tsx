import { useState } from 'preact/hooks';
import { type ApiError, api, done } from '../../api/client.ts';
import { Card } from '../../parts/card.tsx';
import { saveFile } from '../../parts/csv-link.tsx';
import { Problem } from '../../parts/problem.tsx';
import { type Session, useSession } from '../../session/session.ts';
import { hrefOf } from '../../view/view.ts';
import { EraseDialog } from './erase-dialog.tsx';
import { exportPerson } from './export-person.ts';

/** A person's rights: a copy of all that is stored, and its erasure. Both need an admin key of the site itself. */
export function Privacy({ id, isKnown }: { id: string; isKnown: boolean }) {
  const { kind } = useSession();
  return (
    <Card
      title="Privacy"
      note="A person may ask for a copy of all that is stored about them, or for its erasure."
      wide
    >
      {kind === 'admin' ? <Rights id={id} isKnown={isKnown} /> : <OtherKey kind={kind} />}
    </Card>
  );
}

function OtherKey({ kind }: { kind: Session['kind'] }) {
  const { site } = useSession();
  return (
    <p>
      To export or erase a person, sign in with an <strong>admin key of {site.name}</strong>.{' '}
      {kind === 'installation' ? (
        <>
          The installation's key does not open the data of persons. Make an admin key of the site in{' '}
          <a href={hrefOf(['settings'])}>Settings</a>.
        </>
      ) : (
        'Your read key shows numbers only.'
      )}
    </p>
  );
}

function Rights({ id, isKnown }: { id: string; isKnown: boolean }) {
  const [progress, setProgress] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const [isErasing, setErasing] = useState(false);
  const save = async () => {
    setError(undefined);
    setProgress('Reading');
    try {
      const held = await exportPerson(
        (cursor) =>
          done(api.GET('/v1/privacy/{user}', { params: { path: { user: id }, query: { cursor } } })),
        (pages) => setProgress(`${pages} ${pages === 1 ? 'page' : 'pages'} read`),
      );
      const name = id.replace(/[^\w.-]+/g, '_').slice(0, 60);
      saveFile(
        `person-${name}.json`,
        new Blob([JSON.stringify(held, null, 2)], { type: 'application/json' }),
      );
      setProgress('Saved');
    } catch (problem) {
      setError(problem as ApiError);
      setProgress(undefined);
    }
  };
  return (
    <>
      <div class="tools-row">
        <button type="button" onClick={save} disabled={!isKnown || progress?.endsWith('read')}>
          Export as JSON
        </button>
        <button type="button" class="danger" onClick={() => setErasing(true)}>
          Erase this person
        </button>
        <span role="status" class="quiet">
          {progress}
        </span>
      </div>
      {error && <Problem error={error} />}
      {isErasing && <EraseDialog id={id} onClose={() => setErasing(false)} />}
    </>
  );
}
