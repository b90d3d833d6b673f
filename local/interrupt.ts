/** ms. A terminal sends Ctrl-C to all its processes, and npm then sends it to its script once more. */
const sameKeyPress = 500;

/**
 * Aborts at the first Ctrl-C or SIGTERM. A second one, meant as such, ends this process at once; the servers'
 * guards (services/guard.sh) then end the servers.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const interrupt = () => {
    first ||= Date.now();
    controller.abort();
    if (Date.now() - first > sameKeyPress) process.exit(130);
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return controller.signal;
}
