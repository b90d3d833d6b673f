/** The cookie `_ga`, whose last two parts are the client id: `GA1.1.123456.1700000000`. */
const CLIENT_COOKIE = /^GA\d\.\d{1,2}(?:-\d{1,2})?\.(\d{1,20}\.\d{1,20})$/;
/** The cookie `_ga_…`, which begins with the session id: `GS1.1.1700000000.2.1…`, or `GS2.1.s1700000000$o2$g1…`. */
const SESSION_COOKIE = /^GS1\.\d{1,2}\.(\d{1,20})\.|^GS2\.\d{1,2}\.s(\d{1,20})(?:\$|$)/;

/** An id without blanks around it, which templates and joined files leave. */
export const trimmedId = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);

/** {@link trimmedId} of a visitor. Google's client ids have a point, so some programs write them as numbers. */
export const visitorId = (value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? String(value) : trimmedId(value);

/**
 * The client id or session id in one of Google's cookies, which shops' servers send as a whole.
 * @returns undefined when the value is no such cookie.
 * @example idInCookie('GA1.1.123456.1700000000') // '123456.1700000000'
 */
export function idInCookie(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const [, session1, session2] = SESSION_COOKIE.exec(value) ?? [];
  return CLIENT_COOKIE.exec(value)?.[1] ?? session1 ?? session2;
}
