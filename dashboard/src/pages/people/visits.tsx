import { formatMoment } from '../../format/dates.ts';
import { formatDuration } from '../../format/numbers.ts';
import { Card } from '../../parts/card.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { useSession } from '../../session/session.ts';
import type { PersonData } from './person-data.ts';

type Visit = PersonData['visits'][number];

/** What the API says of a visit that has no such value. */
const NOT_SET = '(not set)';
const said = (value: string) => (value === NOT_SET ? '–' : value);

/** Where a visit came from, as far as it is known. */
function originOf({ source, medium, campaign, referrer }: Visit): string {
  const parts = [source, medium, campaign].filter((value) => value !== NOT_SET);
  return parts.length > 0 ? parts.join(' / ') : said(referrer);
}

/** The last visits, and what led to each. */
export function Visits({ visits }: { visits: readonly Visit[] }) {
  const { site } = useSession();
  const columns: Column<Visit>[] = [
    { label: 'Began', cell: ({ start }) => formatMoment(start, site.zone) },
    { label: 'Channel', cell: ({ channel }) => said(channel) },
    { label: 'Source, medium, campaign', minor: true, cell: originOf },
    { label: 'Landing page', cell: ({ landing_page }) => said(landing_page) },
    {
      label: 'Length',
      kind: 'number',
      cell: ({ start, end }) => formatDuration(Date.parse(end) - Date.parse(start)),
    },
  ];
  return (
    <Card
      title="Visits"
      note="The last 20, and what led there. Devices are not kept for each person, so there are none here."
      wide
    >
      <DataTable
        caption="The last visits of this person"
        columns={columns}
        rows={visits}
        rowKey={({ start }) => start}
        empty="No visit: only servers sent events of this person."
      />
    </Card>
  );
}
