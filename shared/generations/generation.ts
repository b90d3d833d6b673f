import * as z from 'zod';
import { FootfallError } from '../platform/errors.ts';
import { problemLines } from '../platform/validation.ts';
import { STATE_FORMAT } from './state-format.ts';

/**
 * A generation is one complete count of an events topic: all keys of its shards carry its id. Several can be in Redis
 * at the same time. Each is filled from Kafka by itself, since the heads of its shards say how far it has come.
 *
 * Stored data is never converted. A changed fold, another number of partitions or a funnel over all history takes a new
 * generation, and one record switches readers and writers to it.
 */
export interface Generation {
  /** The format's number for the first generation, `<format>.<n>` for rebuilt ones. Never reused. */
  id: string;
  /** The STATE_FORMAT of the programs that count it. */
  format: number;
  topic: string;
  /** Partitions of the topic, and shards. */
  partitions: number;
  /** When it was started, ms; 0 for the first one. Funnels defined before that count all events. */
  started: number;
}

const stateSchema = z.enum(['building', 'ready', 'live', 'old', 'freeing']);
export type GenerationState = z.infer<typeof stateSchema>;

const generationSchema = z.object({
  id: z.string().regex(/^\d+(\.\d+)?$/),
  format: z.number().int().min(1),
  topic: z.string().min(1),
  partitions: z.number().int().min(1),
  started: z.number().int().min(0),
  state: stateSchema,
});
/** A generation in the record, and its state. */
export type ListedGeneration = z.infer<typeof generationSchema>;

const pointerSchema = z.object({
  id: z.string(),
  /** The generation that was current before. What is not in the log (signalled carts) is taken over from there. */
  previous: z.string().optional(),
  /** Since when, ms. */
  since: z.number().int().min(0),
});
export type Pointer = z.infer<typeof pointerSchema>;

const generationsSchema = z.object({
  generations: z.array(generationSchema),
  /** By `<format>:<topic>`: the generation that programs of this format read and write. */
  current: z.record(z.string(), pointerSchema),
  /** How many were ever rebuilt. Ids are not reused, since records in the log carry them. */
  rebuilt: z.number().int().min(0),
});
/** All generations, and which are current: one record with the key {@link GENERATIONS} in the sites topic. */
export type Generations = z.infer<typeof generationsSchema>;

/** The record's key. No site's id starts with this character. */
export const GENERATIONS = '#generations';

/** An installation without any rebuild. */
export const NO_GENERATIONS: Generations = { generations: [], current: {}, rebuilt: 0 };

/**
 * Reads the record.
 * @throws FootfallError `bad_generations` 500 when it can't: a guess would answer with wrong numbers.
 */
export function generationsOf(text: string | undefined): Generations {
  if (text === undefined) return NO_GENERATIONS;
  const parsed = generationsSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const problems = problemLines(parsed.error);
  throw new FootfallError(
    'bad_generations',
    500,
    `The record of generations can't be read: ${problems.join('; ')}.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The events topic of a program's configuration. */
export interface EventsTopic {
  eventsTopic: string;
  partitions: number;
}

const placeOf = (topic: string, format = STATE_FORMAT) => `${format}:${topic}`;

/** The first generation of this program's format. It needs no record. */
export const firstGeneration = ({ eventsTopic, partitions }: EventsTopic): Generation => ({
  ...{ id: String(STATE_FORMAT), format: STATE_FORMAT, topic: eventsTopic, partitions, started: 0 },
});

/** Which generation is current for a format and topic, and since when; undefined when the record does not say. */
export const pointerOf = (known: Generations, topic: string, format = STATE_FORMAT): Pointer | undefined =>
  known.current[placeOf(topic, format)];

/** A generation in the record. The first one of a format is not listed until another one has replaced it. */
export const findGeneration = (known: Generations, id: string): ListedGeneration | undefined =>
  known.generations.find((one) => one.id === id);

/**
 * The generation that this program reads and writes.
 * @throws FootfallError `wrong_partitions` 500 when the configuration has another number of partitions.
 */
export function currentGeneration(known: Generations, place: EventsTopic): Generation {
  const pointer = pointerOf(known, place.eventsTopic);
  if (!pointer) return firstGeneration(place);
  const found = findGeneration(known, pointer.id);
  if (!found)
    throw new FootfallError('bad_generations', 500, `Generation ${pointer.id} is current and not listed.`);
  if (found.partitions !== place.partitions) throw wrongPartitions(found, place);
  return found;
}

/** The error for a configuration that would count users in the wrong shards. */
export function wrongPartitions(
  { id, topic, partitions }: Pick<Generation, 'id' | 'topic' | 'partitions'>,
  place: EventsTopic,
): FootfallError {
  const is = `Generation ${id} counts the ${partitions} partitions of ${topic}`;
  const said = `EVENTS_TOPIC and EVENTS_PARTITIONS say ${place.partitions} of ${place.eventsTopic}`;
  const message = `${is}, but ${said}. Another number of partitions needs a rebuild: npx footfall rebuild --help.`;
  return new FootfallError('wrong_partitions', 500, message);
}

/** The generation that the record names as current for a format and topic; undefined when it names none. */
export function declaredCurrent(
  known: Generations,
  topic: string,
  format = STATE_FORMAT,
): ListedGeneration | undefined {
  const pointer = pointerOf(known, topic, format);
  return pointer && findGeneration(known, pointer.id);
}

/**
 * The generations that programs of earlier formats may read and write, the latest format first. Those that the record
 * does not name may never have existed.
 */
export function earlierGenerations(known: Generations, place: EventsTopic): Generation[] {
  return Array.from({ length: STATE_FORMAT - 1 }, (_, i) => STATE_FORMAT - 1 - i).map(
    (format) =>
      declaredCurrent(known, place.eventsTopic, format) ?? {
        ...firstGeneration(place),
        id: String(format),
        format,
      },
  );
}

/** Whether the same programs read and write both generations, one after the other. */
export const haveSamePrograms = (
  one: Pick<Generation, 'format' | 'topic'>,
  other: Pick<Generation, 'format' | 'topic'>,
): boolean => one.format === other.format && one.topic === other.topic;

/** The record with a further generation, and that generation. @param now ms since the epoch */
export function withNewGeneration(
  known: Generations,
  { topic, partitions, now, isFirst }: { topic: string; partitions: number; now: number; isFirst: boolean },
): { known: Generations; made: ListedGeneration } {
  const rebuilt = known.rebuilt + (isFirst ? 0 : 1);
  const id = isFirst ? String(STATE_FORMAT) : `${STATE_FORMAT}.${rebuilt}`;
  const made = { id, format: STATE_FORMAT, topic, partitions, started: now, state: 'building' as const };
  return { made, known: { ...known, rebuilt, generations: [...known.generations, made] } };
}

/** The record with a generation in this state; it is listed from now on. */
export function withState(known: Generations, one: Generation, state: GenerationState): Generations {
  const others = known.generations.filter(({ id }) => id !== one.id);
  return { ...known, generations: [...others, { ...one, state }] };
}

/** The record without a generation whose keys are gone. It is no longer current for anything. */
export const withoutGeneration = (known: Generations, id: string): Generations => ({
  ...known,
  generations: known.generations.filter((one) => one.id !== id),
  current: Object.fromEntries(Object.entries(known.current).filter(([, pointer]) => pointer.id !== id)),
});

/**
 * The record with another generation as the current one of its format and topic.
 * @param from the generation that was current, there or for the topic and format that this one replaces
 * @param now ms since the epoch
 */
export function switched(
  known: Generations,
  { from, to, now }: { from: Generation | undefined; to: Generation; now: number },
): Generations {
  const left = from ? withState(known, from, 'old') : known;
  const pointer: Pointer = { id: to.id, since: now, ...(from && { previous: from.id }) };
  return {
    ...withState(left, to, 'live'),
    current: { ...left.current, [placeOf(to.topic, to.format)]: pointer },
  };
}

/** Knows the record of generations. */
export interface GenerationSource {
  /** The record as it was at most ten seconds ago. Usually answers from memory. */
  generations(): Promise<Generations>;
}

/** Enough for the current generation, the one before, and one that is being freed. */
const MAX_MADE = 4;

/** Makes what a process needs for a generation once for each generation, such as a store. */
export class PerGeneration<T> {
  readonly #source: GenerationSource;
  readonly #place: EventsTopic;
  readonly #make: (generation: Generation) => T;
  readonly #made = new Map<string, T>();

  constructor(source: GenerationSource, place: EventsTopic, make: (generation: Generation) => T) {
    this.#source = source;
    this.#place = place;
    this.#make = make;
  }

  /**
   * For the current generation. Call it once for each batch or request, and use the result to its end.
   * @throws as {@link currentGeneration}; FootfallError `sites_unavailable` 503 when the record can't be read.
   */
  async current(): Promise<T> {
    return this.of(currentGeneration(await this.#source.generations(), this.#place));
  }

  /** For the first generation, while the record can't be read. */
  first(): T {
    return this.of(firstGeneration(this.#place));
  }

  of(generation: Generation): T {
    const found = this.#made.get(generation.id);
    if (found) return found;
    const [oldest] = this.#made.keys();
    if (oldest !== undefined && this.#made.size >= MAX_MADE) this.#made.delete(oldest);
    const made = this.#make(generation);
    this.#made.set(generation.id, made);
    return made;
  }
}
