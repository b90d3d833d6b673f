/**
 * The order in which faults are shown, and should be mended: until an earlier one is mended, the later ones cannot be
 * judged.
 */
const ORDER = [
  ...['configuration', 'secrets', 'stack', 'reach', 'password', 'rights', 'topics', 'redis', 'counting'],
  ...['health', 'clock', 'version'],
] as const;

export interface Finding {
  about: (typeof ORDER)[number];
  /** `problem`: something must be done. `note`: worth knowing. `fine`: asked, and right. */
  level: 'problem' | 'note' | 'fine';
  /** Sentences: what is so, and what to do. */
  message: string;
}

export const problem = (about: Finding['about'], message: string): Finding => ({
  ...{ about, level: 'problem', message },
});
export const worthKnowing = (about: Finding['about'], message: string): Finding => ({
  ...{ about, level: 'note', message },
});
export const fine = (about: Finding['about'], message: string): Finding => ({
  ...{ about, level: 'fine', message },
});

/** What must be done first comes first. */
export const inOrder = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => ORDER.indexOf(a.about) - ORDER.indexOf(b.about));

export function findingLines(findings: readonly Finding[]): string[] {
  const of = (level: Finding['level']) =>
    inOrder(findings)
      .filter((one) => one.level === level)
      .map(({ message }) => message);
  const [problems, notes, right] = [of('problem'), of('note'), of('fine')];
  return [
    ...(problems.length > 0
      ? ['To do, in this order:', ...problems.map((message, i) => `  ${i + 1}. ${message}`)]
      : ['Nothing is wrong.']),
    ...(notes.length > 0 ? ['Worth knowing:', ...notes.map((message) => `  - ${message}`)] : []),
    ...(right.length > 0 ? ['In order:', ...right.map((message) => `  - ${message}`)] : []),
  ];
}

/** Clocks that differ by more make events too late or in the future, and signatures invalid, ms. */
const MAX_CLOCK_MS = 5_000;

/** @param ahead ms by which the other clock is ahead of this machine's */
export function clockFinding(whose: string, ahead: number): Finding {
  const seconds = Math.abs(ahead / 1_000).toFixed(1);
  if (Math.abs(ahead) <= MAX_CLOCK_MS)
    return fine('clock', `The clock of ${whose} agrees with this machine's.`);
  const way = ahead > 0 ? 'ahead of' : 'behind';
  return problem('clock', `The clock of ${whose} is ${seconds} s ${way} this machine's. Set both by NTP.`);
}
