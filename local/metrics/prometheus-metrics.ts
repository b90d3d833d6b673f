import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type Metric } from '../../shared/platform/observe/metrics.ts';
import type { Health } from '../health.ts';
import { type EmfDocument, EmfReader } from './emf-reader.ts';

/**
 * The Prometheus name of a metric, by its naming rules: base units, and `total` for counters.
 * @example prometheusName(METRICS.lagMs) // 'footfall_lag_seconds'
 */
export function prometheusName({ name, unit, kind }: Metric): string {
  const words = name.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const suffix = kind === 'counter' ? '_total' : unit === 'Milliseconds' ? '_seconds' : '';
  return `footfall_${words}${unit === 'Percent' ? '_percent' : ''}${suffix}`;
}

const BUCKETS: Record<Metric['unit'], number[]> = {
  Milliseconds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600],
  Count: [1, 10, 100, 1_000, 2_500, 5_000, 10_000],
  Bytes: [1e3, 1e4, 1e5, 1e6, 3e6, 6e6],
  Percent: [],
};

/** The functions' metrics of this run, for Prometheus. */
export class PrometheusMetrics {
  readonly #registry = new Registry();
  readonly #reader = new EmfReader();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #distributions = new Map<string, Histogram>();
  readonly #up: Gauge;

  constructor() {
    const registers = [this.#registry];
    for (const metric of Object.values(METRICS)) {
      const { kind, by = [], meaning, unit } = metric;
      const options = { name: prometheusName(metric), help: meaning, labelNames: [...by], registers };
      if (kind === 'counter') this.#counters.set(metric.name, new Counter(options));
      else if (kind === 'gauge') this.#gauges.set(metric.name, new Gauge(options));
      else this.#distributions.set(metric.name, new Histogram({ ...options, buckets: BUCKETS[unit] }));
    }
    // Unknown until first measured.
    for (const gauge of this.#gauges.values()) gauge.set(Number.NaN);
    this.#up = new Gauge({
      name: 'footfall_up',
      help: '1 when /v1/health answers and nothing is unavailable, else 0.',
      registers,
    });
    const reader = this.#reader;
    new Counter({
      name: 'footfall_spoilt_lines_total',
      help: 'Metric lines in the functions’ log that could not be parsed; their values are missing.',
      registers,
      collect() {
        this.reset();
        this.inc(reader.spoilt);
      },
    });
  }

  /** Takes a piece of the functions' output. */
  read(piece: Buffer): void {
    for (const document of this.#reader.read(piece)) this.#take(document);
  }

  #take(document: EmfDocument): void {
    for (const { name, unit, by = [] } of Object.values(METRICS)) {
      const value = document[name];
      if (value === undefined) continue;
      const values = (Array.isArray(value) ? value : [value]).filter((one) => Number.isFinite(one));
      const scale = unit === 'Milliseconds' ? 1_000 : 1;
      const labels = Object.fromEntries(by.map((label) => [label, String(document[label] ?? '')]));
      for (const one of values) {
        this.#counters.get(name)?.inc(labels, one);
        this.#gauges.get(name)?.set(labels, one / scale);
        this.#distributions.get(name)?.observe(labels, one / scale);
      }
    }
  }

  /**
   * Updates gauges from /v1/health, which is newer than the sweep's values. @param health undefined when the
   * API does not answer.
   */
  learn(health: Health | undefined): void {
    this.#up.set(health && health.status !== 'unavailable' ? 1 : 0);
    const { freshness, healing } = health ?? {};
    const known: [Metric, number | null | undefined][] = [
      [METRICS.lagEvents, freshness?.lag_events],
      [METRICS.lagMs, freshness?.lag_ms],
      [METRICS.healingRecords, healing?.records_left],
      [METRICS.lost, health?.lost],
      [METRICS.ahead, health?.ahead],
      [METRICS.openDeadLetters, health?.open_dead_letters],
    ];
    for (const [{ name, unit }, value] of known) {
      this.#gauges.get(name)?.set((value ?? Number.NaN) / (unit === 'Milliseconds' ? 1_000 : 1));
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
