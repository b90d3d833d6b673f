import { unpackOrder } from '../fold/order-state.ts';
import { unpackInteractions } from '../fold/timeline.ts';
import { unpackUserState } from '../fold/user-state.ts';
import { readable } from './shorten.ts';

/** What a key of a shard holds in packed form, by the word behind the shard. */
const PACKED = /^ff:\d+(?:\.\d+)?:\{p\d+\}:(u|oe?|t):/s;

/** Whether a key holds a packed state or order, which can only be read whole. */
export const isPackedWhole = (key: string): boolean => /^(u|oe?)$/.test(PACKED.exec(key)?.[1] ?? '');

/**
 * Packed states, orders and timelines as JSON. Of a timeline, those of its interactions that are whole in `bytes`.
 * Undefined for other keys, and for what can't be decoded: an unknown state format, or a state that was cut.
 */
export function decodeValue(key: string, bytes: Buffer): unknown {
  try {
    switch (PACKED.exec(key)?.[1]) {
      case 'u':
        return readable(unpackUserState(bytes));
      case 'o':
      case 'oe':
        return readable(unpackOrder(bytes));
      case 't':
        return timelineOf(bytes);
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

function timelineOf(bytes: Buffer): unknown {
  const end = bytes.lastIndexOf('\n') + 1;
  return end === 0 ? undefined : readable(unpackInteractions(bytes.toString('utf8', 0, end)));
}
