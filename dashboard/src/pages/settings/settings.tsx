import type { FunctionComponent } from 'preact';
import { type Access, useSession } from '../../session/session.ts';
import { hrefOf } from '../../view/view.ts';
import '../../styles/settings.css';
import { EventsPart } from './events-part.tsx';
import { FunnelsPart } from './funnels-part.tsx';
import { KeysPart } from './keys-part.tsx';
import { MeasurementPart } from './measurement-part.tsx';
import { QualityPart } from './quality-part.tsx';
import { ReferrersPart } from './referrers-part.tsx';
import { SitePart } from './site-part.tsx';
import { SitesPart } from './sites-part.tsx';

interface Part {
  id: string;
  label: string;
  /** The weakest key that it is for. */
  from: Access['kind'];
  Body: FunctionComponent;
}

const PARTS: readonly Part[] = [
  { id: 'site', label: 'Site', from: 'admin', Body: SitePart },
  { id: 'keys', label: 'Keys', from: 'admin', Body: KeysPart },
  { id: 'events', label: 'Send events', from: 'read', Body: EventsPart },
  { id: 'funnels', label: 'Funnels', from: 'admin', Body: FunnelsPart },
  { id: 'referrers', label: 'Referrers', from: 'admin', Body: ReferrersPart },
  { id: 'measurement-ids', label: 'Measurement ids', from: 'admin', Body: MeasurementPart },
  { id: 'quality', label: 'Quality', from: 'read', Body: QualityPart },
  { id: 'sites', label: 'Sites', from: 'installation', Body: SitesPart },
];

const RANKS = { read: 0, admin: 1, installation: 2 } as const;
const NEEDS = {
  read: '',
  admin:
    "This needs the site's admin key, or the installation's. You are signed in with a read key, which sees numbers only.",
  installation: "This needs the installation's admin key, which the operator of this server has.",
} as const;

/** What can be changed of a site, each part at an address of its own. */
export function Settings({ path }: { path: readonly string[] }) {
  const { kind, site } = useSession();
  const part = PARTS.find(({ id }) => id === path[0]) ?? PARTS[0]!;
  const { Body } = part;
  return (
    <>
      <h1>Settings of {site.name}</h1>
      <div class="settings">
        <nav aria-label="Settings">
          {PARTS.map(({ id, label }) => (
            <a key={id} href={hrefOf(['settings', id])} aria-current={id === part.id ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <div class="part">
          {RANKS[kind] >= RANKS[part.from] ? (
            <Body key={site.id} />
          ) : (
            <section class="card" aria-label={part.label}>
              <h2>{part.label}</h2>
              <p>{NEEDS[part.from]}</p>
            </section>
          )}
        </div>
      </div>
    </>
  );
}
