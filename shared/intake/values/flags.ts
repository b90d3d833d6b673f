const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
]);

const CONSENTS: ReadonlyMap<string, boolean> = new Map([...FLAGS, ['granted', true], ['denied', false]]);

const keyOf = (value: unknown) => String(value).trim().toLowerCase();

const readFrom = (words: ReadonlyMap<string, boolean>) => (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? words.get(keyOf(value)) : booleanOf(value);

const booleanOf = (value: unknown) => (typeof value === 'boolean' ? value : undefined);

/** A flag as clients write it: true, `"true"`, 1, `"1"`, `"yes"`. @returns undefined when it is none. */
export const readFlag = readFrom(FLAGS);

/** Like {@link readFlag}, and GA4's `granted` and `denied`. */
export const readConsent = readFrom(CONSENTS);
