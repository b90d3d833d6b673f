import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';

/**
 * There may be no Docker engine where the tests run, so the file is held against the Compose Specification's
 * own schema (test/fixtures/compose-spec.json, verbatim from compose-spec/compose-spec 170098b, Apache-2.0)
 * and against the mistakes that the schema lets pass.
 */
interface Service {
  image: string;
  hostname?: string;
  ports?: string[];
  environment?: Record<string, string | number>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  profiles?: string[];
}

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const compose = parse(file('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const brokers = services.filter(([name]) => /^kafka\d$/.test(name));
const published = (service: Service) => (service.ports ?? []).map((port) => port.split(':').slice(-2));
const listeners = (text: unknown) =>
  Object.fromEntries(
    String(text)
      .split(',')
      .map((listener) => /^(\w+):\/\/([^:]*):(\d+)$/.exec(listener)?.slice(1) ?? [])
      .map(([name, host, port]) => [name, { host, port }]),
  );

test('docker-compose.yml is a valid Compose file', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const { $schema: _, ...schema } = JSON.parse(file('test/fixtures/compose-spec.json'));
  const validate = ajv.compile(schema);
  validate(compose);
  expect(validate.errors).toBeNull();
  expect(validate({ services: { redis: { image: 'redis:7', prots: [] } } })).toBe(false);
});

test('it has all servers', () => {
  expect(services.map(([name]) => name)).toEqual([
    'kafka1',
    'kafka2',
    'kafka3',
    'redis',
    'kafdrop',
    'redis-commander',
    'localstack',
  ]);
});

test('none gets the Docker of this machine unless it is asked for by name', () => {
  const docker = services.filter(([, { volumes = [] }]) =>
    volumes.some((one) => one.includes('docker.sock')),
  );
  expect(docker.map(([name, { profiles }]) => [name, profiles])).toEqual([['localstack', ['localstack']]]);
  expect(services.filter(([, { profiles }]) => profiles).map(([name]) => name)).toEqual(['localstack']);
});

test.each(services)('%s: the image is pinned to a release', (_, { image }) => {
  expect(image).toMatch(/^[^:]+:\d+\.\d+(\.\d+)?([.-]\w+)*$/);
});

test('no two services publish the same port, and no port is open to the network', () => {
  const ports = services.flatMap(([, service]) => service.ports ?? []);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  const host = ports.map((port) => port.split(':')[1]);
  expect(new Set(host).size).toBe(host.length);
  expect(host.sort()).toEqual(['4566', '6379', '8081', '9000', '9092', '9094', '9096']);
});

test('a service that another waits for has a health check', () => {
  const waits = services.flatMap(([, service]) => Object.entries(service.depends_on ?? {}));
  expect(waits.length).toBeGreaterThan(0);
  for (const [name, { condition }] of waits) {
    expect(condition).toBe('service_healthy');
    expect(compose.services[name]?.healthcheck?.test.length).toBeGreaterThan(1);
  }
});

test('each named volume is declared and used by one service', () => {
  const named = services
    .flatMap(([, service]) => service.volumes ?? [])
    .map((volume) => volume.split(':')[0]!)
    .filter((source) => !source.startsWith('/'));
  expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
});

test.each(brokers)('%s advertises only addresses at which it listens', (name, service) => {
  const env = service.environment!;
  const bound = listeners(env.KAFKA_LISTENERS);
  const advertised = listeners(env.KAFKA_ADVERTISED_LISTENERS);
  expect(Object.keys(bound).sort()).toEqual(['CONTROLLER', 'EXTERNAL', 'INTERNAL']);
  expect(advertised.INTERNAL).toEqual({ host: name, port: bound.INTERNAL!.port });
  expect(advertised.EXTERNAL).toEqual({ host: 'localhost', port: bound.EXTERNAL!.port });
  expect(published(service)).toEqual([[bound.EXTERNAL!.port, bound.EXTERNAL!.port]]);
  expect(service.hostname).toBe(name);
  expect(service.healthcheck?.test.at(-1)).toBe(`${name}:${bound.INTERNAL!.port}`);
  for (const listener of Object.keys(bound)) {
    expect(String(env.KAFKA_LISTENER_SECURITY_PROTOCOL_MAP).split(',')).toContain(`${listener}:PLAINTEXT`);
  }
});

test('the three brokers are one cluster that survives the loss of one', () => {
  const all = brokers.map(([, service]) => service.environment!);
  expect(new Set(all.map((env) => env.CLUSTER_ID)).size).toBe(1);
  expect(Buffer.from(String(all[0]!.CLUSTER_ID), 'base64url')).toHaveLength(16);
  const voters = brokers.map(
    ([name, { environment }]) =>
      `${environment!.KAFKA_NODE_ID}@${name}:${listeners(environment!.KAFKA_LISTENERS).CONTROLLER!.port}`,
  );
  expect(voters).toHaveLength(3);
  for (const env of all) {
    expect(env.KAFKA_CONTROLLER_QUORUM_VOTERS).toBe(voters.join(','));
    expect(env.KAFKA_PROCESS_ROLES).toBe('broker,controller');
    expect(env.KAFKA_DEFAULT_REPLICATION_FACTOR).toBe(3);
    expect(env.KAFKA_MIN_INSYNC_REPLICAS).toBe(2);
    expect(env.KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR).toBe(3);
  }
});

test('the consoles for Kafka and Redis connect to the servers of this file', () => {
  const internal = brokers.map(([name]) => `${name}:19092`).join(',');
  expect(compose.services.kafdrop?.environment?.KAFKA_BROKERCONNECT).toBe(internal);
  expect(compose.services['redis-commander']?.environment?.REDIS_HOSTS).toBe('local:redis:6379');
});
