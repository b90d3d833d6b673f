import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** Structured logs; the level comes from POWERTOOLS_LOG_LEVEL. No event bodies, no ids of users, no keys. */
export const logger = new Logger({ serviceName: 'footfall' });

/** CloudWatch metrics by its embedded format: lines on stdout, no call to make. */
export const metrics = new Metrics({ namespace: 'Footfall', serviceName: 'footfall' });
