import { useEffect, useState } from 'preact/hooks';
import address from '../../../../docs/runbook.md?url';
import { readPageFile } from '../../api/page-file.ts';
import type { DataOf } from '../../api/types.ts';
import { SOMETIMES, useAnswer } from '../../api/use-answer.ts';
import { Skeleton } from '../../parts/answered.tsx';
import { RunbookPages } from './runbook-pages.tsx';

/** How often the text is fetched again when that fails, and after how long, ms. */
const TRIES = 3;
const PAUSE_MS = 1_000;

/** The runbook, with the present state. */
export function RunbookNow() {
  const health = useAnswer('/v1/health', { every: SOMETIMES });
  return <Runbook note={nowOf(health.data)} />;
}

function nowOf(health: DataOf<'/v1/health'> | undefined): string {
  if (!health) return 'Now: not known';
  const { status, reasons } = health;
  return `Now: ${status}${reasons.length > 0 ? `, ${reasons.join(', ')}` : ''}`;
}

interface Props {
  /** What is known of the present state. */
  note?: string;
}

/** The runbook. Its text is fetched when it is opened, since most visits to the dashboard never need it. */
export function Runbook({ note }: Props) {
  const [text, setText] = useState<string>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    readPageFile(address, 'text/markdown').then(setText, () => {
      timer = setTimeout(() => setTries(tries + 1), PAUSE_MS);
    });
    return () => clearTimeout(timer);
  }, [tries]);
  if (text !== undefined) return <RunbookPages text={text} note={note} />;
  if (tries < TRIES) return <Skeleton lines={10} />;
  // A deploy removes the files of the page that was open meanwhile. Only loading the page names the new ones.
  return (
    <div class="problem" role="alert">
      <p>
        <strong>The runbook could not be loaded.</strong> Footfall may be away, or this page may be older than
        the last deploy.
      </p>
      <button type="button" onClick={() => location.reload()}>
        Load the page again
      </button>
    </div>
  );
}
