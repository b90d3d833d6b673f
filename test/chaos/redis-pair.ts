import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Server } from '../../local/services/server.ts';
import { connectRedis, type RedisClient } from '../../shared/platform/redis/connection.ts';
import { waitFor } from '../support/wait-for.ts';
import { Link } from './link.ts';

/** A primary and its replica. The functions know one address, which leads to the present primary. */
export class RedisPair {
  /** Between the functions and the primary. */
  readonly front: Link;
  /** Between the replica and the primary. */
  readonly replication: Link;
  #primary: Server;
  #replica: Server;
  /** Around the proxies. */
  readonly #direct = new Map<Server, RedisClient>();

  private constructor(primary: Server, replica: Server, front: Link, replication: Link) {
    this.#primary = primary;
    this.#replica = replica;
    this.front = front;
    this.replication = replication;
  }

  static async open(primary: Server, replica: Server): Promise<RedisPair> {
    const pair = new RedisPair(
      primary,
      replica,
      await Link.open(primary.port),
      await Link.open(primary.port),
    );
    await pair.replicate();
    return pair;
  }

  get primary(): Server {
    return this.#primary;
  }

  get replica(): Server {
    return this.#replica;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.front.port}`;
  }

  /** A direct connection to one of the servers, by default the primary. */
  direct(server = this.#primary): RedisClient {
    let redis = this.#direct.get(server);
    if (!redis) {
      const url = `redis://127.0.0.1:${server.port}`;
      redis = connectRedis({ url }, { commandTimeout: 2_000, enableAutoPipelining: true });
      this.#direct.set(server, redis);
    }
    return redis;
  }

  /** Makes the replica follow the primary, and waits until it does. */
  async replicate(): Promise<void> {
    this.replication.pointTo(this.#primary.port);
    const replica = this.direct(this.#replica);
    await waitFor('the replica to answer', () => replica.replicaof('127.0.0.1', this.replication.port));
    await waitFor('the replica to follow', async () =>
      (await replica.info('replication')).includes('master_link_status:up'),
    );
  }

  /** Promotes the replica with its present data, and leads the functions' address there. */
  async promote(): Promise<void> {
    await this.direct(this.#replica).replicaof('NO', 'ONE');
    [this.#primary, this.#replica] = [this.#replica, this.#primary];
    this.front.pointTo(this.#primary.port);
  }

  /** Copies the primary's files. @returns their folder. */
  async snapshot(): Promise<string> {
    const from = dirname(this.#primary.logFile);
    const to = `${from}-snapshot`;
    await rm(to, { recursive: true, force: true });
    await mkdir(to);
    for (const name of await dataOf(from)) await cp(join(from, name), join(to, name), { recursive: true });
    return to;
  }

  /** Kills the primary and starts it with a snapshot, or empty. */
  async restartFrom(snapshot: string | undefined): Promise<void> {
    const folder = dirname(this.#primary.logFile);
    await this.#primary.kill();
    for (const name of await dataOf(folder)) await rm(join(folder, name), { recursive: true });
    if (snapshot !== undefined) await cp(snapshot, folder, { recursive: true });
    await this.#primary.start();
  }

  async close(): Promise<void> {
    for (const redis of this.#direct.values()) redis.disconnect();
    await Promise.all([this.front.close(), this.replication.close()]);
    await Promise.all([this.#primary.kill(), this.#replica.kill()]);
  }
}

/** The names of a server's files with data: appendonly.aof (until Redis 6), appendonlydir, dump.rdb. */
const dataOf = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.startsWith('appendonly') || name.endsWith('.rdb'));
