/** Numbers and money as people read them, in English. */

const NONE = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const finePercent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 2 });

export const formatCount = (value: number | null | undefined): string =>
  value == null ? NONE : whole.format(value);

/** @example formatShort(12_340) // '12.3K' */
export const formatShort = (value: number): string => short.format(value);

/** A share of 1; small ones with two decimals. @example formatRate(0.0123) // '1.23%' */
export const formatRate = (value: number | null | undefined): string =>
  value == null ? NONE : (Math.abs(value) < 0.1 ? finePercent : percent).format(value);

const moneyFormats = new Map<string, Intl.NumberFormat>();

function moneyFormat(currency: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const name = `${currency} ${options.notation ?? ''}`;
  let format = moneyFormats.get(name);
  if (!format) {
    format = new Intl.NumberFormat('en', { style: 'currency', currency, ...options });
    moneyFormats.set(name, format);
  }
  return format;
}

/** Decimals that a currency's minor unit has (ISO 4217). @example minorDigits('JPY') // 0 */
const minorDigits = (currency: string) =>
  moneyFormat(currency, {}).resolvedOptions().maximumFractionDigits ?? 2;

/** @param minor minor units of the currency. @example formatMoney(125_000, 'EUR') // '€1,250.00' */
export const formatMoney = (minor: number | null | undefined, currency: string): string =>
  minor == null ? NONE : moneyFormat(currency, {}).format(minor / 10 ** minorDigits(currency));

/** @param amount in units of the currency, as the API writes it. @example formatAmount('24.90', 'EUR') // '€24.90' */
export const formatAmount = (amount: string, currency: string): string =>
  moneyFormat(currency, {}).format(Number(amount));

/** @example formatMoneyShort(1_250_000, 'EUR') // '€12.5K' */
export const formatMoneyShort = (minor: number, currency: string): string =>
  moneyFormat(currency, { notation: 'compact', maximumFractionDigits: 1 }).format(
    minor / 10 ** minorDigits(currency),
  );

/** What a figure is; money is in minor units. */
export type FigureKind = 'count' | 'rate' | 'money';

/** @param currency of money. */
export function formatFigure(kind: FigureKind, value: number | null | undefined, currency: string): string {
  if (kind === 'money') return formatMoney(value, currency);
  return kind === 'rate' ? formatRate(value) : formatCount(value);
}

/** A weighted or average count. @example formatScore(12.345) // '12.3' */
export const formatScore = (value: number): string => formatCount(Math.round(value * 10) / 10);

/** @param rate in a second; null: not known. @example formatPerSecond(2.345) // '2.3/s' */
export const formatPerSecond = (rate: number | null | undefined): string =>
  rate == null ? NONE : `${formatCount(rate < 100 ? Math.round(rate * 10) / 10 : Math.round(rate))}/s`;

/** @example formatHours(168) // '7 days' */
export const formatHours = (hours: number): string =>
  hours % 24 === 0 ? `${hours / 24} ${hours === 24 ? 'day' : 'days'}` : `${hours} hours`;

/** @example formatDuration(214_730) // '3 min 35 s' */
export function formatDuration(ms: number | null | undefined): string {
  if (ms == null) return NONE;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** @example formatBytes(1_536) // '1.5 kB' */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${formatShort(bytes / 1000 ** power)} ${units[power]}`;
}

/** Relative change; undefined where there is nothing to compare with. */
export function changeBetween(
  now: number | null | undefined,
  before: number | null | undefined,
): number | undefined {
  if (now == null || before == null || before === 0) return undefined;
  return (now - before) / Math.abs(before);
}
