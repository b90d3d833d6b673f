import { demoSites } from '../local/sites/demo-sites.ts';
import { plainEvent } from '../shared/intake/plain-schema.ts';
import { putRight } from '../shared/intake/values/put-right.ts';
import { plainOf, simulatedEvents } from './plain-events.ts';

const site = demoSites().find((s) => s.id === 'demo')!;
const put = simulatedEvents(site, 20000, 1)
  .map(plainOf)
  .map((p) => putRight(p).plain as any);
const shape = (plainEvent as any).shape ?? (plainEvent as any)._zod.def.shape;
const best: Record<string, number> = {};
for (let r = 0; r < 5; r++)
  for (const [n, s] of Object.entries(shape) as any) {
    const vals = put.map((p: any) => p[n]);
    const b = process.cpuUsage();
    for (const v of vals) s.safeParse(v);
    const c = process.cpuUsage(b);
    best[n] = Math.min(best[n] ?? 1e9, (c.user + c.system) / put.length);
  }
console.log(
  Object.entries(best)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 22),
  Object.values(best).reduce((a, b) => a + b),
);
console.log(
  put
    .slice(100, 103)
    .map((p: any) => JSON.stringify(p))
    .join('\n'),
);
