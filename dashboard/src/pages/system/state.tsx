import { GenerationsCard } from './generations-card.tsx';
import { HealthCard } from './health-card.tsx';
import { LedgerCard } from './ledger-card.tsx';
import { PartitionsCard } from './partitions-card.tsx';
import { QualityCard } from './quality-card.tsx';
import { ServersCard } from './servers-card.tsx';
import { useSystemState } from './use-flow.ts';
import { WayCard } from './way-card.tsx';

/** The state of the system now: what is wrong first, then where, then the figures. */
export function State() {
  const state = useSystemState();
  return (
    <>
      <HealthCard state={state} />
      <WayCard state={state} />
      <div class="grid">
        <PartitionsCard state={state} />
        <LedgerCard ledger={state.ledger} />
      </div>
      <QualityCard />
      {state.isInstallation ? (
        <div class="grid">
          <ServersCard system={state.system} />
          <GenerationsCard system={state.system} />
        </div>
      ) : (
        <p class="note">
          Servers, memory, versions, generations, topics and keys of Redis are shown with the installation’s
          admin key. Dead letters are shown with an admin key of the site, or with the installation’s.
        </p>
      )}
    </>
  );
}
