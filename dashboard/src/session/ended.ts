import { ApiError } from '../api/client.ts';
import { formatMoment } from '../format/dates.ts';
import type { Access } from './session.ts';

/**
 * Why a key does not do, in words for the sign-in page.
 * @param access what the key was, if it did before.
 */
export function whyEnded(key: string, access: Access | undefined, { requestId }: ApiError): ApiError {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const end = access?.key?.expires_at;
  const message =
    end !== undefined && Date.parse(end) <= Date.now()
      ? `You are signed out: the key ended on ${formatMoment(end, zone)}.`
      : access
        ? 'You are signed out: the key was ended.'
        : key.startsWith('ffw_')
          ? 'This is a write key: it only sends events. Sign in with a read key or an admin key.'
          : 'This key is unknown, or it has ended.';
  return new ApiError(401, 'unauthorized', message, requestId === undefined ? {} : { requestId });
}
