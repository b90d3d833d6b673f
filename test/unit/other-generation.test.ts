import { EVENT_VERSION } from '../../shared/event/event.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import { Folded } from '../oracle/folded.ts';
import { recordOf } from '../oracle/streams.ts';
import { FIRST_ID, rebuiltId } from '../support/generation.ts';

const site = siteSchema.parse({ id: 'shop' });
const sent = (id: string, generation?: string) => ({
  ...{ v: EVENT_VERSION, id, site: site.id, user: 'ana', name: 'view_item', ts: 1e12, received: 1e12 },
  origin: { partition: 3, offset: 5, part: 127, ...(generation && { generation }) },
});

test('records between shards of another generation are skipped and are not arrivals', () => {
  const folded = new Folded([site], 1);
  const values = [
    sent('a', rebuiltId()),
    sent('b'),
    { ...sent('c', rebuiltId()), site: 'elsewhere' },
    sent('d', FIRST_ID),
  ];
  folded.apply(values.map((value, offset) => recordOf(JSON.stringify(value), 0, offset)));
  expect(Object.fromEntries(folded.ledger)).toEqual({
    'shop:otherGeneration': 1,
    '-:otherGeneration': 1,
    'shop:applied': 1,
    'shop:duplicate': 1,
  });
});
