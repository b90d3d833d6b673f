import { SingleBar } from 'cli-progress';

export interface ProgressLine {
  /** Moves the bar; `text` stands behind it. */
  update(value: number, text: string): void;
  /** Takes the bar away. */
  stop(): void;
}

/** How often a log that is no terminal gets a line. */
const LOG_EVERY_MS = 5_000;

/**
 * A progress bar on a terminal; elsewhere a plain line every five seconds.
 * @param total the value at which the bar is full; undefined when there is no end, and then no bar.
 * @param log takes the plain lines.
 */
export function progressLine(
  label: string,
  total: number | undefined,
  log: (line: string) => void,
): ProgressLine {
  if (!process.stderr.isTTY) {
    let saidAt = performance.now();
    return {
      update(value, text) {
        if (performance.now() - saidAt < LOG_EVERY_MS) return;
        saidAt = performance.now();
        const share = total === undefined ? '' : ` ${Math.floor((value / Math.max(total, 1)) * 100)}%`;
        log(`${label}${share} ${text}`);
      },
      stop() {},
    };
  }
  const bar = new SingleBar({
    format: total === undefined ? `${label} {text}` : `${label} {bar} {percentage}% {text}`,
    hideCursor: true,
    // Ctrl-C is the caller's: it has a batch to finish first.
    gracefulExit: false,
    stream: process.stderr,
    barsize: 30,
  });
  bar.start(total ?? 0, 0, { text: '' });
  return {
    update: (value, text) => bar.update(value, { text }),
    stop: () => bar.stop(),
  };
}

/** A rate for people, such as `12,345/s`. */
export function rate(count: number, seconds: number): string {
  return `${Math.round(count / Math.max(seconds, 0.001)).toLocaleString('en-US')}/s`;
}

/** A count for people, such as `1,234,567 events`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
