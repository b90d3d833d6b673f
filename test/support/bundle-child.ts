import type { Context } from 'aws-lambda';

/**
 * One packaged function, as Lambda's runtime runs it: the handler is imported once, then invoked by messages with an
 * event each. Copied beside the bundle, so that nothing of this repository can be found from here.
 */
const [file, name] = process.argv.slice(2) as [string, string];
const began = performance.now();
const { handler } = (await import(file)) as {
  handler(event: unknown, context: Context): Promise<unknown>;
};
const importMs = performance.now() - began;

const contextOf = (id: number): Context => {
  const ends = performance.now() + 30_000;
  return {
    awsRequestId: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    callbackWaitsForEmptyEventLoop: true,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: '2026/06/10/[$LATEST]0',
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => ends - performance.now(),
    done() {},
    fail() {},
    succeed() {},
  };
};

process.on('message', async ({ id, event }: { id: number; event: unknown }) => {
  try {
    process.send?.({ id, answer: (await handler(event, contextOf(id))) ?? null });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.on('disconnect', () => process.exit());
process.send?.({ importMs });
