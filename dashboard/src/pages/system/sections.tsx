import { useSession } from '../../session/session.ts';
import { hrefOf } from '../../view/view.ts';

const SECTIONS = [
  { id: undefined, label: 'State', installation: false },
  { id: 'topics', label: 'Topics', installation: true },
  { id: 'keys', label: 'Redis keys', installation: true },
  { id: 'runbook', label: 'Runbook', installation: false },
] as const;

/** The parts of the System page that this key may see, as links. */
export function Sections({ current }: { current: string | undefined }) {
  const { kind } = useSession();
  return (
    <nav class="sections" aria-label="Parts of the system">
      {SECTIONS.filter(({ installation }) => !installation || kind === 'installation').map(
        ({ id, label }) => (
          <a
            key={label}
            href={hrefOf(id === undefined ? ['system'] : ['system', id])}
            aria-current={id === current ? 'page' : undefined}
          >
            {label}
          </a>
        ),
      )}
      {kind !== 'read' && (
        <a href={hrefOf(['letters'])} aria-current={current === 'letters' ? 'page' : undefined}>
          Dead letters
        </a>
      )}
    </nav>
  );
}
