import { firstGeneration, type Generation } from '../../shared/generations/generation.ts';
import { keysOf } from '../../shared/platform/redis/keys.ts';

/** The generation of a store that nobody has rebuilt. */
export const generationOf = (partitions: number, eventsTopic = 'events'): Generation =>
  firstGeneration({ eventsTopic, partitions });

/** The keys of its shards. */
export const shardKeys = keysOf(generationOf(1).id);
