import { type DecimalSign, decimalSignOf } from '../../shared/intake/values/decimal.ts';

/** Gathers what the numbers of a file say about its decimal sign. */
export class DecimalEvidence {
  readonly #seen = new Set<ReturnType<typeof decimalSignOf>>();

  add(text: string): void {
    this.#seen.add(decimalSignOf(text));
  }

  /** Whether a later number may decide on one before. */
  get isOpen(): boolean {
    return this.#seen.has('open') && this.sign === undefined;
  }

  get sign(): DecimalSign | undefined {
    const [point, comma] = [this.#seen.has('.'), this.#seen.has(',')];
    if (point && comma) return 'both';
    return point ? '.' : comma ? ',' : undefined;
  }
}
