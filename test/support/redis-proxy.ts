import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to a command: it passes, or the connection is cut before or after Redis has it. */
export type Fate = 'pass' | 'lose command' | 'lose reply';

/** A TCP proxy before Redis that knows where commands and replies begin. */
export interface RedisProxy {
  url: string;
  /** Decides about each command by its lower-case name (`read` for the script that reads states); the next command waits for the decision. */
  decide: (command: string) => Fate | Promise<Fate>;
  /** Since the last reset. Connecting also sends commands. */
  counts: { commands: string[]; roundTrips: number; bytesToRedis: number; bytesFromRedis: number };
  reset(): void;
  close(): Promise<void>;
}

const noCounts = (): RedisProxy['counts'] => ({
  commands: [],
  roundTrips: 0,
  bytesToRedis: 0,
  bytesFromRedis: 0,
});

/** @param redisUrl of the server; the proxy's own URL has the same path, so the same database. */
export async function startRedisProxy(redisUrl: string): Promise<RedisProxy> {
  const target = new URL(redisUrl);
  const sockets = new Set<Socket>();
  const proxy: RedisProxy = {
    url: '',
    decide: () => 'pass',
    counts: noCounts(),
    reset: () => {
      proxy.counts = noCounts();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };

  const server = createServer((client) => {
    const redis = connect(Number(target.port), target.hostname);
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    const cut = () => {
      client.destroy();
      redis.destroy();
    };
    /** Commands that Redis has not answered yet. */
    let unanswered = 0;
    let losing: number | undefined;
    const sending = messages(client, async (message) => {
      const name = commandName(message);
      const fate = await proxy.decide(name);
      if (fate === 'lose command') return cut();
      const { counts } = proxy;
      counts.commands.push(name);
      counts.bytesToRedis += message.length;
      if (unanswered === 0) counts.roundTrips++;
      unanswered++;
      if (fate === 'lose reply') losing = unanswered;
      redis.write(message);
    });
    const answering = messages(redis, async (message) => {
      proxy.counts.bytesFromRedis += message.length;
      unanswered--;
      if (losing !== undefined && --losing === 0) return cut();
      if (!client.destroyed) client.write(message);
    });
    void Promise.all([sending, answering]).catch(cut);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(redisUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.url = url.href;
  return proxy;
}

/** The script that reads is `read`, since commits are scripts, too. */
function commandName(message: Buffer): string {
  const name = /\r\n\$\d+\r\n([^\r]*)/.exec(message.toString('latin1', 0, 60))?.[1]?.toLowerCase() ?? '?';
  return name === 'eval' && message.includes(READING) ? 'read' : name;
}

const READING = "Reads a shard's packed states";

/** Hands over the socket's RESP messages one by one (Redis documentation, "RESP protocol description"). */
async function messages(socket: Socket, handle: (message: Buffer) => Promise<void>): Promise<void> {
  let buffer: Buffer = Buffer.alloc(0);
  for await (const data of socket) {
    buffer = buffer.length === 0 ? (data as Buffer) : Buffer.concat([buffer, data as Buffer]);
    for (let end = endOf(buffer, 0); end >= 0; end = endOf(buffer, 0)) {
      const message = buffer.subarray(0, end);
      buffer = buffer.subarray(end);
      await handle(message);
    }
  }
}

/** Where the RESP value that begins at `start` ends; -1 when it is not complete. */
function endOf(buffer: Buffer, start: number): number {
  const line = buffer.indexOf('\r\n', start);
  if (line < 0) return -1;
  const type = String.fromCharCode(buffer[start]!);
  const count = Number(buffer.toString('latin1', start + 1, line));
  let end = line + 2;
  if ('$=!'.includes(type) && count >= 0) end += count + 2;
  const values = '*~>'.includes(type) ? count : type === '%' ? 2 * count : 0;
  for (let i = 0; i < values && end >= 0; i++) end = endOf(buffer, end);
  return end > buffer.length ? -1 : end;
}
