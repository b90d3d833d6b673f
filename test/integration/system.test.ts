import { freePort } from '../../local/services/ports.ts';
import { addSites } from '../../local/sites/demo-sites.ts';
import project from '../../package.json' with { type: 'json' };
import { withNewGeneration } from '../../shared/generations/generation.ts';
import { STATE_FORMAT } from '../../shared/generations/state-format.ts';
import { EventProducer } from '../../shared/platform/kafka/producer.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { openSites } from '../../shared/sites/directory.ts';
import { keyHash } from '../../shared/sites/site-keys.ts';
import { openSitesWriter } from '../../shared/sites/writer.ts';
import { closing } from '../support/closing.ts';
import { late, longAgo, openLetterShop, shop } from '../support/dead-letters.ts';
import { rebuiltId, shardKeys } from '../support/generation.ts';
import { openSystem } from '../support/system.ts';

/** The function `system` on a shop with a few events, a dead letter, and more than one answer may show. */

interface Shortened {
  bytes: number;
  text?: string;
  base64?: string;
  cut: boolean;
}
interface System {
  kafka: { status: string; brokers?: unknown[]; controller?: number };
  redis: { status: string; servers?: { address: string; version: string; keys: number; policy: string }[] };
  topics?: { topic: string; holds: string; exists: boolean; partitions: { low: number; end: number }[] }[];
  partitions: {
    partition: number;
    end: number | null;
    applied: number | null;
    lag_events: number | null;
    lag_ms: number | null;
    applied_at: string | null;
  }[];
  versions: { footfall: string; state_format: number };
  generations: {
    id: string;
    state: string;
    current: boolean;
    progress?: { applied: number; left: number; share_done: number };
  }[];
}
interface Records {
  low: number;
  end: number;
  records: { offset: number; key: Shortened | null; value: Shortened | null; headers: object }[];
  next_from?: number;
  next_before?: number;
}
interface Keys {
  keys: { key: string; type: string }[];
  next_cursor?: string;
}
interface Key {
  type: string;
  ttl_ms: number | null;
  size: number;
  memory: number | null;
  value?: Shortened;
  entries?: { field?: Shortened; value: Shortened; score?: number }[];
  cut: boolean;
  masked: boolean;
  readable?: { [name: string]: unknown };
}

const world = await openLetterShop([shop, late]);
const { config, redis } = world;
const { kafka } = config;
await addSites(config, [shop, late]);
const get = openSystem(config);
const producer = closing(new EventProducer(kafka), (one) => one.close());

const read = async <T>(target: string) => {
  const { status, headers, body } = await get<T>(target);
  expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  return body.data;
};
const keyOf = (key: string) => read<Key>(`/v1/system/keys/${encodeURIComponent(key)}`);
const records = (topic: string, query = '') => read<Records>(`/v1/system/topics/${topic}/records?${query}`);
/** All pages of a listing of keys. */
async function keysOf(match?: string, limit = 100) {
  const found: Keys['keys'] = [];
  let cursor = '';
  for (let pages = 0; pages < 1_000; pages++) {
    const query = new URLSearchParams({
      limit: String(limit),
      ...(match && { match }),
      ...(cursor && { cursor }),
    });
    const page: Keys = await read<Keys>(`/v1/system/keys?${query}`);
    found.push(...page.keys);
    if (page.next_cursor === undefined) return { found, pages: pages + 1 };
    cursor = page.next_cursor;
  }
  throw new Error('The scan does not end.');
}

const money = { currency: 'EUR', value: 1_250 };
await world.send(
  { user: 'ana/1', name: 'view_item', items: [{ id: 'tea', quantity: 1 }] },
  { user: 'ana/1', name: 'purchase', transaction_id: 'o-1', ...money, items: [{ id: 'tea', quantity: 1 }] },
  { user: 'bo', ts: longAgo() },
);
/** Counts everything, also what shards tell each other of an order. */
const applyAll = async () => {
  for (let i = 0; i < 3; i++) await world.apply();
};
await applyAll();

describe('access', () => {
  const paths = [
    ...['/v1/system', '/v1/system/topics', `/v1/system/topics/${kafka.eventsTopic}/records`],
    ...['/v1/system/keys', '/v1/system/keys/ff%3Asites'],
  ];
  test.each(paths)('%s opens with the key of the installation only', async (path) => {
    const answers = [];
    for (const key of ['', 'wrong', 'shop-write-key', 'shop-read-key', 'shop-admin-key']) {
      const { status, body } = await get(path, { key });
      answers.push([status, body.code]);
    }
    const unauthorized = [401, 'unauthorized'];
    expect(answers).toEqual([...Array(4).fill(unauthorized), [403, 'installation_only']]);
    expect((await get(path)).status).toBe(200);
  });
});

describe('the system', () => {
  test('tells brokers, servers and topics', async () => {
    const { kafka: brokers, redis: servers, topics, versions } = await read<System>('/v1/system');
    expect(brokers).toMatchObject({ status: 'up', brokers: [{ host: expect.any(String) }] });
    expect(brokers.controller).toEqual(expect.any(Number));
    expect(servers.status).toBe('up');
    expect(servers.servers!.length).toBe(config.redis.cluster ? 3 : 1);
    expect(servers.servers![0]).toMatchObject({
      address: expect.stringMatching(/^.+:\d+$/),
      version: expect.stringMatching(/^\d+\.\d+/),
      policy: 'noeviction',
    });
    expect(topics!.map(({ topic, holds, exists }) => [topic, holds, exists])).toEqual([
      [kafka.eventsTopic, 'events', true],
      [kafka.dlqTopic, 'dead_letters', true],
      [kafka.signalsTopic, 'signals', true],
      [kafka.sitesTopic, 'sites', true],
    ]);
    expect(versions).toMatchObject({ footfall: project.version, state_format: STATE_FORMAT });
    const { topics: listed } = await read<{ topics: System['topics'] }>('/v1/system/topics');
    expect(listed).toEqual(topics);
  });

  test('tells how far each partition is, and what waits there', async () => {
    const before = await read<System>('/v1/system');
    expect(before.partitions.every(({ end, applied }) => end === applied)).toBe(true);
    expect(before.partitions.map(({ lag_events, lag_ms }) => [lag_events, lag_ms])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const [letter] = await world.send({ user: 'ana/1' });
    const partition = Number(letter!.split('-').at(-2));
    const { partitions, generations } = await read<System>('/v1/system');
    const waiting = partitions[partition]!;
    expect(waiting).toMatchObject({ lag_events: 1, end: waiting.applied! + 1 });
    expect(waiting.lag_ms).toBeGreaterThanOrEqual(0);
    expect(Date.now() - Date.parse(waiting.applied_at!)).toBeLessThan(3_600_000);
    expect(partitions[1 - partition]).toMatchObject({ lag_events: 0 });
    const { applied, left } = generations[0]!.progress!;
    expect([left, generations[0]!.progress!.share_done]).toEqual([1, applied / (applied + 1)]);
    await applyAll();
  });

  test('tells the current generation, and how far the one that is being built has come', async () => {
    const connection = closing(connectRedis(config.redis), (one) => one.disconnect());
    const sites = closing(openSites(kafka, connection), (one) => one.close());
    const writer = closing(
      openSitesWriter(kafka, connection, (state) => sites.learn(state)),
      (one) => one.close(),
    );
    await writer.changeGenerations((known) => {
      const { known: generations, made } = withNewGeneration(known, {
        ...{ topic: kafka.eventsTopic, partitions: 2, now: Date.now(), isFirst: false },
      });
      return { generations, result: made };
    });
    // Another process, which does not know the record of before.
    const { body } = await openSystem(config)<System>('/v1/system');
    const [current, next] = body.data.generations;
    expect(current).toMatchObject({ current: true, state: 'live', progress: { left: 0, share_done: 1 } });
    expect(next).toMatchObject({ id: rebuiltId(), current: false, state: 'building' });
    expect(next!.progress).toEqual({ applied: 0, left: current!.progress!.applied, share_done: 0 });
  });
});

describe('records of a topic', () => {
  test('come newest first, page by page, until the oldest', async () => {
    const topic = kafka.signalsTopic;
    await producer.send(
      topic,
      Array.from({ length: 250 }, (_, i) => ({ key: 'same', value: `record ${i}` })),
    );
    const { topics } = await read<{ topics: System['topics'] }>('/v1/system/topics');
    const partition = topics!
      .find((one) => one.topic === topic)!
      .partitions.findIndex(({ end }) => end === 250);
    const seen: number[] = [];
    let before: number | undefined;
    do {
      const page = await records(
        topic,
        `partition=${partition}&limit=100${before === undefined ? '' : `&before=${before}`}`,
      );
      expect([page.low, page.end]).toEqual([0, 250]);
      seen.push(...page.records.map(({ offset }) => offset));
      before = page.next_before;
    } while (before !== undefined);
    expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => 249 - i));

    const first = await records(topic, `partition=${partition}&from=240&limit=4`);
    expect(first.records.map(({ offset, value }) => [offset, value!.text])).toEqual(
      [240, 241, 242, 243].map((offset) => [offset, `record ${offset}`]),
    );
    const last = await records(topic, `partition=${partition}&from=${first.next_from}&limit=100`);
    expect([last.records.length, last.next_from]).toEqual([6, undefined]);
  });

  test('have key, value and headers; long ones are cut between two letters', async () => {
    const topic = kafka.dlqTopic;
    const { records: letters } = await records(topic);
    expect(letters[0]!.headers).toMatchObject({ reason: { text: 'too_late', cut: false } });
    await producer.send(topic, [
      { key: 'k'.repeat(2_000), value: 'é'.repeat(500_000), headers: { large: 'h'.repeat(5_000) } },
      { key: 'binary', value: Buffer.from([0xff, 0x00]) },
    ]);
    const [binary, large] = (await records(topic, 'limit=2')).records;
    expect(binary!.value).toEqual({ bytes: 2, base64: '/wA=', cut: false });
    expect(large!.value).toEqual({ bytes: 1_000_000, text: 'é'.repeat(2_048), cut: true });
    expect(large!.key).toEqual({ bytes: 2_000, text: 'k'.repeat(512), cut: true });
    expect(large!.headers).toEqual({ large: { bytes: 5_000, text: 'h'.repeat(512), cut: true } });
    // One byte more before it: the letter at the end would be cut in two.
    await producer.send(topic, [{ key: 'odd', value: `x${'é'.repeat(5_000)}` }]);
    expect((await records(topic, 'limit=1')).records[0]!.value!.text).toBe(`x${'é'.repeat(2_047)}`);
  });

  test('of which there are many megabytes are read in part, the newest whole', async () => {
    const topic = kafka.dlqTopic;
    const { end } = await records(topic, 'limit=1');
    for (let i = 0; i < 30; i++) {
      await producer.send(topic, [{ key: `large ${i}`, value: Buffer.alloc(800_000, i) }]);
    }
    const { records: newest, next_before } = await records(topic, 'limit=30');
    expect(newest[0]).toMatchObject({ offset: end + 29, value: { bytes: 800_000, cut: true } });
    expect(newest.length).toBeLessThan(30);
    expect(newest.map(({ offset }) => offset)).toEqual(newest.map((_, i) => end + 29 - i));
    expect(next_before).toBe(newest.at(-1)!.offset);
    const { records: oldest, next_from } = await records(topic, `from=${end}&limit=30`);
    expect(oldest[0]!.offset).toBe(end);
    expect(oldest.length).toBeLessThan(10);
    expect(next_from).toBe(oldest.at(-1)!.offset + 1);
  });

  test('of the sites have no hashes of keys', async () => {
    const { records: sites } = await records(kafka.sitesTopic, 'limit=100');
    const text = JSON.stringify(sites);
    expect(text).toContain('"shop"');
    expect(text).toContain('(masked)');
    for (const kind of ['write', 'read', 'admin']) expect(text).not.toContain(keyHash(`shop-${kind}-key`));
    expect(text).not.toMatch(/[0-9a-f]{20}/);
  });

  test('of topics of other programs are not shown, and no topic is made', async () => {
    for (const topic of ['__consumer_offsets', 'events-of-nobody']) {
      const { status, body } = await get(`/v1/system/topics/${topic}/records`);
      expect([status, body.code]).toEqual([404, 'unknown_topic']);
    }
    const path = `/v1/system/topics/${kafka.eventsTopic}/records`;
    expect((await get(`${path}?partition=2`)).body.code).toBe('unknown_partition');
    for (const query of ['limit=101', 'limit=0', 'from=-1', 'partition=x', 'offset=3']) {
      expect((await get(`${path}?${query}`)).body.code).toBe('invalid_parameter');
    }
  });
});

describe('keys of Redis', () => {
  test('are all found, page by page, and none twice where none is added', async () => {
    for (let i = 0; i < 3_000; i++) void redis.set(`ff:answer:many-${i}`, 'x', 'EX', 600);
    await redis.set('foreign', 'x');
    const { found, pages } = await keysOf(undefined, 200);
    const names = new Set(found.map(({ key }) => key));
    expect([...names].filter((key) => key.startsWith('ff:answer:many-'))).toHaveLength(3_000);
    expect(names).toContain('ff:sites');
    expect(names).not.toContain('foreign');
    expect(pages).toBeGreaterThan(5);
    expect(found.find(({ key }) => key === 'ff:sites')).toEqual({ key: 'ff:sites', type: 'hash' });
  });

  test('match a glob, or contain a text', async () => {
    const states = await keysOf(`${shardKeys.prefix}{p*}:u:shop:*`);
    expect(states.found.map(({ key }) => key.replace(/\{p\d\}/, '{p}')).sort()).toEqual([
      `${shardKeys.prefix}{p}:u:shop:ana/1`,
    ]);
    const containing = await keysOf('u:shop:ana/1');
    expect(containing.found).toEqual(states.found);
    expect((await keysOf('*foreign*')).found).toEqual([]);
    expect((await keysOf('{p0}:head')).found).toEqual([{ key: shardKeys.head(0), type: 'hash' }]);
  });

  test('a cursor that is none, or of servers that are gone, is refused', async () => {
    const gone = Buffer.from(JSON.stringify(['gone.example:1', '17'])).toString('base64url');
    for (const cursor of ['x', gone]) {
      const { status, body } = await get(`/v1/system/keys?cursor=${cursor}`);
      expect([status, body.code]).toEqual([400, 'invalid_parameter']);
    }
  });

  test('a packed state and an order are readable', async () => {
    const [state] = (await keysOf('u:shop:ana/1')).found;
    const user = await keyOf(state!.key);
    expect(user).toMatchObject({ type: 'string', masked: false, readable: { sums: { 'n:view_item': 2 } } });
    expect(user.ttl_ms).toBeGreaterThan(0);
    expect(user.size).toBe(user.value!.bytes);
    expect(user.memory).toBeGreaterThan(0);
    const [order] = (await keysOf('o:shop:o-1')).found;
    expect((await keyOf(order!.key)).readable).toMatchObject({ first: { grain: expect.any(Number) } });
    const [timeline] = (await keysOf(`${shardKeys.prefix}*:t:shop:*`)).found;
    expect((await keyOf(timeline!.key)).readable).toContainEqual(
      expect.objectContaining({ name: 'purchase', transaction_id: 'o-1' }),
    );
  });

  test('a long text is cut in Redis, and a large state is not decoded', async () => {
    await redis.set('ff:answer:long', 'é'.repeat(1_000_000), 'EX', 600);
    expect(await keyOf('ff:answer:long')).toMatchObject({
      ...{ size: 2_000_000, cut: true },
      value: { bytes: 2_000_000, text: 'é'.repeat(4_096), cut: true },
    });
    const large = shardKeys.user(0, 'shop', 'large');
    await redis.set(large, Buffer.alloc(100_000, 0xff), 'EX', 600);
    const { value, readable } = await keyOf(large);
    expect([value!.bytes, value!.cut, readable]).toEqual([100_000, true, undefined]);
    expect(Buffer.from(value!.base64!, 'base64')).toHaveLength(8_192);
  });

  test('of hashes, sets, sorted sets and lists the first entries are shown, shortened', async () => {
    const names = Array.from({ length: 500 }, (_, i) => `entry ${i}`);
    await redis.hset('ff:answer:hash', Object.fromEntries(names.map((name) => [name, 'v'.repeat(5_000)])));
    await redis.sadd('ff:answer:set', ...names);
    await redis.rpush('ff:answer:list', ...names);
    await redis.zadd('ff:answer:zset', '-inf', 'least', ...names.flatMap((name, i) => [i, name]));
    const hash = await keyOf('ff:answer:hash');
    expect(hash).toMatchObject({ type: 'hash', size: 500, cut: true, ttl_ms: null });
    expect(hash.entries!.length).toBeGreaterThanOrEqual(90);
    expect(hash.entries!.length).toBeLessThanOrEqual(100);
    expect(hash.entries![0]).toEqual({
      field: { bytes: expect.any(Number), text: expect.stringMatching(/^entry \d+$/), cut: false },
      value: { bytes: 5_000, text: 'v'.repeat(2_048), cut: true },
    });
    const set = await keyOf('ff:answer:set');
    expect([set.type, set.size, set.cut]).toEqual(['set', 500, true]);
    expect(set.entries!.length).toBeLessThanOrEqual(100);
    const list = await keyOf('ff:answer:list');
    expect(list.entries!.map(({ value }) => value.text)).toEqual(names.slice(0, 100));
    const zset = await keyOf('ff:answer:zset');
    expect(zset.entries!.slice(0, 2)).toEqual([
      { value: { bytes: 5, text: 'least', cut: false }, score: null },
      { value: { bytes: 7, text: 'entry 0', cut: false }, score: 0 },
    ]);
    expect(zset.entries).toHaveLength(100);
    await redis.hset('ff:answer:small', { a: '1' });
    expect(await keyOf('ff:answer:small')).toMatchObject({
      size: 1,
      cut: false,
      entries: [{ value: { text: '1' } }],
    });
  });

  test('hashes of keys and the salt of addresses are masked', async () => {
    const sites = await keyOf('ff:sites');
    expect(sites.masked).toBe(true);
    const text = JSON.stringify(sites);
    expect(text).toContain('(masked)');
    expect(text).not.toMatch(/[0-9a-f]{20}/);
    // The value ends within a hash.
    const cut = `${'x'.repeat(2_000)}"hash":"${keyHash('shop-admin-key')}"`;
    await redis.hset('ff:sites', 'cut', cut);
    const { entries } = await keyOf('ff:sites');
    await redis.hdel('ff:sites', 'cut');
    const last = entries!.find(({ field }) => field!.text === 'cut')!.value;
    expect([last.cut, last.text!.slice(2_000)]).toEqual([true, '"hash":"(masked)']);
    await redis.set('ff:{limit}:salt', 'very secret', 'EX', 600);
    expect(await keyOf('ff:{limit}:salt')).toMatchObject({ value: { text: '(masked)' }, masked: true });
  });

  test('that do not exist, or belong to other programs, are not shown', async () => {
    await redis.set('foreign', 'x');
    for (const key of ['foreign', 'ff:answer:nothing']) {
      const { status, body } = await get(`/v1/system/keys/${key}`);
      expect([status, body.code]).toEqual([404, 'unknown_redis_key']);
    }
  });

  test('looking at them changes nothing', async () => {
    const { found } = await keysOf();
    const states = async () => Promise.all(found.map(({ key }) => redis.dump(key)));
    const before = await states();
    for (const { key } of found.slice(0, 50)) await keyOf(key);
    expect((await keysOf()).found.map(({ key }) => key).sort()).toEqual(found.map(({ key }) => key).sort());
    expect((await states()).map(String)).toEqual(before.map(String));
  });
});

describe('while a server is away', () => {
  const quick = async (get: ReturnType<typeof openSystem>, target: string) => {
    const began = performance.now();
    const answer = await get<System>(target);
    expect(performance.now() - began).toBeLessThan(8_000);
    return answer;
  };

  test('without Kafka, Redis is still shown, and topics are 503', async () => {
    const brokers = [`127.0.0.1:${await freePort()}`];
    const alone = openSystem({ ...config, kafka: { ...kafka, brokers } });
    const { status, body } = await quick(alone, '/v1/system');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ kafka: { status: 'down' }, redis: { status: 'up' } });
    expect(body.data.topics).toBeUndefined();
    expect(body.data.partitions.every(({ end, applied }) => end === null && applied !== null)).toBe(true);
    for (const path of ['topics', `topics/${kafka.eventsTopic}/records`]) {
      const answer = await quick(alone, `/v1/system/${path}`);
      expect([answer.status, answer.body.code]).toEqual([503, 'kafka_unavailable']);
    }
    expect((await quick(alone, '/v1/system/keys')).status).toBe(200);
  });

  test('without Redis, Kafka is still shown, and keys are 503', async () => {
    const port = await freePort();
    const address = { ...config.redis, url: `redis://127.0.0.1:${port}` };
    const alone = openSystem({ ...config, redis: address });
    const { status, body } = await quick(alone, '/v1/system');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ kafka: { status: 'up' }, redis: { status: 'down' } });
    expect(body.data.redis.servers).toBeUndefined();
    expect(body.data.partitions.every(({ end, applied }) => end !== null && applied === null)).toBe(true);
    for (const path of ['keys', 'keys/ff%3Asites']) {
      const answer = await quick(alone, `/v1/system/${path}`);
      expect([answer.status, answer.body.code]).toEqual([503, 'redis_unavailable']);
    }
    expect((await quick(alone, `/v1/system/topics/${kafka.eventsTopic}/records`)).status).toBe(200);
  });
});
