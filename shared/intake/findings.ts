import { type Finding, MAX_FINDINGS } from '../event/ways-in.ts';
import type { Problem } from '../platform/validation.ts';

/** What quality counts of problems and warnings: codes and paths without what identifies an event or a person. */

/** A problem or a warning: its path in the request's body, and the value there if it is known. */
export interface Found extends Problem {
  code: string;
  value?: unknown;
}

/**
 * Fields whose values can't be personal: names of events, numbers, currencies and times. Only of these are samples kept.
 * Ids, pages and properties are not here.
 */
const SAMPLED: ReadonlySet<string> = new Set([
  ...['name', 'interaction_type', 'value', 'currency', 'timestamp', 'tax', 'shipping', 'discount'],
  ...['items[].price', 'items[].quantity', 'items[].discount'],
  ...['type', 'originalTimestamp', 'event', 'properties.total', 'properties.revenue', 'properties.value'],
  ...['properties.subtotal', 'properties.currency', 'properties.price', 'properties.quantity'],
  ...['properties.tax', 'properties.shipping', 'properties.discount'],
  ...['properties.products[].price', 'properties.products[].quantity'],
  ...['timestamp_micros', 'params.value', 'params.currency', 'params.tax', 'params.shipping'],
  ...['params.items[].price', 'params.items[].quantity', 'params.items[].discount'],
  ...['en', 'cu', 'ep.value', 'epn.value', 'ep.tax', 'epn.tax', 'ep.shipping', 'epn.shipping'],
  ...['ep.currency', 'pr[].pr', 'pr[].qt', 'pr[].ds'],
]);

const MAX_SAMPLE = 40;
const MAX_PATH = 100;

/** The path inside its event of a path in a request's body: `items[0].price` of `events[3].items[0].price`. */
export const pathInEvent = (path: string): string => path.replace(/^(?:events|batch|hits)\[\d+\]\.?/, '');

/** A path in a request without indexes: `items[].price`. Names that no field has (a client's own keys) become `*`. */
function fieldOf(path: string): string {
  return pathInEvent(path)
    .replace(/^pr\d+/, 'pr[]')
    .replaceAll(/\[\d+\]/g, '[]')
    .split('.')
    .map((part) => (/^[A-Za-z_][\w-]{0,39}(?:\[\])*$|^$/.test(part) ? part : '*'))
    .join('.')
    .slice(0, MAX_PATH);
}

/** The findings of an event, each rule and field once. */
export function findingsOf(found: readonly Found[]): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { code, path, value } of found) {
    const field = fieldOf(path);
    const name = `${code} ${field}`;
    if (findings.has(name) || findings.size >= MAX_FINDINGS) continue;
    const sample = SAMPLED.has(field) ? sampleOf(value) : undefined;
    findings.set(name, sample === undefined ? [code, field] : [code, field, sample]);
  }
  return [...findings.values()];
}

/** A value as it was sent, cut. What looks like an address of a person is left out. */
function sampleOf(value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  const text = String(value);
  if (text.includes('@')) return undefined;
  return text.slice(0, MAX_SAMPLE).toWellFormed();
}

/** The value at a path such as `items[0].price`; undefined when there is none. */
export function valueAt(root: unknown, path: string): unknown {
  if (typeof root === 'object' && root !== null && Object.hasOwn(root, path)) {
    return (root as Record<string, unknown>)[path];
  }
  let value = root;
  for (const part of path.match(/[^.[\]]+/g) ?? []) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
