import type { Endpoint } from '../../shared/platform/http/endpoint.ts';
import {
  dataAnswer,
  problemAnswer,
  retryAnswer,
  unauthorizedAnswer,
} from '../../shared/platform/http/endpoint.ts';
import {
  keyAnswer,
  keyPath,
  keysAnswer,
  keysQuery,
  listKeys,
  showKey,
} from '../../shared/system/show-keys.ts';
import { showSystem, systemSchema } from '../../shared/system/show-system.ts';
import {
  listTopics,
  recordsAnswer,
  recordsQuery,
  showRecords,
  topicPath,
  topicsAnswer,
} from '../../shared/system/show-topics.ts';
import type { SystemContext } from '../../shared/system/system-context.ts';

const common = { method: 'GET', tag: 'system', access: ['installationKey'] } as const;
const refusals = {
  401: unauthorizedAnswer('No admin key'),
  403: problemAnswer("A site's admin key is not enough here"),
};
const wrongParameter = problemAnswer('A parameter is wrong');
const noKafka = retryAnswer('Kafka is away');
const noRedis = retryAnswer('Redis is away');

export const systemEndpoints: readonly Endpoint<SystemContext>[] = [
  {
    ...common,
    path: '/v1/system',
    id: 'read_system',
    summary: 'Brokers, topics, the lag of each partition, generations, and servers of Redis',
    description: 'While Kafka or Redis is away, the answer has the other half.',
    responses: {
      ...refusals,
      200: dataAnswer('The system as it is now', systemSchema),
      503: retryAnswer("The key is not the installation's, and the sites cannot be read"),
    },
    handler: showSystem,
  },
  {
    ...common,
    path: '/v1/system/topics',
    id: 'list_topics',
    summary: 'The topics of this installation, with the ends of their partitions',
    responses: { ...refusals, 200: dataAnswer('The topics', topicsAnswer), 503: noKafka },
    handler: listTopics,
  },
  {
    ...common,
    path: '/v1/system/topics/{topic}/records',
    id: 'list_records',
    summary: 'Some records of a partition, shortened',
    description: `The newest first; with \`from\`, the oldest first from that offset on. Hashes of keys in the sites topic
are masked. Records are shown as Kafka has them, also of people who were erased since.`,
    parameters: topicPath,
    query: recordsQuery,
    responses: {
      ...refusals,
      200: dataAnswer('The records', recordsAnswer),
      400: wrongParameter,
      404: problemAnswer('This installation has no such topic, or the topic no such partition'),
      503: noKafka,
    },
    handler: showRecords,
  },
  {
    ...common,
    path: '/v1/system/keys',
    id: 'list_redis_keys',
    summary: 'Keys of this installation in Redis',
    description: 'Looks at a bounded number of keys. Go on with `next_cursor` until there is none.',
    query: keysQuery,
    responses: { ...refusals, 200: dataAnswer('Some keys', keysAnswer), 400: wrongParameter, 503: noRedis },
    handler: listKeys,
  },
  {
    ...common,
    path: '/v1/system/keys/{redis_key}',
    id: 'read_redis_key',
    summary: 'One key in Redis: type, time to live, size, and its value, shortened',
    description:
      'Hashes of keys and the salt of addresses are masked. Packed states and orders are also decoded.',
    parameters: keyPath,
    responses: {
      ...refusals,
      200: dataAnswer('The key', keyAnswer),
      400: wrongParameter,
      404: problemAnswer('This installation has no such key in Redis'),
      503: noRedis,
    },
    handler: showKey,
  },
];
