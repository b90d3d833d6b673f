import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Services, startServices } from '../local/services/services.ts';
import type { RedisClient } from '../shared/platform/redis/connection.ts';

/** A figure of a benchmark, beside what it may be at most and what another way takes. */
export interface Figure {
  what: string;
  measured: number;
  unit: string;
  /** The most that it may be, or the least where `isLeast`. Undefined: no limit is set. */
  limit?: number | undefined;
  isLeast?: boolean;
  /** The same figure of {@link printFigures}' other way. */
  other?: number | undefined;
}

/**
 * Runs a benchmark with a Kafka and a Redis of its own, which are stopped and forgotten afterwards. Says first what it
 * runs on: figures of a busy machine are no results.
 */
export async function withServices<T>(run: (services: Services) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'footfall-bench-'));
  console.log(machine());
  const services = await startServices({ dataDir, mode: 'embedded', log: console.log });
  try {
    return await run(services);
  } finally {
    await services.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** What the figures were measured on, in one line. */
function machine(): string {
  const cores = availableParallelism();
  const load = loadavg()[0]!;
  const busy =
    load > cores / 4 ? `. The machine is busy (load ${load.toFixed(1)}): these are no results` : '';
  return `Node ${process.versions.node}, V8 ${process.versions.v8}, ${cores} × ${cpus()[0]?.model.trim() ?? 'unknown'}${busy}.`;
}

export const redisVersion = async (redis: RedisClient): Promise<string> =>
  /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';

/** Of numbers in any order. @param share from 0 to 1: 0.5 is the median */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

export const median = (numbers: readonly number[]): number => percentile(numbers, 0.5);

/**
 * Prints figures as a table.
 * @param otherWay what `other` is: the way of the program that Footfall grew out of
 */
export function printFigures(figures: readonly Figure[], otherWay?: string): void {
  const head = ['', 'measured', 'limit', 'kept', ...(otherWay === undefined ? [] : [otherWay, '÷ it'])];
  const rows = figures.map(({ what, measured, unit, limit, isLeast, other }) => [
    what,
    `${digits(measured)} ${unit}`,
    limit === undefined ? '–' : `${isLeast ? '≥' : '≤'} ${digits(limit)}`,
    limit === undefined ? '–' : (isLeast ? measured >= limit : measured <= limit) ? 'yes' : 'NO',
    ...(otherWay === undefined
      ? []
      : other === undefined
        ? ['–', '–']
        : [`${digits(other)} ${unit}`, digits(measured / other)]),
  ]);
  console.log(table([head, ...rows]));
}

/** The first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!))).join('  ');
  return `\n${rows.map(line).join('\n')}\n`;
}

/** Three digits that say something. */
const digits = (number: number): string =>
  Math.abs(number) >= 100 ? Math.round(number).toLocaleString('en') : String(Number(number.toPrecision(3)));
