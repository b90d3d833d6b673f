import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import kafkajs, { type ISocketFactory, type KafkaConfig } from 'kafkajs';
import type { Config } from '../config.ts';
import { type Secret, secretOf } from '../secrets.ts';
import { isRefusedCertificate } from '../tls.ts';

// Node does not see these among the names that kafkajs exports.
const { KafkaJSConnectionError, KafkaJSSASLAuthenticationError } = kafkajs;

/** As kafkajs' own sockets. */
const KEEP_ALIVE_MS = 60_000;

/** What kafkajs signs in with, and makes for each mechanism. */
type Provider = (args: unknown) => { authenticate(): Promise<void> };

/**
 * The part of a client's settings that comes from secrets. The client connects once they were read. When a broker refuses
 * one, it is read again, and kafkajs' next try uses what is in it now.
 * @returns undefined when the configuration names no secret.
 */
export function settingsFromSecrets(
  kafka: Config['kafka'],
): Pick<KafkaConfig, 'brokers' | 'sasl' | 'socketFactory'> | undefined {
  const { sasl, ca, certificate } = kafka.secrets ?? {};
  const arns = [sasl, ca, certificate].filter((arn) => arn !== undefined);
  if (arns.length === 0) return undefined;
  const secrets = arns.map(secretOf);
  return {
    brokers: async () => {
      await Promise.all(secrets.map((secret) => secret.read()));
      return kafka.brokers;
    },
    ...(sasl !== undefined &&
      kafka.sasl && { sasl: new SecretSasl(kafka.sasl.mechanism, secretOf(sasl)) as KafkaConfig['sasl'] }),
    socketFactory: socketsWith(kafka, secrets),
  };
}

/** kafkajs reads `username` and `password` whenever it signs in. */
class SecretSasl {
  readonly mechanism: string;
  readonly #secret: Secret;
  #provider: Provider | undefined;

  constructor(mechanism: string, secret: Secret) {
    this.mechanism = mechanism;
    this.#secret = secret;
  }

  get username(): string | undefined {
    return this.#secret.fields?.username;
  }

  get password(): string | undefined {
    return this.#secret.fields?.password;
  }

  get authenticationProvider(): Provider | undefined {
    return this.#provider;
  }

  /** kafkajs keeps the mechanism's own provider here (src/broker/saslAuthenticator/index.js). */
  set authenticationProvider(own: Provider) {
    this.#provider = (args) => ({ authenticate: () => this.#authenticate(own, args) });
  }

  async #authenticate(own: Provider, args: unknown): Promise<void> {
    const used = this.#secret.fields;
    try {
      await own(args).authenticate();
    } catch (error) {
      if (!(error instanceof KafkaJSSASLAuthenticationError) || !(await this.#secret.renew(used)))
        throw error;
      // The broker closes a connection that it has refused. kafkajs tries again after an error of this class.
      throw new KafkaJSConnectionError('The password was changed; connecting with the new one.');
    }
  }
}

function socketsWith(kafka: Config['kafka'], secrets: readonly Secret[]): ISocketFactory {
  const of = (arn: string | undefined) => (arn === undefined ? undefined : secretOf(arn).fields);
  return ({ host, port, onConnect }) => {
    const used = secrets.map((secret) => secret.fields);
    const client = of(kafka.secrets?.certificate);
    const socket = kafka.ssl
      ? connectTls(
          {
            ...{ host, port },
            ...(isIP(host) === 0 && { servername: host }),
            ...{ ca: of(kafka.secrets?.ca)?.certificate ?? kafka.ca },
            ...(client && {
              cert: client.certificate,
              key: client.privateKey,
              passphrase: client.privateKeyPassword,
            }),
          },
          onConnect,
        )
      : connectTcp({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('error', (error) => {
      if (!isRefusedCertificate(error)) return;
      secrets.forEach((secret, i) => void secret.renew(used[i]));
    });
    return socket;
  };
}
