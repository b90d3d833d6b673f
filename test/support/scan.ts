import type { RedisClient } from '../../shared/platform/redis/connection.ts';
import { keyNames } from './redis-data.ts';

/** Where a text was found in Redis: in a key, a field, a member or a value. */
export interface Place {
  key: string;
  where: 'key' | 'string' | 'field' | 'value' | 'member';
}

/** All forms of a text: plain, in JSON, in a URL, and encoded. */
function spellingsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const inJson = JSON.stringify(text).slice(1, -1);
  const ascii = inJson.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const texts = [text, inJson, ascii, encodeURIComponent(text), bytes.toString('hex')];
  // Base64 within a longer text has one of three forms, except for the characters at both ends.
  const encoded = [0, 1, 2].map((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    const whole = padded.subarray(0, padded.length - (padded.length % 3)).toString('base64');
    return whole.slice(shift === 0 ? 0 : 4);
  });
  const urls = encoded.map((one) => one.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([...texts, ...encoded, ...urls])].map((one) => Buffer.from(one));
}

/** Searches every byte of a database for texts of at least ten characters; shorter ones are found by chance. */
export async function scan(redis: RedisClient, texts: readonly string[]): Promise<Place[]> {
  for (const text of texts) if (text.length < 10) throw new Error(`${text} is too short to search for.`);
  const wanted = texts.flatMap(spellingsOf);
  const has = (bytes: Buffer) => wanted.some((one) => bytes.includes(one));
  const places: Place[] = [];
  for (const key of await keyNames(redis)) {
    const note = (where: Place['where'], bytes: Buffer) => {
      if (has(bytes)) places.push({ key, where });
    };
    note('key', Buffer.from(key));
    for (const [where, bytes] of await contentsOf(redis, key)) note(where, bytes);
  }
  return places;
}

async function contentsOf(redis: RedisClient, name: string): Promise<[Place['where'], Buffer][]> {
  const type = await redis.type(name);
  if (type === 'string') return [['string', (await redis.getBuffer(name)) ?? Buffer.alloc(0)]];
  if (type === 'zset') return (await redis.zrangeBuffer(name, '0', '-1')).map((member) => ['member', member]);
  if (type === 'hash') {
    const [fields, values] = [await redis.hkeysBuffer(name), await redis.hvalsBuffer(name)];
    return [
      ...fields.map((field): [Place['where'], Buffer] => ['field', field]),
      ...values.map((value): [Place['where'], Buffer] => ['value', value]),
    ];
  }
  if (type === 'none') return [];
  throw new Error(`Searching a Redis ${type} is not implemented.`);
}
