import { firstGeneration, type Generation } from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';

/** The generation of a store that was never rebuilt. */
export const generationOf = (partitions: number, eventsTopic = 'events'): Generation =>
  firstGeneration({ eventsTopic, partitions });

/** The keys of that generation's shards. */
export const shardKeys = keysOf(generationOf(1).id);

/** The id of that generation, and of the first generation that programs of the format before would count. */
export const FIRST_ID = String(STATE_FORMAT);
export const EARLIER_ID = String(STATE_FORMAT - 1);

/** The id that the nth rebuild of this format gives to its generation. */
export const rebuiltId = (n = 1): string => `${STATE_FORMAT}.${n}`;

const shardKey = new RegExp(`^${shardKeys.prefix}\\{p\\d+\\}:(\\w+)`);

/** What a key of that generation's shards holds, by the word after the shard: `u`, `d`, `cart`. Other keys as they are. */
export const familyOf = (key: string): string => shardKey.exec(key)?.[1] ?? key;
