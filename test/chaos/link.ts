import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Sees bytes on their way to the server, which go on when its promise resolves. */
export type Intercept = (chunk: Buffer, connection: Connection) => Promise<void> | undefined;

/**
 * The network between the functions and one server: a fixed address with a changing server behind it, on which
 * everything can fail that fails in networks.
 */
export class Link {
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #target: number;
  #open = Promise.withResolvers<void>();
  /** The delay of every byte in each direction, ms. */
  delayMs = 0;
  intercept: Intercept | undefined;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.#open.resolve();
    server.on('connection', (client: Socket) => {
      const connection = new Connection(client, connect({ port: this.#target, allowHalfOpen: true }), this);
      this.#connections.add(connection);
      void connection.closed.then(() => this.#connections.delete(connection));
    });
  }

  /** @param target the server's port on this machine. */
  static async open(target: number): Promise<Link> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Link(server, target);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when bytes may pass. */
  get passing(): Promise<void> {
    return this.#open.promise;
  }

  /** Drops all packets without an error on either side. */
  hold(): void {
    this.#open = Promise.withResolvers();
  }

  /** Lets held bytes pass, as TCP repeats what was not acknowledged. */
  release(): void {
    this.#open.resolve();
  }

  /** Open connections stay open without a server at the other end, as after a failover or a lost NAT entry. */
  strand(): void {
    for (const connection of this.#connections) connection.strand();
  }

  /** Closes the server's side of all connections; clients may still send. */
  halfClose(): void {
    for (const connection of this.#connections) connection.halfClose();
  }

  /** Ends all connections with RST. */
  reset(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /** New connections lead to another server from now on. */
  pointTo(target: number): void {
    this.#target = target;
  }

  async close(): Promise<void> {
    this.release();
    for (const connection of this.#connections) connection.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** One connection through a proxy. */
export class Connection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #link: Link;
  #stranded = false;
  #repliesHeld = false;
  readonly closed: Promise<unknown>;

  constructor(client: Socket, upstream: Socket, link: Link) {
    this.#client = client;
    this.#upstream = upstream;
    this.#link = link;
    client.on('error', () => {});
    // Without a server the client gets an error, as from a balancer without servers.
    upstream.on('error', () => this.reset());
    this.#join(client, upstream, (chunk) => link.intercept?.(chunk, this));
    this.#join(upstream, client, () => undefined);
    const ended = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
    this.closed = Promise.all([ended(client), ended(upstream)]);
  }

  #join(from: Socket, to: Socket, look: (chunk: Buffer) => Promise<void> | undefined): void {
    let before: Promise<unknown> = Promise.resolve();
    const pass = (act: () => void, look?: () => Promise<void> | undefined) => {
      const due = Date.now() + this.#link.delayMs;
      before = before.then(async () => {
        if (due > Date.now()) await sleep(due - Date.now());
        await this.#link.passing;
        await look?.();
        if (this.#stranded || (from === this.#upstream && this.#repliesHeld)) return;
        if (!to.destroyed) act();
      });
    };
    from.on('data', (chunk) =>
      pass(
        () => to.write(chunk),
        () => look(chunk),
      ),
    );
    from.on('end', () => pass(() => to.end()));
    // An abrupt end (a killed process, RST) ends the other side as well, unless the connection was forgotten.
    from.on('close', () => pass(() => to.destroySoon()));
  }

  strand(): void {
    this.#stranded = true;
    // The server must not wait for a client that it cannot hear; only the client does not know.
    this.#upstream.destroy();
    this.#client.once('end', () => this.#client.destroy());
    this.#client.once('close', () => this.#upstream.destroy());
  }

  halfClose(): void {
    this.#stranded = true;
    this.#client.end();
    this.#upstream.destroy();
    // A client that closes in turn is done.
    this.#client.once('end', () => this.#client.destroy());
  }

  /** Drops all further answers of the server. */
  holdReplies(): void {
    this.#repliesHeld = true;
  }

  reset(): void {
    // libuv resets no socket that is being shut down (uv_tcp_close_reset), and Node then never closes it.
    if (this.#client.writableEnded) this.#client.destroy();
    else this.#client.resetAndDestroy();
    this.#upstream.destroy();
  }
}
