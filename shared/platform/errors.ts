/**
 * The base of every error that a caller may act on.
 * `code` is stable and part of the API; `status` is the HTTP status it becomes; `expose` says whether the
 * message may be shown to the client (client errors only, unless said otherwise).
 */
export class FootfallError extends Error {
  override readonly name = 'FootfallError';
  readonly code: string;
  readonly status: number;
  readonly expose: boolean;
  /** Extra members of the problem+json body, such as `errors` or `limit`. */
  readonly details: Record<string, unknown>;
  /** Seconds after which a retry makes sense (becomes Retry-After). */
  readonly retryAfter: number | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    options: {
      cause?: unknown;
      details?: Record<string, unknown>;
      retryAfter?: number;
      expose?: boolean;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = status;
    this.expose = options.expose ?? status < 500;
    this.details = options.details ?? {};
    this.retryAfter = options.retryAfter;
  }
}
