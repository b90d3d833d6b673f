/**
 * Whether anything was counted since an answer. Every answer says how many records were applied before it was computed.
 * One question that is asked often thereby tells that others need not be asked: their answers are the same.
 */

/** What the last answer of the API said, and when it came, ms since the epoch. */
let last: { applied: number; at: number } | undefined;

/** The word of the last answer holds for this long, ms: a little longer than the shortest time between two requests. */
const FRESH_MS = 3_000;
/** An open range gets a further hour or minute by time alone, so answers are asked again after this at the latest, ms. */
const LONGEST_MS = 60_000;

/** These depend on what was counted alone, but for what {@link LONGEST_MS} says; others depend on the time as well. */
const OF_COUNTED = /^\/v1\/(series|breakdowns|products|funnels|retention)\b/;

export function hearPulse(applied: number | undefined): void {
  if (applied !== undefined) last = { applied, at: Date.now() };
}

/** Forgets it: the next key may be of another installation's time. */
export function forgetPulse(): void {
  last = undefined;
}

/**
 * When an answer was last seen to be current without asking for it, ms since the epoch; undefined: it must be asked for.
 * @param address of the question.
 * @param applied what its answer said.
 * @param cameAt when that answer came.
 */
export function steadySince(
  address: string,
  applied: number | undefined,
  cameAt: number,
): number | undefined {
  const now = Date.now();
  const isSteady =
    last !== undefined &&
    last.applied === applied &&
    last.at > now - FRESH_MS &&
    cameAt > now - LONGEST_MS &&
    OF_COUNTED.test(address);
  return isSteady ? last?.at : undefined;
}
