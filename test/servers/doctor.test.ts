import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AclEntry,
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs';
import { startKafka } from '../../local/services/kafka.ts';
import { footfallDir } from '../../local/services/services.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { kafkaClient } from '../../shared/platform/kafka/client.ts';
import { ensureTopics } from '../../shared/platform/kafka/topics.ts';
import { closing } from '../support/closing.ts';
import { run } from '../support/run-footfall.ts';

/** A Kafka with passwords and ACLs, and what `footfall doctor` says of it. */
const folder = await mkdtemp(join(tmpdir(), 'footfall-doctor-'));
closing(folder, () => rm(folder, { recursive: true, force: true }));
const [broker] = await startKafka({
  folder: join(folder, 'kafka'),
  fresh: true,
  cacheDir: join(footfallDir, 'cache'),
  port: undefined,
  env: process.env,
  log: console.log,
  protocol: 'SASL_PLAINTEXT',
  user: { name: 'footfall', password: 'right-one' },
  settings: {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.clients.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // The listener of the brokers has no security.
    'super.users': 'User:ANONYMOUS',
  },
});
closing(broker!, (one) => one.stop());

const env = {
  KAFKA_BROKERS: `127.0.0.1:${broker!.port}`,
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_SASL_USERNAME: 'footfall',
  KAFKA_SASL_PASSWORD: 'right-one',
  EVENTS_PARTITIONS: '2',
  REDIS_URL: process.env.REDIS_URL!,
};
const settings = await readFile(join(folder, 'kafka', 'server.properties'), 'utf8');
const [, inside] = /BROKERS:\/\/(127\.0\.0\.1:\d+)/.exec(settings)!;
const { kafka } = readConfig({ KAFKA_BROKERS: inside, EVENTS_PARTITIONS: '2', REDIS_URL: env.REDIS_URL });
const admin = closing(kafkaClient(kafka, 'test').admin(), (one) => one.disconnect());
await admin.connect();
await ensureTopics(kafka);

const allow = (resourceType: AclResourceTypes, resourceName: string, ...operations: AclOperationTypes[]) =>
  admin.createAcls({
    acl: operations.map(
      (operation): AclEntry => ({
        ...{ resourceType, resourceName, operation, host: '*', principal: 'User:footfall' },
        resourcePatternType: ResourcePatternTypes.LITERAL,
        permissionType: AclPermissionTypes.ALLOW,
      }),
    ),
  });

async function toDo(given: NodeJS.ProcessEnv): Promise<string[]> {
  const { code, stdout, stderr } = await run('doctor', given);
  const found = [...stdout.matchAll(/^ {2}\d+\. (.+)$/gm)].map(([, text]) => text!);
  expect({ code, stderr }).toEqual({
    code: found.length > 0 ? 1 : 0,
    stderr: expect.stringMatching(/^Asking Kafka .+\n$/),
  });
  expect(stdout).not.toContain('-one');
  return found;
}

test('a wrong password is told from a broker that is away, for other tools, too', async () => {
  const given = { ...env, KAFKA_SASL_PASSWORD: 'wrong-one' };
  const refused =
    /^Kafka at 127\.0\.0\.1:\d+ refused the user or the password \(.+\)\. Check KAFKA_SASL_MECHANISM, and /;
  expect(await toDo(given)).toEqual([expect.stringMatching(refused)]);
  for (const command of ['topics check', 'simulate']) {
    const { code, stdout, stderr } = await run(command, given);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Kafka.* refused the user or the password \([^\n]+\n$/);
    expect(stderr).not.toContain('wrong-one');
  }
}, 60_000);

test('a client that does not sign in is told what to look at', async () => {
  const { KAFKA_SASL_MECHANISM: _mechanism, ...given } = env;
  expect(await toDo(given)).toEqual([
    expect.stringMatching(/^Kafka does not answer at .+KAFKA_SASL_MECHANISM/),
  ]);
}, 60_000);

test('each right that is missing is named, until none is', async () => {
  const { DESCRIBE, DESCRIBE_CONFIGS, READ, WRITE, DELETE } = AclOperationTypes;
  const { TOPIC, GROUP } = AclResourceTypes;
  expect(await toDo(env)).toEqual(
    ['events', 'events.dlq', 'signals', 'sites'].map((topic) => expect.stringContaining(topic)),
  );
  await allow(TOPIC, '*', DESCRIBE);
  expect(await toDo(env)).toEqual([
    "Kafka's user may not describe the topics. Add the ACL (docs/deploy.md, Kafka).",
  ]);
  await allow(TOPIC, '*', DESCRIBE_CONFIGS);
  for (const topic of ['events.dlq', 'signals', 'sites']) await allow(TOPIC, topic, WRITE);
  expect(await toDo(env)).toEqual([
    "Kafka's user may not write to the topic events. Add the ACL (docs/deploy.md, Kafka).",
  ]);
  await allow(TOPIC, 'events', WRITE);
  const producer = closing(kafkaClient(kafka, 'test').producer(), (one) => one.disconnect());
  await producer.connect();
  await producer.send({ topic: 'events', messages: [{ key: 'a', value: '{}' }] });
  const withGroup = { ...env, AGGREGATE_GROUP: 'footfall-prod-aggregate' };
  expect(await toDo(withGroup)).toEqual([
    "Kafka's user may not read the topic events in a group named footfall-catch-up-…. Add the ACL (docs/deploy.md, Kafka).",
    "Kafka's user may not look at the group footfall-prod-aggregate. Add the ACL (docs/deploy.md, Kafka).",
  ]);
  await allow(TOPIC, 'events', READ);
  await allow(GROUP, '*', READ, DELETE, DESCRIBE);
  expect(await toDo(withGroup)).toEqual([expect.stringMatching(/^No poller reads the events in the group /)]);
  expect(await toDo(env)).toEqual([]);
}, 180_000);
