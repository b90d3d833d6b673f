import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog.tsx';
import { Problem } from './problem.tsx';
import { useChange } from './use-change.ts';

/**
 * Asks before something is done that can't be undone.
 * @param props.yes what the button says, such as "End the key".
 * @param props.act does it; the question stays open, with the error, where that fails.
 */
export function Question(props: {
  title: string;
  yes: string;
  act(): Promise<void>;
  onClose(): void;
  children: ComponentChildren;
}) {
  const { run, error, isBusy } = useChange();
  const act = () =>
    run(async () => {
      await props.act();
      props.onClose();
    });
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      {props.children}
      {error && <Problem error={error} />}
      <div class="buttons">
        <button type="button" class="danger" disabled={isBusy} onClick={act}>
          {props.yes}
        </button>
        <button type="button" onClick={props.onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
