import { createHash, createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';

/**
 * What Amazon MSK with IAM adds to Kafka: it stands before a broker that has no security, ends TLS, and lets a connection
 * through once it has signed in by SASL/OAUTHBEARER with a token of the given credentials. Kafka's protocol,
 * "SASL Authentication Sequence"; AWS, "Create a signed AWS API request".
 */

export interface Identity {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  region: string;
}

/** A token as the broker reads it. */
export interface Token {
  host: string;
  /** The signed parameters of the URL, and User-Agent. */
  parameters: Record<string, string>;
}

export interface MskOptions {
  /** Of the server, in PEM. */
  certificate: { key: string; cert: string };
  /** The port of the broker; may be set later. */
  upstream?: number;
  /** Whose tokens are taken. */
  identity: Identity;
  /** How long a sign-in lasts, ms. Afterwards the connection has to sign in again. */
  sessionMs: number;
}

export interface Msk {
  port: number;
  /** May be changed while it runs. */
  options: MskOptions;
  /** The tokens that were right, in the order of their arrival. */
  tokens: Token[];
  /** Connections so far. */
  connections(): number;
  stop(): Promise<void>;
}

const HANDSHAKE = 17;
const API_VERSIONS = 18;
const AUTHENTICATE = 36;
/** SASL_AUTHENTICATION_FAILED */
const REFUSED = 58;

/** Listens on a port of its own. */
export async function startMsk(options: MskOptions): Promise<Msk> {
  const tokens: Token[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer(options.certificate, (client: TLSSocket) => {
    connections++;
    const broker = connect(options.upstream!, '127.0.0.1');
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
    broker.on('data', (chunk) => client.write(chunk));
    let validUntil = 0;
    let waiting = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE()) {
        const frame = waiting.subarray(0, 4 + waiting.readInt32BE());
        waiting = waiting.subarray(frame.length);
        take(frame);
      }
    });
    const take = (frame: Buffer) => {
      const [api, version, correlation] = [frame.readInt16BE(4), frame.readInt16BE(6), frame.subarray(8, 12)];
      // A nullable text: the client's id.
      const body = frame.subarray(14 + Math.max(0, frame.readInt16BE(12)));
      const answer = (...parts: Buffer[]) => {
        const content = Buffer.concat([correlation, ...parts]);
        client.write(Buffer.concat([int32(content.length), content]));
      };
      if (api === HANDSHAKE) return answer(int16(0), int32(1), text('OAUTHBEARER'));
      if (api === AUTHENTICATE) {
        const length = version > 0 ? [int64(options.sessionMs)] : [];
        try {
          tokens.push(readToken(body.subarray(4).toString(), options.identity));
        } catch (error) {
          answer(int16(REFUSED), text((error as Error).message), int32(0), ...length);
          return client.end();
        }
        validUntil = performance.now() + options.sessionMs;
        return answer(int16(0), int16(-1), int32(0), ...length);
      }
      // As Kafka: no other request before the sign-in, nor after the session's end.
      if (api !== API_VERSIONS && performance.now() > validUntil) return client.destroy();
      broker.write(frame);
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    options,
    tokens,
    connections: () => connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Between the parts of a client's message (RFC 7628, `kvsep`). */
const SEPARATOR = '\u0001';

/** RFC 7628: `n,,^Aauth=Bearer TOKEN^A^A`, whose token is a presigned URL in base64url. @throws what is wrong with it */
function readToken(message: string, identity: Identity): Token {
  const [gs2, auth, ...rest] = message.split(SEPARATOR);
  const [, encoded] = /^auth=Bearer ([\w-]+)$/.exec(auth ?? '') ?? [];
  if (gs2 !== 'n,,' || !encoded || rest.join() !== ',') throw new Error('No bearer token');
  const url = new URL(Buffer.from(encoded, 'base64url').toString());
  const parameters = Object.fromEntries(url.searchParams);
  const { 'X-Amz-Date': date = '', 'X-Amz-Signature': signature } = parameters;
  const scope = `${date.slice(0, 8)}/${identity.region}/kafka-cluster/aws4_request`;
  if (parameters['X-Amz-Credential'] !== `${identity.accessKeyId}/${scope}`) throw new Error('Access denied');
  if (signature !== signatureOf(url, { date, scope, identity })) throw new Error('Access denied');
  return { host: url.host, parameters };
}

/** Signature version 4 of a GET with nothing but a query. User-Agent is not signed. */
function signatureOf(
  url: URL,
  { date, scope, identity }: { date: string; scope: string; identity: Identity },
): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature' && name !== 'User-Agent')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const request = ['GET', '/', query, `host:${url.host}`, '', 'host', sha256('')].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(request)].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer>((secret, part) => hmac(secret, part), Buffer.from(`AWS4${identity.secretAccessKey}`));
  return hmac(key, toSign).toString('hex');
}

const encode = (part: string) =>
  encodeURIComponent(part).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const hmac = (key: Buffer, content: string) => createHmac('sha256', key).update(content).digest();

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

const text = (value: string) => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
