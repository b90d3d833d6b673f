import { formatTime } from '../../format/dates.ts';
import { Skeleton } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useSession } from '../../session/session.ts';
import { diagnose, type Finding } from './diagnose.ts';
import { RunbookLink } from './runbook-link.tsx';
import type { SystemState } from './use-flow.ts';

const STATUS = {
  ok: 'All numbers are right and new.',
  degraded: 'Numbers are late, or lack something.',
  unavailable: 'Footfall does not work in full.',
} as const;

/** The API calls numbers late after a while only; this page sees it sooner. */
const NOT_ALL = {
  bad: 'Numbers stand still, or are about to.',
  late: 'Numbers are right and new for all that is counted. Something needs a look.',
} as const;

/** What is the matter, in sentences: the answer to “why did the numbers stop?”. */
export function HealthCard({ state }: { state: SystemState }) {
  const { health } = state;
  const { site } = useSession();
  const findings = diagnose(state, Date.now());
  if (!health.data) {
    return (
      <Card title="Health" wide>
        {health.error ? <Problem error={health.error} /> : <Skeleton lines={2} />}
      </Card>
    );
  }
  const { status } = health.data;
  const tone =
    status === 'unavailable' ? 'bad' : (findings.find(({ tone }) => tone === 'bad') ?? findings[0])?.tone;
  return (
    <Card title="Health" wide>
      {health.error && (
        <p class="verdict bad">
          {health.error.status === 0 ? 'Footfall itself cannot be reached' : 'Footfall itself failed'} (
          <code>{health.error.code}</code>). What follows is of {formatTime(health.at ?? 0, site.zone, true)}.
        </p>
      )}
      <p class={`verdict ${tone ?? 'good'}`} role="status">
        {status === 'ok' && tone ? NOT_ALL[tone] : STATUS[status]}
      </p>
      {findings.length > 0 && (
        <ol class="findings">
          {findings.map((finding) => (
            <Reason key={finding.id} finding={finding} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function Reason({ finding }: { finding: Finding }) {
  return (
    <li class={finding.tone}>
      <strong>{finding.title}</strong> {finding.text} <RunbookLink page={finding.page} />
    </li>
  );
}
