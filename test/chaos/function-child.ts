import type { Context } from 'aws-lambda';

/** One function in a process of its own, invoked by messages as Lambda does: with a request, or without. */
const { handler } = (await import(process.argv[2]!)) as {
  handler(event: unknown, context: Context): Promise<unknown>;
};
const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

process.on('message', async ({ id, event }: { id?: number; event?: unknown }) => {
  if (id === undefined) return;
  try {
    process.send?.({ id, answer: (await handler(event, context)) ?? null });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.send?.({ ready: true });
