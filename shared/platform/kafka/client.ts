import { type Admin, Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { type Config, IAM } from '../config.ts';
import { iamSasl } from './iam.ts';
import { settingsFromSecrets } from './secret.ts';

/** A connection for questions about topics and groups. */
export type KafkaAdmin = Admin;

/** A kafkajs client with a limit on every wait: an outage must show within seconds, not minutes. */
export function kafkaClient(
  kafka: Config['kafka'],
  clientId = 'footfall',
  overrides: Partial<KafkaConfig> = {},
) {
  return new Kafka({
    clientId,
    brokers: kafka.brokers,
    // Node's defaults check certificates and host names.
    ssl: kafka.ssl && kafka.ca !== undefined ? { ca: [kafka.ca] } : kafka.ssl,
    ...saslOf(kafka.sasl),
    connectionTimeout: 2_000,
    authenticationTimeout: 2_000,
    requestTimeout: 5_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 },
    logLevel: logLevel.NOTHING,
    ...settingsFromSecrets(kafka),
    ...overrides,
  });
}

/**
 * Opens a connection for questions about topics and groups, and closes it after `use`.
 * @param clientId names the program to the brokers
 * @throws what kafkajs throws, or what `use` throws
 * @example const topics = await withAdmin(config.kafka, 'footfall-topics', (admin) => admin.listTopics());
 */
export async function withAdmin<T>(
  kafka: Config['kafka'],
  clientId: string,
  use: (admin: KafkaAdmin) => Promise<T>,
): Promise<T> {
  const admin = kafkaClient(kafka, clientId).admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** The password is missing when a secret holds it, which then brings all of it. */
function saslOf(sasl: Config['kafka']['sasl']): Pick<KafkaConfig, 'sasl'> {
  if (!sasl) return {};
  return { sasl: sasl.mechanism === IAM ? iamSasl : (sasl as NonNullable<KafkaConfig['sasl']>) };
}
