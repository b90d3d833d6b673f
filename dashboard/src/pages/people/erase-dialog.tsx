import { useState } from 'preact/hooks';
import { askAgain } from '../../api/answers.ts';
import { api, done } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useChange } from '../../parts/use-change.ts';
import { useSession } from '../../session/session.ts';
import { go } from '../../view/view.ts';

/** Asks to type the id, erases the person, and leads to the receipt. */
export function EraseDialog({ id, onClose }: { id: string; onClose(): void }) {
  const { site } = useSession();
  const [typed, setTyped] = useState('');
  const { run, error, isBusy } = useChange();
  const erase = (event: Event) => {
    event.preventDefault();
    if (typed !== id || isBusy) return;
    void run(async () => {
      const params = { path: { user: id }, query: { site: site.id } };
      const { data } = await done(api.DELETE('/v1/privacy/{user}', { params }));
      onClose();
      go(['people', id, 'erased', data.receipt]);
      askAgain();
    });
  };
  return (
    <Dialog title="Erase this person" onClose={onClose}>
      <p>
        All that is stored of <code>{id}</code> is erased, under all of their ids: the timeline, sessions,
        cart, and their part in the numbers of people. Sums of events and money stay, and name no one. This
        cannot be undone.
      </p>
      <form onSubmit={erase}>
        <label>
          To go on, type the id
          <input
            type="text"
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        {error && <Problem error={error} />}
        <div class="tools-row">
          <button type="submit" class="danger" disabled={typed !== id || isBusy}>
            {isBusy ? 'Erasing' : 'Erase for good'}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
