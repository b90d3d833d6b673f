import { formatMoment } from '../../format/dates.ts';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session.ts';
import { go, hrefOf } from '../../view/view.ts';
import { NewSite } from './new-site.tsx';

/** All sites of the installation, and a new one. */
export function SitesPart() {
  const { sites, refresh } = useSession();
  const open = async (site: string) => {
    await refresh();
    go(['settings', 'events'], { site });
  };
  return (
    <>
      <Card title="Sites">
        <DataTable
          caption="Sites"
          rows={sites}
          rowKey={({ id }) => id}
          columns={[
            {
              label: 'Site',
              cell: ({ id, name }) => <a href={hrefOf(['overview'], { site: id })}>{name}</a>,
            },
            { label: 'Id', cell: ({ id }) => <code>{id}</code> },
            { label: 'Time zone', minor: true, cell: ({ zone }) => zone },
            { label: 'Currency', cell: ({ currency }) => currency },
            { label: 'Made', minor: true, cell: ({ created_at, zone }) => formatMoment(created_at, zone) },
            {
              label: 'Change',
              cell: ({ id, name }) => (
                <a href={hrefOf(['settings', 'site'], { site: id })} aria-label={`Settings of ${name}`}>
                  Settings
                </a>
              ),
            },
          ]}
        />
      </Card>
      <Card title="New site" note="A site is one shop. It gets a write, a read and an admin key.">
        <NewSite onOpen={open} />
      </Card>
    </>
  );
}
