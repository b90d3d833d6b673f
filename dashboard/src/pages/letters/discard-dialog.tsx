import { Dialog } from '../../parts/dialog.tsx';

/** Asks before letters are discarded: they can't be replayed afterwards. */
export function DiscardDialog(props: { what: string; onClose(): void; onDiscard(note: string): void }) {
  return (
    <Dialog title="Discard?" onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onDiscard(String(new FormData(event.currentTarget).get('note') ?? '').trim());
        }}
      >
        <p>You discard {props.what}. They will never be counted, and cannot be replayed afterwards.</p>
        <label>
          Why (kept with the letter; no personal data)
          <input name="note" maxLength={500} />
        </label>
        <p>
          <button type="submit" class="danger">
            Discard
          </button>{' '}
          <button type="button" onClick={props.onClose}>
            Keep
          </button>
        </p>
      </form>
    </Dialog>
  );
}
