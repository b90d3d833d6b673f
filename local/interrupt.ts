/**
 * A signal that comes at the first Ctrl-C (or SIGTERM), so that work ends at a clean place. A second Ctrl-C
 * ends the process at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort());
  }
  return controller.signal;
}
