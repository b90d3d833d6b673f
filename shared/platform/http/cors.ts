/**
 * What pages of other origins may send and read, in the words of serverless.yml's `provider.httpApi.cors`. API Gateway
 * and serverless-offline do it themselves, from these values. The HTTP stack does the same where a function is reached
 * without them, such as by its function URL.
 */
export const CORS = {
  allowedOrigins: ['*'],
  allowedHeaders: ['authorization', 'content-type', 'content-encoding', 'if-none-match'],
  allowedMethods: ['GET', 'POST', 'PATCH', 'DELETE', 'OPTIONS'],
  // Scripts see no other headers of an answer from another origin (Fetch, "CORS-safelisted response-header").
  exposedResponseHeaders: [
    ...['retry-after', 'www-authenticate', 'etag', 'x-request-id'],
    ...['footfall-as-of', 'footfall-complete', 'footfall-time-zone', 'footfall-next-cursor'],
  ],
  /** Seconds for which a browser remembers the answer to a preflight request. */
  maxAge: 86_400,
};
