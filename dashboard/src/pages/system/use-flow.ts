import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../../api/answers.ts';
import type { DataOf } from '../../api/types.ts';
import { OFTEN, useAnswer } from '../../api/use-answer.ts';
import { useSession } from '../../session/session.ts';
import { addReading, type Flow, flowOf, type Reading, readingOfLedger, readingOfSystem } from './flow.ts';

/** All that the system says of itself to this key. */
export interface SystemState {
  /** Only for the installation's key. */
  system: Answer<DataOf<'/v1/system'>>;
  health: Answer<DataOf<'/v1/health'>>;
  ledger: Answer<DataOf<'/v1/ledger'>>;
  flow: Flow | undefined;
  isInstallation: boolean;
}

/** Asks every two seconds, and keeps what the polls before said, for the rates. */
export function useSystemState(): SystemState {
  const { kind } = useSession();
  const isInstallation = kind === 'installation';
  const system = useAnswer(isInstallation ? '/v1/system' : undefined, { every: OFTEN });
  const health = useAnswer('/v1/health', { every: OFTEN });
  const ledger = useAnswer('/v1/ledger', { every: OFTEN });
  const [readings, setReadings] = useState<readonly Reading[]>([]);
  useEffect(() => {
    const next = isInstallation
      ? system.data && readingOfSystem(system.data)
      : ledger.data && readingOfLedger(ledger.data, ledger.at ?? Date.now());
    if (next) setReadings((before) => addReading(before, next));
  }, [isInstallation, system.data, ledger.data, ledger.at]);
  return { system, health, ledger, flow: flowOf(readings), isInstallation };
}
