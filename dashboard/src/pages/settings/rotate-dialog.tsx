import { useState } from 'preact/hooks';
import { api, done } from '../../api/client.ts';
import type { Schemas } from '../../api/types.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useChange } from '../../parts/use-change.ts';
import { useSession } from '../../session/session.ts';
import { KIND_LABELS, type SiteKey } from './key-kinds.ts';

const OVERLAPS = [
  [0, 'Not at all: it leaked'],
  [3_600, 'One hour'],
  [86_400, 'One day'],
  [7 * 86_400, 'One week'],
  [90 * 86_400, '90 days'],
] as const;

/** Replaces a key by a new one. The old one works on for a while, so nothing is lost while it is changed everywhere. */
export function RotateDialog(props: { of: SiteKey; onMade(key: Schemas['NewKey']): void; onClose(): void }) {
  const { of } = props;
  const { site, key } = useSession();
  const [overlap, setOverlap] = useState<number>(86_400);
  const { run, error, isBusy } = useChange();
  const rotate = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const { data } = await done(
        api.POST('/v1/sites/{site}/keys/{key}/rotate', {
          params: { path: { site: site.id, key: of.id } },
          body: { overlap_seconds: overlap },
        }),
      );
      props.onMade(data.new_key);
      props.onClose();
    });
  };
  return (
    <Dialog title="Rotate this key?" onClose={props.onClose}>
      <form onSubmit={rotate}>
        <p>
          {KIND_LABELS[of.kind]} {of.name ?? ''} <code>…{of.hint}</code> gets a successor of the same kind,
          name and end.
          {of.id === key?.id && ' It is the key that you are signed in with: sign in with the new one.'}
        </p>
        <label>
          The old key works on for
          <select value={overlap} onChange={(event) => setOverlap(Number(event.currentTarget.value))}>
            {OVERLAPS.map(([seconds, label]) => (
              <option key={seconds} value={seconds}>
                {label}
              </option>
            ))}
          </select>
        </label>
        {error && <Problem error={error} />}
        <div class="buttons">
          <button type="submit" class="primary" disabled={isBusy}>
            Rotate
          </button>
          <button type="button" onClick={props.onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
