import type { FunctionComponent } from 'preact';
import { Problem } from '../../parts/problem.tsx';
import { useSession } from '../../session/session.ts';
import '../../styles/system.css';
import { ApiError } from '../../api/client.ts';
import { Keys } from './keys.tsx';
import { RunbookNow } from './runbook.tsx';
import { Sections } from './sections.tsx';
import { State } from './state.tsx';
import { Topics } from './topics.tsx';

const PARTS: Record<string, { Body: FunctionComponent; installation?: true }> = {
  topics: { Body: Topics, installation: true },
  keys: { Body: Keys, installation: true },
  runbook: { Body: RunbookNow },
};

/** For an engineer at night: why did the numbers stop? */
export function System({ path: [id] }: { path: readonly string[] }) {
  const { kind } = useSession();
  const part = id === undefined ? undefined : PARTS[id];
  const Body = part?.Body ?? State;
  return (
    <>
      <h1>System</h1>
      <Sections current={part && id} />
      {part?.installation && kind !== 'installation' ? <Problem error={REFUSED} /> : <Body />}
    </>
  );
}

const REFUSED = new ApiError(403, 'installation_only', 'Topics and keys hold the data of all sites.');
