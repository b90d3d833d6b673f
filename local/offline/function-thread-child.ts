import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { now, type Report, type Task } from './function-threads.ts';

/** The thread of a function: loads it, and runs every task that arrives, many at the same time. */
const { file, exported } = workerData as { file: string; exported: string };
const port = parentPort!;
const report = (what: Report) => port.postMessage(what);

const handler = (await import(pathToFileURL(file).href))[exported] as (
  event: unknown,
  context: unknown,
) => unknown;

port.on('message', async ({ id, event, context, deadline }: Task) => {
  const getRemainingTimeInMillis = () => Math.max(0, Math.floor(deadline - now()));
  // The caller has been told that the time is over.
  if (getRemainingTimeInMillis() === 0) return;
  try {
    report({ id, result: await handler(event, { ...context, getRemainingTimeInMillis }) });
  } catch (thrown) {
    const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
    report({ id, error: { name, message, stack } });
  }
});
report({ ready: true });
