import type { ApiError } from '../api/client.ts';

/** What the user can do about an error, by its code. */
const ADVICE: Record<string, string> = {
  offline: 'Check the connection. The page tries again by itself and keeps the last numbers.',
  timeout:
    'Footfall is slow, or the connection is. The page tries again by itself and keeps the last numbers.',
  out_of_time: 'Footfall is slow now. The page tries again by itself and keeps the last numbers.',
  unauthorized: 'The key is unknown or has ended. Sign out, and sign in with a valid key.',
  wrong_site: 'This key is of another site. Sign in with a key of the site that you want to see.',
  installation_only: "This needs the installation's admin key.",
  range_too_long: 'Choose a shorter range, or a coarser grain.',
  not_kept: 'Hours are kept for 90 days and minutes for 2. Choose days instead.',
  redis_unavailable: 'Redis is away. Events are safe in Kafka, and are counted when it is back.',
  redis_full: 'Redis needs more memory. Events are safe in Kafka, and are counted when it has room.',
  kafka_unavailable: 'Kafka is away. Nothing is lost that was accepted. Try again in a minute.',
  sites_unavailable: 'Kafka is away. Try again in a minute.',
};

const OUTAGE = 'Footfall tries again by itself. The System page says what is away.';

/** An error, with its code and what to do about it. */
export function Problem({ error }: { error: ApiError }) {
  const advice = ADVICE[error.code] ?? (error.status >= 500 ? OUTAGE : undefined);
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{error.message}</strong>
      </p>
      {error.problems.length > 0 && (
        <ul>
          {error.problems.map(({ path, message }) => (
            <li key={path}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {advice && <p>{advice}</p>}
      <p class="quiet">
        Code <code>{error.code}</code>
        {error.requestId && (
          <>
            , request <code>{error.requestId}</code>
          </>
        )}
      </p>
    </div>
  );
}
