import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { now, type Report, type Task, type ThreadData } from './function-threads.ts';

/** The thread of a function: loads it, and runs every task that arrives, many at the same time. */
const { file, exported, sent } = workerData as ThreadData;
const port = parentPort!;
const report = (what: Report) => port.postMessage(what);

/** A thread without a task for this long sleeps, ms. */
const AWAKE_MS = 2_000;

let received = 0;
let running = 0;
let awake: NodeJS.Timeout | undefined;

/**
 * Stops this thread until the next task is sent, with all its timers and connections. Lambda freezes a function between
 * invocations in the same way, so functions work with it; and clients of Kafka that wait would use the processor.
 */
function sleep(): void {
  // A thread that sleeps frees nothing: what its last tasks left would stay until the next ones. There with --expose-gc.
  globalThis.gc?.();
  Atomics.wait(sent, 0, received);
}

// Node has read it; the function's own environment does not have it.
delete process.env.NODE_COMPILE_CACHE;

const handler = (await import(pathToFileURL(file).href))[exported] as (
  event: unknown,
  context: unknown,
) => unknown;

port.on('message', async ({ id, event, context, deadline }: Task) => {
  received += 1;
  const getRemainingTimeInMillis = () => Math.max(0, Math.floor(deadline - now()));
  // The caller has been told that the time is over.
  if (getRemainingTimeInMillis() === 0) return;
  running += 1;
  clearTimeout(awake);
  try {
    report({ id, result: await handler(event, { ...context, getRemainingTimeInMillis }) });
  } catch (thrown) {
    const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
    report({ id, error: { name, message, stack } });
  } finally {
    running -= 1;
    if (running === 0) awake = setTimeout(sleep, AWAKE_MS);
  }
});
report({ ready: true });
// Node would write only at the end of a thread that ends by itself.
flushCompileCache();
