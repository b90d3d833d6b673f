import { EVENT_VERSION } from '../../shared/event/event.ts';
import { siteSchema } from '../../shared/sites/site.ts';
import { Folded } from '../oracle/folded.ts';
import { recordOf } from '../oracle/streams.ts';
import { generationOf } from '../support/generation.ts';

const site = siteSchema.parse({ id: 'shop' });
const own = generationOf(1).id;
const other = `${own}.1`;
const sent = (id: string, generation: string | undefined) => ({
  ...{ v: EVENT_VERSION, id, site: site.id, user: 'ana', name: 'view_item', ts: 1e12, received: 1e12 },
  origin: { partition: 3, offset: 5, part: 127, generation },
});

function ledgerOf(values: readonly object[]): Record<string, number> {
  const folded = new Folded([site], 1);
  folded.apply(values.map((value, offset) => recordOf(JSON.stringify(value), 0, offset)));
  return Object.fromEntries(folded.ledger);
}

describe('records that shards of another generation have sent each other', () => {
  test('are passed over, whatever site they name', () => {
    const elsewhere = { ...sent('b', other), site: 'elsewhere' };
    expect(ledgerOf([sent('a', other), elsewhere])).toEqual({
      'shop:otherGeneration': 1,
      '-:otherGeneration': 1,
    });
  });

  test('are no arrivals: a record of the own generation from the same place is not a repetition', () => {
    expect(ledgerOf([sent('a', other), sent('b', own), sent('c', own)])).toEqual({
      'shop:otherGeneration': 1,
      'shop:applied': 1,
      'shop:duplicate': 1,
    });
  });
});

test('a record without a generation becomes a dead letter', () => {
  expect(ledgerOf([sent('a', undefined)])).toEqual({ '-:deadLettered': 1 });
});
