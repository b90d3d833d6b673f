import { currencyCode } from '../../sites/site.ts';

/** Signs and words that name one currency. A dollar may be any of twenty. */
const NAMES: Readonly<Record<string, string>> = {
  '€': 'EUR',
  EURO: 'EUR',
  EUROS: 'EUR',
  '£': 'GBP',
  '₹': 'INR',
  '₺': 'TRY',
  '₴': 'UAH',
  '₪': 'ILS',
  '₩': 'KRW',
  '₫': 'VND',
  '₱': 'PHP',
  '₸': 'KZT',
  '₽': 'RUB',
  ZŁ: 'PLN',
  US$: 'USD',
  R$: 'BRL',
};

/** The code in capitals, also of a currency that is named by its sign. What is none stays, in capitals. */
export function currencyOf(text: string): string {
  const code = text.trim().toUpperCase();
  return Object.hasOwn(NAMES, code) ? NAMES[code]! : code;
}

const WITH_CODE = /^\s*(?:([A-Za-z]{3})\s*(?=[\d.(−-])(.{1,60})|(.{1,60}?[\d)])\s*([A-Za-z]{3}))\s*$/s;

/**
 * An amount with a currency's code before or behind it.
 * @returns undefined when there is none.
 * @example amountWithCode('10.00 EUR') // { amount: '10.00', code: 'EUR' }
 */
export function amountWithCode(value: unknown): { amount: string; code: string } | undefined {
  if (typeof value !== 'string') return undefined;
  const [, before, behindCode, beforeCode, behind] = WITH_CODE.exec(value) ?? [];
  const code = (before ?? behind)?.toUpperCase();
  if (code === undefined || !currencyCode.safeParse(code).success) return undefined;
  return { amount: (behindCode ?? beforeCode)!, code };
}
