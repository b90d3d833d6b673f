import type { Json } from './json-patch.ts';
import type { LetterShown } from './reasons.ts';

/** What a letter holds, as far as it can be read. */
export interface Held {
  /** What a patch is applied to: the event as it was sent, or the canonical one. Undefined: the content is not JSON. */
  event: Json | undefined;
  /** The format in which it was sent, when it was not understood. */
  format: string | undefined;
}

/** Fields of records that partitions send each other: a patch never sees them. */
const INTERNAL = ['origin', 'visitor', 'returned', 'replays'];

export function heldBy({ text, reason }: LetterShown): Held {
  const content = read(text);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return { event: content, format: undefined };
  }
  const { invalid } = content;
  if (reason === 'invalid' && typeof invalid === 'object' && invalid !== null && !Array.isArray(invalid)) {
    return { event: invalid.event, format: typeof invalid.format === 'string' ? invalid.format : undefined };
  }
  const event = Object.fromEntries(Object.entries(content).filter(([name]) => !INTERNAL.includes(name)));
  return { event, format: undefined };
}

function read(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
