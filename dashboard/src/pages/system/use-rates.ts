import { useEffect, useState } from 'preact/hooks';

interface Sample {
  at: number;
  values: Readonly<Record<string, number>>;
}

const RATE_MS = 10_000;
const KEPT_MS = 60_000;

/**
 * How fast counters grow, in a second, by the polls of the last seconds.
 * @param at when the values were last seen to be current, ms.
 * @returns undefined for a counter until it was polled twice.
 */
export function useRates(
  values: Readonly<Record<string, number>> | undefined,
  at: number | undefined,
): (name: string) => number | undefined {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    if (!values || at === undefined) return;
    setSamples((before) => [
      ...before.filter((one) => at - one.at <= KEPT_MS && one.at < at),
      { at, values },
    ]);
  }, [values, at]);
  const last = samples.at(-1);
  const before = last && (samples.findLast((one) => last.at - one.at >= RATE_MS) ?? samples[0]);
  return (name) => {
    const [from, to] = [before?.values[name], last?.values[name]];
    if (from === undefined || to === undefined || before === last) return undefined;
    return Math.max(0, to - from) / ((last!.at - before!.at) / 1_000);
  };
}
