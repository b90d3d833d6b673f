import { Dialog } from '../parts/dialog.tsx';
import { SHORTCUTS } from './shortcuts.ts';

/** The keys, and where to read on. */
export function Help({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {SHORTCUTS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p>
        The API that this page asks is described at <a href="/docs">/docs</a>.
      </p>
    </Dialog>
  );
}
