import { randomUUID } from 'node:crypto';
import { plainOf, simulatedEvents } from '/work/wt/s18-latency/bench/plain-events.ts';
import { demoSites } from '/work/wt/s18-latency/local/sites/demo-sites.ts';
import { enrich } from '/work/wt/s18-latency/shared/intake/enrich/enrich.ts';
import { incomingOf, plainFormat } from '/work/wt/s18-latency/shared/intake/formats/plain/plain-format.ts';
import { translate } from '/work/wt/s18-latency/shared/intake/plain-event.ts';
import { plainEvent } from '/work/wt/s18-latency/shared/intake/plain-schema.ts';
import { understand } from '/work/wt/s18-latency/shared/intake/understand.ts';
import { putRight } from '/work/wt/s18-latency/shared/intake/values/put-right.ts';
import { readJson } from '/work/wt/s18-latency/shared/platform/http/body.ts';

const site = demoSites().find((s) => s.id === 'demo')!;
const events = simulatedEvents(site, 20000, 1);
const plains = events.map(plainOf);
const texts: string[] = [];
for (let i = 0; i < plains.length; i += 100) texts.push(JSON.stringify({ events: plains.slice(i, i + 100) }));
const received = Date.now();
const visitor = {
  userAgent:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
  host: 'shop.example',
};
const sur = { site, received, visitor, via: 'plain' as const, newId: randomUUID };
const req = (body: string) => ({ headers: {}, body, isBase64Encoded: false }) as any;
const put = plains.map((p) => putRight(p).plain);
const out: any[] = [];
const stages: Record<string, () => void> = {
  'JSON.parse': () => {
    for (const t of texts) JSON.parse(t);
  },
  readJson: () => {
    for (const t of texts) readJson(req(t), 1e6);
  },
  eventsOf: () => {
    for (const t of texts) plainFormat.eventsOf(req(t), received);
  },
  putRight: () => {
    for (const p of plains) putRight(p);
  },
  zod: () => {
    for (const p of put) plainEvent.safeParse(p);
  },
  translate: () => {
    for (const p of plains) translate(p, site, received, randomUUID);
  },
  understand: () => {
    out.length = 0;
    for (const p of plains) out.push(understand(incomingOf(p, ''), sur));
  },
  enrich: () => {
    for (const e of events) enrich(e, visitor, site);
  },
  stringify: () => {
    for (const o of out) JSON.stringify(o.event);
  },
};
const best: Record<string, number> = {};
for (let r = 0; r < Number(process.argv[2] ?? 6); r++)
  for (const [n, f] of Object.entries(stages)) {
    const b = process.cpuUsage();
    f();
    const c = process.cpuUsage(b);
    const us = (c.user + c.system) / plains.length;
    best[n] = Math.min(best[n] ?? 1e9, us);
  }
console.log(best);
console.log(
  out.filter((o) => o.warnings?.length).length,
  'with warnings;',
  out.filter((o) => o.refusals).length,
  'refused',
);
