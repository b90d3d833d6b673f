/** How an event came in: the format of its request, the script for pages, or a file. */
export const WAYS_IN = ['plain', 'script', 'segment', 'measurement_protocol', 'gtag', 'import'] as const;
export type WayIn = (typeof WAYS_IN)[number];

/**
 * Something that was put right in an event, or that made it invalid: the stable code of the rule, the path inside the
 * event without indexes (`items[].price`), and the value as it was sent, where it can't be personal.
 */
export type Finding = readonly [code: string, path: string, sample?: string];

/** Findings of one event. There are few, since lines of an order share a path. */
export const MAX_FINDINGS = 20;
/** In UTF-16 code units. */
const MAX_TEXT = 100;

const isShortText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_TEXT && value.isWellFormed();

/** Whether a value is a list of findings, as records of the log hold it. */
export const areFindings = (value: unknown): value is Finding[] =>
  Array.isArray(value) &&
  value.length <= MAX_FINDINGS &&
  value.every(
    (one) => Array.isArray(one) && (one.length === 2 || one.length === 3) && one.every(isShortText),
  );

/** Whether a value may name a way in. Later versions may have further ones. */
export const isWayIn = (value: unknown): value is WayIn => isShortText(value) && /^[a-z_]{1,32}$/.test(value);
