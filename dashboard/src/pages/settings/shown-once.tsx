import type { Schemas } from '../../api/types.ts';
import { Copy } from '../../parts/copy.tsx';
import { KIND_LABELS } from './key-kinds.ts';

/** New keys in clear. The page forgets them when it is left. */
export function ShownOnce({ keys }: { keys: readonly Schemas['NewKey'][] }) {
  return (
    <div class="shown-once" role="status">
      <p>
        <strong>Copy {keys.length === 1 ? 'the key' : 'the keys'} now.</strong> Footfall keeps only a hash and
        can’t show {keys.length === 1 ? 'it' : 'them'} again.
      </p>
      {keys.map(({ id, kind, name, key }) => (
        <div key={id}>
          {KIND_LABELS[kind]}
          {name !== undefined && `: ${name}`}
          <Copy label={KIND_LABELS[kind]} text={key} />
        </div>
      ))}
    </div>
  );
}
