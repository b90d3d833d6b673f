import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

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
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error('No free TCP port was found between 20000 and 32000; stop some servers and try again.');
}
