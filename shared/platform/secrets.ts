import { FootfallError } from './errors.ts';
import { logger } from './observe/observe.ts';

/** What a secret holds: texts by name, such as `username` and `password`. */
export type SecretFields = Readonly<Record<string, string | undefined>>;

/** Reads the text of a secret. @throws what the store throws */
type Fetch = (arn: string) => Promise<string>;

/** A secret that was refused is read again at most once in this time, ms: a wrong one is no rotated one. */
const RENEW_MS = 5_000;

/** The read of a cold start and its second try together, ms. */
const READ_MS = 2_000;

/**
 * One secret of AWS Secrets Manager, whose text is a JSON object of texts. It is read once and kept. After a rotation,
 * the server refuses the old value; {@link renew} then reads the secret again, so rotating needs no deployment.
 */
export class Secret {
  readonly #arn: string;
  readonly #fetch: Fetch;
  #fields: SecretFields | undefined;
  #renewedAt = -Infinity;
  #reading: Promise<SecretFields> | undefined;

  constructor(arn: string, fetch: Fetch = fetchFromAws) {
    this.#arn = arn;
    this.#fetch = fetch;
  }

  /** What was read last; undefined before the first read. */
  get fields(): SecretFields | undefined {
    return this.#fields;
  }

  /**
   * The secret, from memory once it was read. Concurrent callers share one request.
   * @throws FootfallError `secret_unreadable` 503, which names the secret and never its content.
   */
  async read(): Promise<SecretFields> {
    return this.#fields ?? this.#readAgain();
  }

  /**
   * Reads the secret again because a server has refused it.
   * @param refused the fields that were refused
   * @returns whether the fields are others now, so that another try makes sense. Never throws.
   */
  async renew(refused: SecretFields | undefined): Promise<boolean> {
    if (this.#fields !== refused) return true;
    if (!this.#reading && performance.now() - this.#renewedAt < RENEW_MS) return false;
    try {
      await this.#readAgain();
      this.#renewedAt = performance.now();
    } catch (error) {
      logger.warn('Cannot read a secret again', error as Error);
      return false;
    }
    return this.#fields !== refused;
  }

  #readAgain(): Promise<SecretFields> {
    this.#reading ??= this.#load().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #load(): Promise<SecretFields> {
    let text: string;
    try {
      text = await this.#fetch(this.#arn);
    } catch (cause) {
      throw unreadable(this.#arn, (cause as Error).message, cause);
    }
    const read = fieldsOf(this.#arn, text);
    // The same object for the same content: `renew` compares objects.
    if (JSON.stringify(read) !== JSON.stringify(this.#fields)) this.#fields = read;
    return this.#fields!;
  }
}

const known = new Map<string, Secret>();

/** The secret with this ARN; one for the process, so that Redis and all clients of Kafka share one request. */
export function secretOf(arn: string): Secret {
  let secret = known.get(arn);
  if (!secret) {
    secret = new Secret(arn);
    known.set(arn, secret);
  }
  return secret;
}

function fieldsOf(arn: string, text: string): SecretFields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without its cause, which would show the text.
    throw unreadable(arn, 'it is not a JSON object');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unreadable(arn, 'it is not a JSON object');
  }
  // Rotation functions of AWS add members of other types, such as the port.
  return Object.fromEntries(Object.entries(value).filter(([, member]) => typeof member === 'string'));
}

const unreadable = (arn: string, why: string, cause?: unknown) =>
  new FootfallError('secret_unreadable', 503, `The secret ${arn} cannot be read: ${why}`, {
    cause,
    retryAfter: 5,
  });

/** Imported at the first read: a laptop and functions without secrets never load the SDK. */
async function fetchFromAws(arn: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({
    region: arn.split(':')[3]!,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: READ_MS / 2, requestTimeout: READ_MS, throwOnRequestTimeout: true },
  });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    if (SecretString === undefined) throw new Error('it holds bytes instead of text');
    return SecretString;
  } finally {
    client.destroy();
  }
}
