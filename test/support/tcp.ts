import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { closing } from './closing.ts';

/** A proxy that counts connections and can hold back all bytes. */
export interface Relay {
  port: number;
  /** Connections accepted so far. */
  connections: number;
  /** Whether bytes pass. Otherwise they wait, as on a network that drops packets. */
  open: boolean;
}

/**
 * Listens on a port of its own. Without a target it accepts connections and never answers. Closed after the last
 * test of the file.
 * @param at another address of this machine, or another port
 */
export async function relay(
  target?: { host: string; port: number },
  at: { host?: string; port?: number } = {},
): Promise<Relay> {
  const sockets = new Set<Socket>();
  const state: Relay = { port: 0, connections: 0, open: target !== undefined };
  const join = (from: Socket, to: Socket | undefined) => {
    sockets.add(from);
    from
      .on('error', () => {})
      .once('close', () => {
        sockets.delete(from);
        to?.destroy();
      });
    from.on('data', (chunk) => {
      if (state.open) to?.write(chunk);
    });
  };
  const server = createServer((client) => {
    state.connections++;
    const upstream = target && connect(target);
    join(client, upstream);
    if (upstream) join(upstream, client);
  });
  server.listen(at.port ?? 0, at.host ?? '127.0.0.1');
  await once(server, 'listening');
  state.port = (server.address() as AddressInfo).port;
  closing(server, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return state;
}
