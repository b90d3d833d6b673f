import { z } from 'zod';
import { FootfallError } from '../platform/errors.ts';
import { problemsOf } from '../platform/validation.ts';
import { STATE_FORMAT } from './state-format.ts';

/**
 * A generation is one whole counting of an events topic: all keys of its shards, which carry its id. Several lie in
 * Redis side by side, and each is filled from Kafka by itself, since its shards' heads say how far it goes. So what is
 * stored is never converted: a changed fold, another number of partitions or a funnel of all history is a new
 * generation, and readers and writers go over to it by one record.
 */
export interface Generation {
  /** The format's number for its first one; `<format>.<n>` for those that were rebuilt. Never given twice. */
  id: string;
  /** The STATE_FORMAT of the fold. */
  format: number;
  topic: string;
  /** Of the topic = shards. */
  partitions: number;
  /** When it was begun, ms; 0: with the installation. Funnels that were defined before are counted from the beginning. */
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
/** A generation that somebody began on purpose, and what has become of it. */
export type ListedGeneration = z.infer<typeof generationSchema>;

const pointerSchema = z.object({
  id: z.string(),
  /** The one that was current before; what is not in the log (signalled carts) is carried over from there. */
  previous: z.string().optional(),
  /** Since when, ms. */
  since: z.number().int().min(0),
});
export type Pointer = z.infer<typeof pointerSchema>;

const generationsSchema = z.object({
  generations: z.array(generationSchema),
  /** By `<format>:<topic>`: which one programs of this format read and write. */
  current: z.record(z.string(), pointerSchema),
  /** How many were ever rebuilt: ids are not given twice, since records in the log carry them. */
  rebuilt: z.number().int().min(0),
});
/** Which generations there are and which are current: one record, under {@link GENERATIONS}, in the topic of the sites. */
export type Generations = z.infer<typeof generationsSchema>;

/** The record's key. A site's id never begins so. */
export const GENERATIONS = '#generations';

/** Of an installation that nobody has rebuilt anything in. */
export const NO_GENERATIONS: Generations = { generations: [], current: {}, rebuilt: 0 };

/** @throws FootfallError `bad_generations` for what can't be read: any guess would answer from wrong numbers. */
export function generationsOf(text: string | undefined): Generations {
  if (text === undefined) return NO_GENERATIONS;
  const parsed = generationsSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const problems = problemsOf(parsed.error).map(({ path, message }) => `${path}: ${message}`);
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

/** Where a program's events come from, by its configuration. */
export interface EventsTopic {
  eventsTopic: string;
  partitions: number;
}

const placeOf = (topic: string, format = STATE_FORMAT) => `${format}:${topic}`;

/** The first generation of this program's format, which nobody has to begin. */
export const firstGeneration = ({ eventsTopic, partitions }: EventsTopic): Generation => ({
  ...{ id: String(STATE_FORMAT), format: STATE_FORMAT, topic: eventsTopic, partitions, started: 0 },
});

/** Which generation is current for a format and topic, and since when; undefined where nobody has said so. */
export const pointerOf = (known: Generations, topic: string, format = STATE_FORMAT): Pointer | undefined =>
  known.current[placeOf(topic, format)];

/** One of those that there are; the first ones of formats are not listed until somebody has switched from them. */
export const findGeneration = (known: Generations, id: string): ListedGeneration | undefined =>
  known.generations.find((one) => one.id === id);

/**
 * The generation that this program reads and writes.
 * @throws FootfallError `wrong_partitions` 500 when its configuration says another number of partitions.
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

/** What is thrown where a configuration would count users into shards that are not theirs. */
export function wrongPartitions(
  { id, topic, partitions }: Pick<Generation, 'id' | 'topic' | 'partitions'>,
  place: EventsTopic,
): FootfallError {
  const is = `Generation ${id} counts the ${partitions} partitions of ${topic}`;
  const said = `EVENTS_TOPIC and EVENTS_PARTITIONS say ${place.partitions} of ${place.eventsTopic}`;
  const message = `${is}, but ${said}. Another number of partitions needs a rebuild: npm run rebuild -- --help.`;
  return new FootfallError('wrong_partitions', 500, message);
}

/** The generation that is said to be current for a format and topic; undefined where nobody has said so. */
export function declaredCurrent(
  known: Generations,
  topic: string,
  format = STATE_FORMAT,
): ListedGeneration | undefined {
  const pointer = pointerOf(known, topic, format);
  return pointer && findGeneration(known, pointer.id);
}

/**
 * The generations that programs of earlier formats may read and write there, the latest format first; those of which
 * nobody has ever said so may never have been.
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

/** Whether the same programs read and write both, one after the other. */
export const haveSamePrograms = (
  one: Pick<Generation, 'format' | 'topic'>,
  other: Pick<Generation, 'format' | 'topic'>,
): boolean => one.format === other.format && one.topic === other.topic;

/** The same record with a further generation of a place, and its id. @param now ms. */
export function withNewGeneration(
  known: Generations,
  { topic, partitions, now, isFirst }: { topic: string; partitions: number; now: number; isFirst: boolean },
): { known: Generations; made: ListedGeneration } {
  const rebuilt = known.rebuilt + (isFirst ? 0 : 1);
  const id = isFirst ? String(STATE_FORMAT) : `${STATE_FORMAT}.${rebuilt}`;
  const made = { id, format: STATE_FORMAT, topic, partitions, started: now, state: 'building' as const };
  return { made, known: { ...known, rebuilt, generations: [...known.generations, made] } };
}

/** The same record with a generation, listed from now on, in a state. */
export function withState(known: Generations, one: Generation, state: GenerationState): Generations {
  const others = known.generations.filter(({ id }) => id !== one.id);
  return { ...known, generations: [...others, { ...one, state }] };
}

/** The same record without a generation whose keys are gone; it is current nowhere. */
export const withoutGeneration = (known: Generations, id: string): Generations => ({
  ...known,
  generations: known.generations.filter((one) => one.id !== id),
  current: Object.fromEntries(Object.entries(known.current).filter(([, pointer]) => pointer.id !== id)),
});

/**
 * The same record with another generation current for its format and topic.
 * @param from the one that was current, here or for the topic and format that this one takes over from.
 * @param now ms.
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

/** Where it is known which generations there are. */
export interface GenerationSource {
  /** As they were ten seconds ago at most; costs nothing as a rule. */
  generations(): Promise<Generations>;
}

/** Enough for the current one, the one before, and one that is going. */
const MAX_MADE = 4;

/** What a process needs of a generation's keys: made once for each one that it meets. */
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
   * Of the generation that is current: ask for each batch and each request, and stay with it to its end.
   * @throws as {@link currentGeneration}; FootfallError `sites_unavailable` 503 when that can't be told.
   */
  async current(): Promise<T> {
    return this.of(currentGeneration(await this.#source.generations(), this.#place));
  }

  /** Of the first one, for who has to say something while it can't be told which one is current. */
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
