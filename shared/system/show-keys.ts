import * as z from 'zod';
import { FootfallError } from '../platform/errors.ts';
import { check } from '../platform/http/check.ts';
import { cursorOf, cursorParameter, nextCursor, readCursor } from '../platform/http/cursor.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import type { RedisClient } from '../platform/redis/connection.ts';
import { escapeGlob, scanPage } from '../platform/redis/scan.ts';
import { readScript } from '../platform/redis/script.ts';
import { mustBeInstallation, readAccess } from '../sites/access.ts';
import { decodeValue, isPackedWhole } from './decode-value.ts';
import { hasKeyHashes, isSecret, maskRecord } from './mask.ts';
import { MASKED, type Shortened, shorten, shortenedSchema } from './shorten.ts';
import type { SystemContext } from './system-context.ts';

/** Every key of an installation begins with this, behind its prefix. Others of the same Redis are not shown. */
const OWN = 'ff:';

/** Steps of one scan: some twenty thousand keys are looked at, which holds Redis for some ms in all. */
const SCAN_STEPS = 20;

/** Bytes that are shown of a string, and of a packed state or order, which can only be decoded whole. */
const STRING_BYTES = 8_192;
const PACKED_BYTES = 65_536;
/** Entries that are shown of a hash, list, set or sorted set, and bytes of each part of them. */
const ENTRIES = 100;
const ENTRY_BYTES = 2_048;

export const keysQuery = z.strictObject({
  match: z.string().min(1).max(500).optional().meta({
    description:
      'A glob over the whole key (`*`, `?`, `[a-z]`, and `\\` before one that stands for itself), or a text that the key contains',
    example: 'ff:6:{p*}:u:shoes:*',
  }),
  cursor: cursorParameter,
  limit: z.coerce
    .number('a whole number')
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .meta({ description: 'About how many keys a page has' }),
});

const type = z.enum(['string', 'hash', 'list', 'set', 'zset', 'other']);

export const keysAnswer = z.object({
  keys: z
    .array(z.object({ key: z.string(), type }))
    .meta({ description: 'In no order. A key may come twice' }),
  next_cursor: nextCursor.meta({
    description: 'Absent when all keys were looked at. A page may be empty and have one',
  }),
});

export const keyPath = z.object({
  redis_key: z.string().max(5_000).meta({ description: 'Without REDIS_KEY_PREFIX', example: 'ff:sites' }),
});

export const keyAnswer = z
  .object({
    key: z.string(),
    type,
    ttl_ms: z.number().int().nullable().meta({ description: 'Until it expires; null: never' }),
    size: z.number().int().meta({ description: 'Bytes of a string, entries of anything else' }),
    memory: z.number().int().nullable().meta({ description: 'Bytes of Redis, estimated; null: not told' }),
    value: shortenedSchema.optional().meta({ description: 'Of a string' }),
    entries: z
      .array(
        z.object({
          field: shortenedSchema.optional().meta({ description: 'Of a hash' }),
          value: shortenedSchema,
          score: z.number().nullable().optional().meta({ description: 'Of a sorted set' }),
        }),
      )
      .optional()
      .meta({ description: `The first ${ENTRIES} of anything else; those of a sorted set by score` }),
    cut: z.boolean().meta({ description: 'Whether there is more than is shown' }),
    masked: z.boolean().meta({ description: 'Whether secrets in it are masked' }),
    readable: z
      .unknown()
      .optional()
      .meta({
        description: `A packed user state or order of up to ${PACKED_BYTES / 1_024} kB, or the beginning of a timeline, decoded. Instants are ms since the epoch, money is in minor units`,
      }),
  })
  .meta({
    id: 'RedisKey',
    examples: [
      {
        key: 'ff:6:{p0}:head',
        type: 'hash',
        ttl_ms: null,
        size: 5,
        memory: 192,
        entries: [
          {
            field: { bytes: 4, text: 'next', cut: false },
            value: { bytes: 5, text: '12051', cut: false },
          },
        ],
        cut: true,
        masked: false,
      },
    ],
  });
type KeyAnswer = z.infer<typeof keyAnswer>;

/**
 * `GET /v1/system/keys`: a bounded number of steps of SCAN, in all servers of a cluster one after the other.
 * @throws FootfallError `unauthorized` 401, `installation_only` 403, `invalid_parameter` 400, `redis_unavailable` 503.
 */
export async function listKeys(request: HttpRequest, context: SystemContext): Promise<HttpResponse> {
  mustBeInstallation(await readAccess(request, context));
  const { match, cursor, limit } = check(keysQuery, request.queryStringParameters ?? {});
  const [server, at] = readCursor(cursor, z.tuple([z.string(), z.string().regex(/^\d{1,20}$/)])) ?? [];
  const after = server !== undefined && at !== undefined ? { server, cursor: at } : undefined;
  const { redis } = context;
  const page = await scanPage(redis, patternOf(match), { after, limit, steps: SCAN_STEPS });
  if (!page) {
    const message = 'cursor: the servers of Redis have changed since; begin again without it';
    throw new FootfallError('invalid_parameter', 400, message, {
      details: { errors: [{ path: 'cursor', message: 'the servers of Redis have changed since' }] },
    });
  }
  const found = page.keys.filter((key) => key.startsWith(OWN));
  const types = await Promise.all(found.map((key) => redis.type(key)));
  const keys = found
    .map((key, i) => ({ key, type: types[i]! }))
    // It has expired since.
    .filter((one) => one.type !== 'none')
    .map((one) => ({ ...one, type: typeOf(one.type) }));
  const { next } = page;
  const next_cursor = next && cursorOf([next.server, next.cursor]);
  return json(200, { data: { keys, ...(next_cursor !== undefined && { next_cursor }) } }, NOT_KEPT);
}

/** @param match see {@link keysQuery} */
function patternOf(match: string | undefined): string {
  if (match === undefined) return `${OWN}*`;
  return /[*?[\\]/.test(match) ? match : `*${escapeGlob(match)}*`;
}

const typeOf = (text: string) => type.catch('other').parse(text);

type Part = [bytes: Buffer, length: number];
type ReadKey = (
  keyCount: 1,
  ...args: (string | number)[]
) => Promise<[type: Buffer, ttl: number, size: number, memory: number, ...parts: (Buffer | number)[]]>;

const READ_KEY = readScript('system/read-key.lua');

/**
 * `GET /v1/system/keys/{redis_key}`. Redis cuts long values itself.
 * @throws FootfallError `unauthorized` 401, `installation_only` 403, `unknown_redis_key` 404, `redis_unavailable` 503.
 */
export async function showKey(request: HttpRequest, context: SystemContext): Promise<HttpResponse> {
  mustBeInstallation(await readAccess(request, context));
  const { redis_key: key } = check(keyPath, request.pathParameters ?? {});
  const data = key.startsWith(OWN) ? await readKey(context.redis, key) : undefined;
  if (!data) throw new FootfallError('unknown_redis_key', 404, 'This installation has no such key in Redis.');
  return json(200, { data }, NOT_KEPT);
}

async function readKey(redis: RedisClient, key: string): Promise<KeyAnswer | undefined> {
  const script = redis as RedisClient & { readKeyBuffer?: ReadKey };
  if (!script.readKeyBuffer) redis.defineCommand('readKey', { lua: READ_KEY });
  const stringBytes = isPackedWhole(key) ? PACKED_BYTES : STRING_BYTES;
  const [name, ttl, size, memory, ...flat] = await script.readKeyBuffer!(
    ...([1, key, stringBytes, ENTRIES, ENTRY_BYTES] as const),
  );
  const text = name.toString();
  if (text === 'none') return undefined;
  const type = typeOf(text);
  const parts = flat.flatMap((part, i): Part[] =>
    i % 2 === 0 ? [[part as Buffer, flat[i + 1] as number]] : [],
  );
  return {
    ...{ key, type, size },
    ttl_ms: ttl < 0 ? null : ttl,
    memory: memory < 0 ? null : memory,
    masked: isSecret(key) || hasKeyHashes(key),
    ...(type === 'string' ? stringOf(key, parts[0]!) : entriesOf(key, type, parts, size)),
  };
}

function stringOf(key: string, [bytes, length]: Part): Pick<KeyAnswer, 'value' | 'cut' | 'readable'> {
  const decoded = bytes.length === length || !isPackedWhole(key) ? decodeValue(key, bytes) : undefined;
  const value = shown(key, [bytes, length], STRING_BYTES);
  return { value, cut: value.cut, ...(decoded !== undefined && { readable: decoded }) };
}

function entriesOf(
  key: string,
  type: KeyAnswer['type'],
  parts: readonly Part[],
  size: number,
): Pick<KeyAnswer, 'entries' | 'cut'> {
  const entries: NonNullable<KeyAnswer['entries']> = [];
  const step = type === 'hash' || type === 'zset' ? 2 : 1;
  for (let i = 0; i < parts.length; i += step) {
    const first = shown(key, parts[i]!, ENTRY_BYTES);
    if (type === 'hash') entries.push({ field: first, value: shown(key, parts[i + 1]!, ENTRY_BYTES) });
    else if (type === 'zset') entries.push({ value: first, score: scoreOf(parts[i + 1]!) });
    else entries.push({ value: first });
  }
  return { entries, cut: entries.length < size };
}

/** JSON has no infinite numbers. */
function scoreOf([bytes]: Part): number | null {
  const score = Number(bytes.toString());
  return Number.isFinite(score) ? score : null;
}

/** A part as it may be seen. */
function shown(key: string, [bytes, length]: Part, max: number): Shortened {
  if (isSecret(key)) return { bytes: length, text: MASKED, cut: false };
  const part = shorten(bytes, max, length);
  return hasKeyHashes(key) ? maskRecord(part) : part;
}
