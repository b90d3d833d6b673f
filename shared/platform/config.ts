import { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { FootfallError } from './errors.ts';
import { problemLines } from './validation.ts';

/**
 * The one place that reads process.env. Everything is checked once, at cold start; a value that cannot work
 * stops the start with its name and what was expected.
 */
const count = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);

/** Tokens a second. Redis counts in µs, so a million is the most. */
const perSecond = (fallback: number) => z.coerce.number().min(0).max(1_000_000).default(fallback);

/** Certificates of a private authority: PEM, or base64 of it where a value can have no line breaks. @returns PEM */
const authority = z
  .string()
  .transform((text) =>
    text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('latin1').trim(),
  )
  .refine(isCertificates, 'certificates in PEM, or base64 of that, and no key')
  .optional();

function isCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return (
      blocks.length > 0 && !pem.includes('PRIVATE KEY') && blocks.every((one) => new X509Certificate(one))
    );
  } catch {
    return false;
  }
}

/** The same pattern as the framework's for the poller's secrets. */
const secretArn = z
  .string()
  .regex(/^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/, "a secret's ARN in Secrets Manager")
  .optional();

/** The mechanism of KAFKA_SASL_MECHANISM with which an AWS identity signs in to Amazon MSK. */
export const IAM = 'aws-msk-iam';

const variables = z.object({
  /** host:port of each bootstrap broker, comma-separated. */
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .refine((list) => list.every((broker) => /^[^\s:]+:\d+$/.test(broker)), 'host:port[,host:port…]'),
  KAFKA_SSL: z.stringbool().default(false),
  /** The authorities that issue the brokers' certificates, instead of those that Node knows. */
  KAFKA_CA: authority,
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512', IAM]).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  /** A secret with `username` and `password`, instead of the two variables. */
  KAFKA_SASL_SECRET_ARN: secretArn,
  /** A secret with `certificate`, instead of KAFKA_CA. */
  KAFKA_CA_SECRET_ARN: secretArn,
  /** A secret with the client's `certificate`, `privateKey` and `privateKeyPassword`, for mutual TLS. */
  KAFKA_TLS_SECRET_ARN: secretArn,
  EVENTS_TOPIC: z.string().min(2).default('events'),
  DLQ_TOPIC: z.string().min(2).default('events.dlq'),
  SIGNALS_TOPIC: z.string().min(2).default('signals'),
  SITES_TOPIC: z.string().min(2).default('sites'),
  /** The consumer group that feeds aggregate. Its committed offsets show what Redis has lost. */
  AGGREGATE_GROUP: z.string().min(1).optional(),
  /** A filled cart is abandoned after this long without a change. A week at most: carts are kept for 30 days. */
  CART_ABANDONED_MINUTES: count(60, 10_080),
  /** A site that usually sends, and has no event for this long, is silent. Minutes are kept for two days. */
  ALARM_SILENCE_MINUTES: z.coerce.number().int().min(10).max(1_440).default(60),
  /** How old an answer about days that are not past may be, ms. */
  ANSWER_MAX_AGE_MS: z.coerce.number().int().min(0).max(60_000).default(100),
  /** Partitions of the events topic = shards in Redis. Changing it on live data needs a rebuild. */
  EVENTS_PARTITIONS: count(16, 1024),
  /** The header in which the CDN in front names the visitor's country (ISO 3166 alpha-2). */
  COUNTRY_HEADER: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, "a header's name")
    .toLowerCase()
    .default('cloudfront-viewer-country'),
  /** redis:// or rediss:// URL, with user and password if the server needs them. For a cluster: of one of its nodes. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'a redis:// or rediss:// URL')
    .refine((url) => URL.canParse(url), 'a redis:// or rediss:// URL'),
  /** Whether REDIS_URL is a node of a Redis Cluster, such as the endpoint of ElastiCache Serverless. */
  REDIS_CLUSTER: z.stringbool().default(false),
  /** Put before every key, for several installations in one Redis. Braces would move all shards to one slot. */
  REDIS_KEY_PREFIX: z
    .string()
    .regex(/^[^{}\s]{0,100}$/, 'up to 100 characters, without braces and spaces')
    .default(''),
  /** As KAFKA_CA, for Redis. */
  REDIS_CA: authority,
  /** A secret with `username`, `password` and `certificate` (the authorities), instead of those in REDIS_URL and REDIS_CA. */
  REDIS_SECRET_ARN: secretArn,
  /**
   * Token buckets of collect, one for each write key and one for each client address: refill a second, and capacity.
   * An event costs one token, and so does a request that is refused as a whole. 0 a second: no limit. The defaults
   * are high, since a shop's server sends all of its events from one address. They protect senders from each other.
   */
  RATE_LIMIT_KEY_PER_SECOND: perSecond(20_000),
  RATE_LIMIT_KEY_BURST: count(400_000, 1_000_000_000),
  RATE_LIMIT_IP_PER_SECOND: perSecond(5_000),
  RATE_LIMIT_IP_BURST: count(200_000, 1_000_000_000),
  /** SHA-256, in hex, of the installation's admin key, which creates sites. Without it no site can be created. */
  FOOTFALL_ADMIN_KEY_HASH: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex, see npx footfall sites hash')
    .optional(),
});

/** The names of all settings. */
export const SETTINGS: readonly string[] = Object.keys(variables.shape);

/** Settings that would do nothing, or less than was meant, without another one. */
const schema = variables.superRefine((value, context) => {
  const expect = (isRight: boolean, path: keyof typeof value, message: string) => {
    if (!isRight) context.addIssue({ code: 'custom', path: [path], message });
  };
  const { KAFKA_CA, KAFKA_SSL, REDIS_CA, REDIS_URL, REDIS_CLUSTER } = value;
  expect(REDIS_CA === undefined || REDIS_URL.startsWith('rediss:'), 'REDIS_CA', 'only with a rediss:// URL');
  for (const name of ['KAFKA_CA', 'KAFKA_CA_SECRET_ARN', 'KAFKA_TLS_SECRET_ARN'] as const) {
    expect(value[name] === undefined || KAFKA_SSL, name, 'only with KAFKA_SSL=true');
  }
  const saslSecret = value.KAFKA_SASL_SECRET_ARN;
  const isNamed = value.KAFKA_SASL_USERNAME !== undefined || value.KAFKA_SASL_PASSWORD !== undefined;
  expect(
    saslSecret === undefined || value.KAFKA_SASL_MECHANISM !== undefined,
    'KAFKA_SASL_SECRET_ARN',
    'only with KAFKA_SASL_MECHANISM',
  );
  expect(
    saslSecret === undefined || !isNamed,
    'KAFKA_SASL_SECRET_ARN',
    'not together with KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD',
  );
  if (value.KAFKA_SASL_MECHANISM === IAM) {
    expect(KAFKA_SSL, 'KAFKA_SASL_MECHANISM', `${IAM} only with KAFKA_SSL=true`);
    expect(saslSecret === undefined && !isNamed, 'KAFKA_SASL_MECHANISM', `${IAM} takes no name and password`);
  }
  expect(
    value.KAFKA_CA_SECRET_ARN === undefined || KAFKA_CA === undefined,
    'KAFKA_CA_SECRET_ARN',
    'not together with KAFKA_CA',
  );
  expect(
    value.REDIS_SECRET_ARN === undefined || (REDIS_CA === undefined && new URL(REDIS_URL).password === ''),
    'REDIS_SECRET_ARN',
    'not together with REDIS_CA or a password in REDIS_URL',
  );
  expect(
    !REDIS_CLUSTER || /^\/?0?$/.test(new URL(REDIS_URL).pathname),
    'REDIS_URL',
    'no database with REDIS_CLUSTER: a cluster has only one',
  );
});

export type Config = ReturnType<typeof readConfig>;

/**
 * Reads and checks the configuration.
 * @throws FootfallError `bad_configuration`, naming each variable and what was expected (never its value).
 */
export function readConfig(env: Record<string, string | undefined> = process.env) {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const problems = problemLines(parsed.error);
    throw new FootfallError('bad_configuration', 500, `Bad configuration. ${problems.join('; ')}`);
  }
  const value = parsed.data;
  return {
    kafka: {
      brokers: value.KAFKA_BROKERS,
      ssl: value.KAFKA_SSL,
      ...(value.KAFKA_CA !== undefined && { ca: value.KAFKA_CA }),
      sasl: value.KAFKA_SASL_MECHANISM && {
        mechanism: value.KAFKA_SASL_MECHANISM,
        username: value.KAFKA_SASL_USERNAME ?? '',
        password: value.KAFKA_SASL_PASSWORD ?? '',
      },
      // ARNs; shared/platform/kafka/secret.ts reads them when it connects.
      ...((value.KAFKA_SASL_SECRET_ARN ?? value.KAFKA_CA_SECRET_ARN ?? value.KAFKA_TLS_SECRET_ARN) && {
        secrets: {
          sasl: value.KAFKA_SASL_SECRET_ARN,
          ca: value.KAFKA_CA_SECRET_ARN,
          certificate: value.KAFKA_TLS_SECRET_ARN,
        },
      }),
      eventsTopic: value.EVENTS_TOPIC,
      dlqTopic: value.DLQ_TOPIC,
      signalsTopic: value.SIGNALS_TOPIC,
      sitesTopic: value.SITES_TOPIC,
      partitions: value.EVENTS_PARTITIONS,
    },
    aggregateGroup: value.AGGREGATE_GROUP,
    redis: {
      url: value.REDIS_URL,
      cluster: value.REDIS_CLUSTER,
      keyPrefix: value.REDIS_KEY_PREFIX,
      ca: value.REDIS_CA,
      ...(value.REDIS_SECRET_ARN !== undefined && { secret: value.REDIS_SECRET_ARN }),
    },
    rateLimits: {
      key: { perSecond: value.RATE_LIMIT_KEY_PER_SECOND, burst: value.RATE_LIMIT_KEY_BURST },
      address: { perSecond: value.RATE_LIMIT_IP_PER_SECOND, burst: value.RATE_LIMIT_IP_BURST },
    },
    cartAbandonedMinutes: value.CART_ABANDONED_MINUTES,
    silenceMinutes: value.ALARM_SILENCE_MINUTES,
    answerMaxAgeMs: value.ANSWER_MAX_AGE_MS,
    adminKeyHash: value.FOOTFALL_ADMIN_KEY_HASH,
    countryHeader: value.COUNTRY_HEADER,
  };
}

let checked: Config | undefined;

/** The configuration of this process, read at first use. Throws as {@link readConfig}. */
export function config(): Config {
  checked ??= readConfig();
  return checked;
}
