/**
 * The handler that serverless-offline runs for every function. It passes each invocation on to the function's thread;
 * plugin.ts puts it in place. JavaScript, because serverless-offline looks for that first at every invocation.
 */
export const handler = (event, context) => globalThis[Symbol.for('footfall.offline')](event, context);
