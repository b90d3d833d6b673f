import type { Redis } from 'ioredis';
import { redisFailure } from '../../local/failures.ts';
import { withoutSecrets } from '../../local/without-secrets.ts';
import type { Config } from '../../shared/platform/config.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { connectRedis, type RedisClient, serversOf } from '../../shared/platform/redis/connection.ts';
import { infoField, type ServerInfo, serverInfos } from '../../shared/platform/redis/server-info.ts';
import { within } from '../../shared/platform/time-limit.ts';
import { clockFinding, type Finding, fine, problem, worthKnowing } from './findings.ts';

/** How long Redis may take for an answer, and for its first one with the connection, ms. */
const COMMAND_MS = 3_000;
const FIRST_MS = 5_000;
/** As the alarm "Redis is full". */
const MAX_MEMORY_PERCENT = 80;
/** The oldest version with all commands that are used. */
const MIN_VERSION = [6, 2] as const;

/** Asks Redis: reach, TLS, password, rights, policy, memory, persistence, version, clock. Throws nothing of Redis. */
export async function askRedis({ redis: address }: Pick<Config, 'redis'>): Promise<Finding[]> {
  const at = withoutSecrets(address.url);
  const redis = connectRedis(address, { commandTimeout: COMMAND_MS });
  try {
    await within(
      FIRST_MS,
      () => redis.ping(),
      () => new FootfallError('redis_unreachable', 503, hangs(at)),
    );
    return [
      fine('reach', `Redis answers at ${at}.`),
      ...(await writes(redis, at)),
      ...(await infos(redis)),
      ...(await persistence(redis)),
      ...(await clock(redis)),
    ];
  } catch (error) {
    return [failed(error, at)];
  } finally {
    redis.disconnect();
  }
}

const hangs = (at: string) =>
  `Redis at ${at} does not answer within ${COMMAND_MS / 1_000} s, though its port takes connections. Is it Redis, and does it hang? Does it ask for TLS (rediss://)?`;

function failed(error: unknown, at: string): Finding {
  if (error instanceof FootfallError) return problem('reach', error.message);
  if (/^Command timed out/.test((error as Error).message)) return problem('reach', hangs(at));
  const failure = redisFailure(error, at);
  if (!failure) throw error;
  const about = failure.kind === 'password' || failure.kind === 'rights' ? failure.kind : 'reach';
  return problem(about, failure.message);
}

/** A script that writes, as all of Footfall's do. Its key is gone after a second. */
async function writes(redis: RedisClient, at: string): Promise<Finding[]> {
  try {
    await redis.eval("return redis.call('SET', KEYS[1], '1', 'PX', 1000)", 1, 'doctor');
    return [fine('rights', 'Redis runs scripts that write.')];
  } catch (error) {
    const { message } = error as Error;
    if (/\bOOM\b/.test(message))
      return [problem('redis', 'Redis is full and takes no writes. See "Redis is full" in docs/runbook.md.')];
    if (/\bREADONLY\b/.test(message))
      return [problem('reach', `Redis at ${at} is a replica, which takes no writes. Name the primary.`)];
    const failure = redisFailure(error, at);
    return [problem('rights', failure?.message ?? `Redis at ${at} does not run a script (${message}).`)];
  }
}

async function infos(redis: RedisClient): Promise<Finding[]> {
  return (await serverInfos(redis)).flatMap((one) => [
    versionFinding(one),
    policyFinding(one),
    memoryFinding(one),
  ]);
}

function versionFinding({ address, version }: ServerInfo): Finding {
  if (version === null) return worthKnowing('version', `Redis ${address} does not tell its version.`);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isRight = major > MIN_VERSION[0] || (major === MIN_VERSION[0] && minor >= MIN_VERSION[1]);
  if (isRight) return fine('version', `Redis ${address} has version ${version}.`);
  return problem(
    'version',
    `Redis ${address} has version ${version}. Footfall needs ${MIN_VERSION.join('.')} or later.`,
  );
}

function policyFinding({ address, policy }: ServerInfo): Finding {
  if (policy === null)
    return worthKnowing(
      'redis',
      `Redis ${address} does not tell its maxmemory-policy. It must be noeviction.`,
    );
  if (policy === 'noeviction') return fine('redis', `Redis ${address} evicts nothing.`);
  const message = `Redis ${address} has maxmemory-policy ${policy}: when it is full it drops parts of numbers. Set maxmemory-policy noeviction.`;
  return problem('redis', message);
}

function memoryFinding({ address, usedMemory, maxMemory }: ServerInfo): Finding {
  if (usedMemory === null || maxMemory === null)
    return worthKnowing('redis', `Redis ${address} does not tell how full it is.`);
  if (maxMemory === 0)
    return worthKnowing(
      'redis',
      `Redis ${address} has no memory limit (maxmemory 0): nothing warns before its machine is full.`,
    );
  const percent = Math.round((100 * usedMemory) / maxMemory);
  if (percent < MAX_MEMORY_PERCENT) return fine('redis', `Redis ${address} uses ${percent} % of its memory.`);
  const message = `Redis ${address} uses ${percent} % of its memory. See "Redis is full" in docs/runbook.md.`;
  return problem('redis', message);
}

async function persistence(redis: RedisClient): Promise<Finding[]> {
  const all = await Promise.all(serversOf(redis).map(persistenceOf));
  return all.flat();
}

async function persistenceOf(server: Redis): Promise<Finding[]> {
  let text: string;
  try {
    text = `${await server.info('persistence')}\n${await server.info('replication')}`;
  } catch {
    return []; // Some hosted servers refuse INFO; they keep copies themselves.
  }
  const broken = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'].filter(
    (name) => infoField(text, name) === 'err',
  );
  if (broken.length > 0)
    return [
      problem(
        'redis',
        `Redis cannot write to its disk (${broken.join(', ')}). Look at its log and its disk.`,
      ),
    ];
  const isKept =
    infoField(text, 'aof_enabled') === '1' || Number(infoField(text, 'connected_slaves') ?? 0) > 0;
  if (isKept)
    return [fine('redis', 'Redis keeps its data over a restart: in an append-only file, or on a replica.')];
  const message =
    'Redis has no append-only file and no replica. After a restart all numbers are read from Kafka again, as far as its retention goes.';
  return [worthKnowing('redis', message)];
}

async function clock(redis: RedisClient): Promise<Finding[]> {
  try {
    const before = Date.now();
    const [seconds, micros] = await serversOf(redis)[0]!.time();
    const middle = (before + Date.now()) / 2;
    return [clockFinding('Redis', Number(seconds) * 1_000 + Number(micros) / 1_000 - middle)];
  } catch {
    return [];
  }
}
