import { applyPatch } from 'rfc6902';
import { z } from 'zod';
import { decode, usersOf } from '../event/decode.ts';
import type { FootfallEvent } from '../event/event.ts';
import { partitionOf } from '../event/partition.ts';
import { HOUR_MS } from '../platform/time.ts';
import { userKey } from '../platform/user-key.ts';
import type { Sites } from '../sites/site.ts';
import type { Replay } from './topic.ts';

/** How what is in a letter becomes an event that can be counted. */

/** Beyond any event; as much as one may have with its headers in a request to the brokers. */
const MAX_BYTES = 900_000;

const path = z
  .string()
  .max(2_000)
  .regex(/^(\/([^~]|~[01])*)*$/s, 'a JSON pointer (RFC 6901)');

/** RFC 6902, section 4. */
const operation = z.discriminatedUnion('op', [
  z.strictObject({ op: z.enum(['add', 'replace', 'test']), path, value: z.json() }),
  z.strictObject({ op: z.literal('remove'), path }),
  z.strictObject({ op: z.enum(['move', 'copy']), path, from: path }),
]);

export const patchSchema = z.array(operation).max(100);
export type Patch = z.infer<typeof patchSchema>;

/** What is changed of a letter before it is replayed: some of it, all of it, or nothing. */
export interface Revision {
  patch?: Patch | undefined;
  /** Instead of what the letter holds. */
  event?: Record<string, unknown> | undefined;
}

export type Revised =
  | { replay: Replay; event: FootfallEvent; refusal?: never }
  | { refusal: { code: string; message: string }; replay?: never };

/**
 * What a letter is replayed as, if it can be counted as that; else why it can't. The event's id stays, unless the
 * revision changes it: so what the client has sent again meanwhile is known.
 * @param value of the letter.
 */
export function revise(
  letter: string,
  value: Buffer,
  { patch, event }: Revision,
  { sites, partitions }: { sites: Sites; partitions: number },
): Revised {
  const original = event ?? parsed(value);
  if (original === undefined) {
    return refused('not_json', 'The value is no JSON: send the whole event instead of it.');
  }
  // Of a record that one shard sent to another: that one has noted that it came, and has it no more to wait for.
  const { origin: _, replays: __, ...rest } = Object(original) as Record<string, unknown>;
  const changed = patched(Array.isArray(original) ? original : rest, patch ?? []);
  if ('refusal' in changed) return changed;
  const candidate = changed.document as Record<string, unknown> | null;
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) {
    return refused('not_an_event', 'The value is no JSON object.');
  }
  for (const internal of ['origin', 'joins', 'erases', 'replays']) {
    if (internal in candidate) {
      return refused('not_replayable', `${internal} is for records that shards send to each other.`);
    }
  }
  return checked({ ...candidate, replays: letter }, { sites, partitions });
}

function checked(
  candidate: Record<string, unknown>,
  { sites, partitions }: { sites: Sites; partitions: number },
): Revised {
  const { site, user } = candidate;
  const key = userKey({ site: String(site), user: String(user) });
  const record = {
    topic: '',
    partition: partitionOf(key, partitions),
    offset: 0,
    timestamp: 0,
    key: Buffer.from(key).toString('base64'),
    value: Buffer.from(JSON.stringify(candidate)).toString('base64'),
  };
  const decoded = decode(record, usersOf([record], partitions), sites);
  if (!decoded.event) return refused(decoded.reason, decoded.detail);
  const { event } = decoded;
  if (event.received - event.ts > decoded.site.retention_days * 24 * HOUR_MS) {
    const message = `It is older than the site keeps (${decoded.site.retention_days} days): raise its retention_days first.`;
    return refused('beyond_retention', message);
  }
  const bytes = Buffer.from(JSON.stringify(event));
  if (bytes.length > MAX_BYTES) {
    return refused('too_large', `As an event it has more than ${MAX_BYTES} bytes.`);
  }
  return { replay: { key, value: bytes }, event };
}

const refused = (code: string, message: string): Revised & { refusal: object } => ({
  refusal: { code, message },
});

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** All of the operations, or none (RFC 6902, section 5). */
function patched(document: unknown, patch: Patch): { document: unknown } | (Revised & { refusal: object }) {
  // Under a name, so that the whole document may be replaced, too.
  const holder = { it: structuredClone(document) };
  for (const [i, one] of patch.entries()) {
    const under = Object.fromEntries(
      Object.entries(one).map(([name, value]) => [
        name,
        name === 'path' || name === 'from' ? `/it${value as string}` : value,
      ]),
    ) as unknown as Parameters<typeof applyPatch>[1][number];
    try {
      const [failure] = applyPatch(holder, [under]);
      if (failure) return refused('bad_patch', failureOf(i, one));
      if (!('it' in holder)) return refused('bad_patch', `patch[${i}] removes the whole event.`);
      // Copies of copies double with each operation.
      if (JSON.stringify(holder.it).length > 2 * MAX_BYTES) {
        return refused('too_large', `patch[${i}] makes more than ${2 * MAX_BYTES} bytes of it.`);
      }
    } catch {
      return refused('bad_patch', failureOf(i, one));
    }
  }
  return { document: holder.it };
}

const failureOf = (i: number, { op, path }: Patch[number]) =>
  op === 'test'
    ? `patch[${i}]: what is at ${JSON.stringify(path)} is something else.`
    : `patch[${i}]: ${op} is not possible at ${JSON.stringify(path)}.`;
