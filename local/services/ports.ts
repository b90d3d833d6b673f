import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** The ports that `npm start` takes when they are free. The metrics' is that of OpenTelemetry exporters in Prometheus' list. */
export const USUAL_PORTS = { api: 3000, kafka: 9092, redis: 6379, metrics: 9464 } as const;

/** Ports given away by this process, whose servers may not listen yet. */
const given = new Set<number>();

const listens = (port: number, host?: string) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });

/** Whether a server could listen on this port now, on the loopback address and on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  return (await listens(port, '127.0.0.1')) && (await listens(port));
}

/**
 * The preferred port when it is free, else another free one. The other one comes from below the ephemeral
 * range (Linux starts it at 32768): there, a client that keeps calling a server which is down may be given the
 * server's own port and connect to itself (TCP simultaneous open, RFC 9293 section 3.5), and the server could
 * not come back on it.
 * @throws when a hundred random ports were all taken.
 */
export function freePort(preferred?: number): Promise<number> {
  return findPort(preferred, [0]);
}

/**
 * A free port for a node of a Redis Cluster, whose bus listens 10,000 above it (Redis documentation, "Scale with Redis
 * Cluster"); that one is below the ephemeral range as well.
 * @throws as {@link freePort}.
 */
export function freeClusterPort(): Promise<number> {
  return findPort(undefined, [0, 10_000]);
}

async function findPort(preferred: number | undefined, offsets: readonly number[]): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const first = randomInt(20_000, 32_000 - Math.max(...offsets));
    const ports = offsets.map((offset) => first + offset);
    if (ports.some((port) => given.has(port))) continue;
    if (!(await Promise.all(ports.map(isFree))).every(Boolean)) continue;
    for (const port of ports) given.add(port);
    return first;
  }
  throw new Error('No free TCP port was found between 20000 and 32000; stop some servers and try again.');
}
