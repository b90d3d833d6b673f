import { ReplyError } from 'ioredis';
import { RedisUnavailable, translateError } from '../../shared/platform/redis/unavailable.ts';

const reply = (message: string): Error => new ReplyError(message);

describe('a reply', () => {
  test.each([
    'LOADING Redis is loading the dataset in memory',
    "READONLY You can't write against a read only replica.",
    'MASTERDOWN Link with MASTER is down',
    'CLUSTERDOWN The cluster is down',
    'BUSY Redis is busy running a script.',
    'EXECABORT Transaction discarded because of previous errors.',
    "ERR Error running script (call to f_1): @user_script:33: @user_script: 33: -READONLY You can't write",
  ])('"%s" is an outage', (message) => {
    const error = reply(message);
    expect(translateError(error, new Error('earlier'))).toEqual(new RedisUnavailable(message));
    expect(translateError(error).cause).toBe(error);
  });

  test.each(['WRONGTYPE Operation against a key', 'ERR unknown command', 'NOAUTH Authentication required.'])(
    '"%s" is a fault of the program or its settings',
    (message) => {
      const error = reply(message);
      expect(translateError(error)).toBe(error);
    },
  );
});

describe('a full memory is told from other outages', () => {
  const oom = "OOM command not allowed when used memory > 'maxmemory'.";

  test.each([
    oom,
    `EXECABORT Transaction discarded because of: ${oom}`,
    `ERR Error running script (call to f_1): @user_script:33: @user_script: 33: -${oom}`,
  ])('by "%s"', (message) => {
    const error = reply(message);
    expect(translateError(error)).toMatchObject({ message, cause: error, code: 'redis_full' });
  });

  test('by the errors of a transaction’s commands, which ioredis adds later', () => {
    const error = translateError(reply('EXECABORT Transaction discarded because of previous errors.'));
    expect(error).toMatchObject({ code: 'redis_unavailable' });
    Object.assign(error, { previousErrors: [reply('READONLY no'), reply(oom)] });
    expect(translateError(error)).toMatchObject({ code: 'redis_full', message: error.message });
    expect(translateError(reply('LOADING Redis is loading'))).toMatchObject({ code: 'redis_unavailable' });
  });
});

describe('a command without a reply', () => {
  const error = new Error('Connection is closed.');

  test('is an outage, and keeps what ioredis said, by which ioredis tries a pipeline again', () => {
    const translated = translateError(error);
    expect(translated).toBeInstanceOf(RedisUnavailable);
    expect([translated.message, translated.cause]).toEqual([error.message, error]);
  });

  test('has as its cause why the connection is away, where that is known', () => {
    const reason = new Error('connect ECONNREFUSED 127.0.0.1:6379');
    expect(translateError(error, reason).cause).toBe(reason);
  });

  test('is translated once', () => {
    const translated = translateError(error);
    expect(translateError(translated)).toBe(translated);
  });
});
