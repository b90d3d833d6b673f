import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { demoSites } from '../local/sites/demo-sites.ts';
import { incomingOf } from '../shared/intake/formats/plain/plain-format.ts';
import { understand } from '../shared/intake/understand.ts';
import { plainOf, simulatedEvents } from './plain-events.ts';

const site = demoSites().find((s) => s.id === 'demo')!;
const plains = simulatedEvents(site, 20000, 1).map(plainOf);
const visitor = {
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
  host: 'shop.example',
};
const sur = { site, received: Date.now(), visitor, via: 'plain' as const, newId: randomUUID };
const run = () => {
  for (const p of plains) understand(incomingOf(p, ''), sur);
};
run();
run();
const s = new Session();
s.connect();
await s.post('Profiler.enable');
await s.post('Profiler.setSamplingInterval', { interval: 200 });
await s.post('Profiler.start');
for (let i = 0; i < 8; i++) run();
const { profile } = await s.post('Profiler.stop');
writeFileSync('/tmp/under.cpuprofile', JSON.stringify(profile));
