import type { InvalidEvent } from '../../shared/event/invalid.ts';
import { collecting } from '../support/collecting.ts';
import { ga4Sites } from '../support/ga4.ts';
import { ask } from '../support/http.ts';

const kept: InvalidEvent[] = [];
const handler = collecting(ga4Sites, async (_, invalid) => {
  kept.push(...invalid);
});

const MEASUREMENT = '/mp/collect?measurement_id=G-SHOP1&api_secret=a-write-key';
const SEGMENT = { authorization: `Basic ${btoa('a-write-key:')}` };

describe('an event that is not understood is kept without the address of its visitor', () => {
  test.each([
    [MEASUREMENT, {}, { client_id: 'c', ip_override: '203.0.113.7', events: [{ name: '1' }] }],
    [MEASUREMENT, {}, { client_id: 'c', ip_override: '203.0.113.7', events: { name: '1' } }],
    [MEASUREMENT, {}, { client_id: 'c', ip_override: '203.0.113.7' }],
    ['/v1/track', SEGMENT, { event: 7, userId: 'ana', context: { ip: '203.0.113.7' } }],
    ['/v1/batch', SEGMENT, { batch: [{ type: '?', userId: 'ana' }], context: { ip: '203.0.113.7' } }],
    ['/g/collect?v=2&tid=G-SHOP1&cid=c&en=1&_uip=203.0.113.7', {}, undefined],
  ])('%s %j %j', async (path, headers, body) => {
    kept.length = 0;
    await ask(handler, 'POST', path, { headers, ...(body && { body: JSON.stringify(body) }) });
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain('203.0.113.7');
  });
});
