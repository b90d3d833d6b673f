import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/**
 * Of an error only what tells where it comes from. ioredis hangs on its errors the command that failed with all
 * its arguments (`command.args`): users' ids and events.
 */
function withoutPayload(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, code: (value as NodeJS.ErrnoException).code, cause };
}

/** Structured logs; the level comes from POWERTOOLS_LOG_LEVEL. No event bodies, no ids of users, no keys. */
export const logger = new Logger({ serviceName: 'footfall', jsonReplacerFn: withoutPayload });

/** CloudWatch metrics by its embedded format: lines on stdout, no call to make. */
export const metrics = new Metrics({ namespace: 'Footfall', serviceName: 'footfall' });
