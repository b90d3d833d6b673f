import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freeClusterPort } from './ports.ts';
import { findRedis, redisServer } from './redis.ts';
import { type EmbeddedOptions, type Program, type Server, takeFolder } from './server.ts';

export interface RedisCluster {
  /** Of one of its nodes. */
  url: string;
  /** Masters first, then, in the same order, the replica of each. */
  nodes: Server[];
  stop(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;
/** ms; six nodes agree after some two seconds. */
const AGREE_LIMIT = 120_000;

/**
 * Starts a Redis Cluster of six nodes, three masters with a replica each, whose data end with it. Resolves when all
 * nodes say the same: every slot is served, and every replica is up to date.
 * @throws one sentence when no redis-server can be had or the nodes do not agree; nothing is left running then.
 */
export async function startRedisCluster(
  options: Pick<EmbeddedOptions, 'folder' | 'cacheDir' | 'env' | 'log'> & {
    /** So long a silence is a death, ms: a replica then takes over. */
    nodeTimeoutMs?: number;
  },
): Promise<RedisCluster> {
  // As Redis has it: on a busy machine a node is silent for seconds, and its replica would take over for nothing.
  const { folder, cacheDir, env, log, nodeTimeoutMs = 15_000 } = options;
  const program = await findRedis(cacheDir, env, log);
  const nodes: Server[] = [];
  const stop = async () => {
    const ends = await Promise.allSettled(nodes.map((node) => node.stop()));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  };
  try {
    for (let i = 0; i < 2 * MASTERS; i++) {
      nodes.push(await makeNode(program, join(folder, String(i)), nodeTimeoutMs, env));
    }
    await Promise.all(nodes.map((node) => node.start()));
    const connections = nodes.map(({ port }) => new Redis(port, '127.0.0.1', { retryStrategy: null }));
    for (const connection of connections) connection.on('error', () => {}); // Told to who sent a command.
    try {
      await form(connections);
    } finally {
      for (const connection of connections) connection.disconnect();
    }
  } catch (error) {
    await stop().catch(() => {}); // Why it does not start says more than what then could not be stopped.
    throw error;
  }
  return { url: `redis://127.0.0.1:${nodes[0]!.port}`, nodes, stop };
}

async function makeNode(
  program: Program,
  folder: string,
  nodeTimeoutMs: number,
  env: NodeJS.ProcessEnv,
): Promise<Server> {
  await takeFolder('Redis', folder, true);
  const port = await freeClusterPort();
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    'cluster-enabled': 'yes',
    'cluster-node-timeout': String(nodeTimeoutMs),
    'repl-diskless-sync': 'yes',
    'repl-diskless-sync-delay': '0',
  };
  return redisServer({ program, settings, env, port, folder });
}

/** Makes a cluster of nodes that know nothing of each other (Redis documentation, "Scale with Redis Cluster"). */
async function form(nodes: readonly Redis[]): Promise<void> {
  const [first, ...others] = nodes as [Redis, ...Redis[]];
  await Promise.all(
    nodes.map(async (node, i) => {
      await node.cluster('SET-CONFIG-EPOCH', i + 1);
      if (i >= MASTERS) return;
      const [from, to] = [i, i + 1].map((n) => Math.floor((n * SLOTS) / MASTERS)) as [number, number];
      await node.cluster(
        'ADDSLOTS',
        Array.from({ length: to - from }, (_, slot) => from + slot),
      );
    }),
  );
  await Promise.all(others.map(({ options }) => first.cluster('MEET', options.host!, options.port!)));
  await agree(
    nodes,
    (lines) => lines.length === nodes.length && !lines.some((line) => /handshake/.test(line)),
  );
  const masters = await Promise.all(nodes.slice(0, MASTERS).map((node) => node.cluster('MYID')));
  await Promise.all(masters.map((id, i) => nodes[MASTERS + i]!.cluster('REPLICATE', id as string)));
  await agree(nodes, (lines) => lines.filter((line) => / (?:myself,)?slave /.test(line)).length === MASTERS);
  await until(async () => {
    const infos = await Promise.all(nodes.map((node) => node.cluster('INFO') as Promise<string>));
    const links = await Promise.all(nodes.slice(MASTERS).map((node) => node.info('replication')));
    return (
      infos.every((info) => info.includes('cluster_state:ok')) &&
      links.every((info) => info.includes('master_link_status:up'))
    );
  });
}

/** Waits until what every node says of all nodes is right. */
const agree = (nodes: readonly Redis[], isRight: (lines: string[]) => boolean) =>
  until(async () => {
    const tables = await Promise.all(nodes.map((node) => node.cluster('NODES') as Promise<string>));
    return tables.every((table) => isRight(table.trim().split('\n')));
  });

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + AGREE_LIMIT; !(await isDone()); await sleep(50)) {
    if (Date.now() > deadline)
      throw new Error('The nodes of the Redis Cluster do not agree; see their logs.');
  }
}
