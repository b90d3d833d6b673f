/** Whether everything runs, as in CI, and not what most changes concern. */
export const isAll = process.env.FOOTFALL_ALL === '1';

/** How thoroughly random tests look, against a quick `npm test` (1); FOOTFALL_RUNS counts in hundredths. */
const thoroughness = Number(process.env.FOOTFALL_RUNS ?? 100) / 100;

/** How often a random test runs, given how often it does in `npm test`. */
export const runs = (quick: number): number => Math.ceil(quick * thoroughness);
