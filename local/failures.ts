import { isKafkaOutage, isSignInRefused } from '../shared/platform/kafka/outage.ts';
import { RedisUnavailable, replyCode } from '../shared/platform/redis/unavailable.ts';

/** What went wrong with a server, as its user has to deal with it. */
export type FailureKind = 'password' | 'rights' | 'tls' | 'topic' | 'away';

export interface Failure {
  kind: FailureKind;
  /** One sentence or two: what happened, and what to do. */
  message: string;
}

const ABOUT_TLS = /certificate|self[- ]signed|altname|wrong version number|\bSSL\b|\bTLS\b|EPROTO/i;

/** An error and what it was caused by. kafkajs and ioredis keep the reason two or three levels down. */
function* chainOf(error: unknown): Generator<Error & { type?: string }> {
  for (let one = error; one instanceof Error; ) {
    yield one;
    one = one.cause ?? (one as { originalError?: Error }).originalError;
  }
}

/** The innermost message, without its full stop. */
function reasonOf(error: unknown): string {
  const reasons = [...chainOf(error)].map(({ message }) => message).filter((text) => text !== '');
  return (reasons.at(-1) ?? 'no reason was given').replace(/\.$/, '');
}

/**
 * Says what an error of a call to Kafka means; undefined for an error that is not Kafka's.
 * @param brokers such as `b-1.example:9096`
 */
export function kafkaFailure(error: unknown, brokers?: readonly string[]): Failure | undefined {
  if (!isKafkaOutage(error)) return undefined;
  const chain = [...chainOf(error)];
  const at = brokers ? ` at ${brokers.join(', ')}` : '';
  const why = reasonOf(error);
  const types = chain.map(({ type }) => type ?? '');
  if (chain.some(isSignInRefused)) {
    const message = `Kafka${at} refused the user or the password (${why}). Check KAFKA_SASL_MECHANISM, and KAFKA_SASL_SECRET_ARN or KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.`;
    return { kind: 'password', message };
  }
  if (types.some((type) => type.endsWith('_AUTHORIZATION_FAILED')))
    return { kind: 'rights', message: `Kafka${at} does not let this user do that (${why}). Add an ACL.` };
  if (types.includes('UNKNOWN_TOPIC_OR_PARTITION')) {
    const message = `Kafka${at} does not have a topic that is needed. Look with: npx footfall topics check`;
    return { kind: 'topic', message };
  }
  if (chain.some(({ message }) => ABOUT_TLS.test(message))) {
    const message = `TLS with Kafka${at} failed (${why}). Check KAFKA_SSL, and KAFKA_CA or KAFKA_CA_SECRET_ARN.`;
    return { kind: 'tls', message };
  }
  // kafkajs says so when the user may not see the group, and while Kafka has no coordinator yet.
  if (chain.some(({ name }) => name === 'KafkaJSGroupCoordinatorNotFound')) {
    const message = `Kafka${at} does not let this user use the consumer group, or is still starting (${why}). Add an ACL.`;
    return { kind: 'rights', message };
  }
  // A broker closes connections that do not speak as its port expects.
  const advice = /closed|disconnected|ECONNRESET|timeout/i.test(why)
    ? 'Check that it runs, and that KAFKA_SSL and KAFKA_SASL_MECHANISM are right for this port.'
    : 'Check that it runs, then try again.';
  return { kind: 'away', message: `Kafka does not answer${at} (${why}). ${advice}` };
}

const REFUSED = new Set(['WRONGPASS', 'NOAUTH']);

/**
 * Says what an error of a Redis command means; undefined for an error that is not Redis', and for a reply that shows a
 * fault of the program.
 * @param address without its password
 */
export function redisFailure(error: unknown, address?: string): Failure | undefined {
  const chain = [...chainOf(error)];
  const codes = chain.map(({ message }) => replyCode(message) ?? '');
  const at = address ? ` at ${address}` : '';
  const why = reasonOf(error);
  if (codes.some((code) => REFUSED.has(code))) {
    const message = `Redis${at} refused the user or the password (${why}). Check REDIS_SECRET_ARN, or user and password in REDIS_URL.`;
    return { kind: 'password', message };
  }
  if (codes.includes('NOPERM'))
    return { kind: 'rights', message: `Redis${at} does not let this user do that (${why}). Change its ACL.` };
  if (!(error instanceof RedisUnavailable)) return undefined;
  if (chain.some(({ message }) => ABOUT_TLS.test(message))) {
    const message = `TLS with Redis${at} failed (${why}). Check REDIS_URL (rediss:// or redis://), and REDIS_CA or REDIS_SECRET_ARN.`;
    return { kind: 'tls', message };
  }
  return {
    kind: 'away',
    message: `Redis does not answer${at} (${why}). Check that it runs, then try again.`,
  };
}
