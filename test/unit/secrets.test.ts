import { inspect } from 'node:util';
import { Secret } from '../../shared/platform/secrets.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:redis-AbCdEf';

/** A secret whose store answers with these texts, one after the other, the last one for good. */
function secretWith(...texts: (string | Error)[]) {
  let reads = 0;
  const secret = new Secret(ARN, async (arn) => {
    expect(arn).toBe(ARN);
    const text = texts[Math.min(reads, texts.length - 1)]!;
    reads += 1;
    if (text instanceof Error) throw text;
    return text;
  });
  return { secret, reads: () => reads };
}

describe('reading a secret', () => {
  test('asks the store once, however many ask at the same time or later', async () => {
    const { secret, reads } = secretWith('{"username":"a","password":"b"}');
    const all = await Promise.all([secret.read(), secret.read(), secret.read()]);
    expect([...all, await secret.read()]).toEqual(Array(4).fill({ username: 'a', password: 'b' }));
    expect(reads()).toBe(1);
  });

  test('leaves out what is no text, as rotation functions of AWS add it', async () => {
    const { secret } = secretWith('{"password":"b","port":6379,"engine":null}');
    expect(await secret.read()).toEqual({ password: 'b' });
  });

  test.each(['hunter2', '"hunter2"', '["hunter2"]', '{"password":"hunter2"'])(
    'of the text %s fails without showing it',
    async (text) => {
      const { secret } = secretWith(text);
      const error: unknown = await secret.read().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'secret_unreadable', status: 503 });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2');
    },
  );

  test('names the secret and the reason when the store refuses, and asks again the next time', async () => {
    const { secret } = secretWith(new Error('AccessDenied'), '{"password":"b"}');
    await expect(secret.read()).rejects.toThrow(`${ARN} cannot be read: AccessDenied`);
    expect(await secret.read()).toEqual({ password: 'b' });
  });
});

describe('renewing a refused secret', () => {
  test('reads it again and says whether it has changed', async () => {
    const { secret, reads } = secretWith('{"password":"old"}', '{"password":"new"}');
    const refused = await secret.read();
    expect(await secret.renew(refused)).toBe(true);
    expect(await secret.read()).toEqual({ password: 'new' });
    expect(reads()).toBe(2);
  });

  test('asks no store when another connection has renewed it already', async () => {
    const { secret, reads } = secretWith('{"password":"old"}', '{"password":"new"}');
    const refused = await secret.read();
    const both = await Promise.all([secret.renew(refused), secret.renew(refused)]);
    expect([...both, await secret.renew(refused)]).toEqual([true, true, true]);
    expect(reads()).toBe(2);
  });

  test('asks the store no more than once in five seconds when the secret is simply wrong', async () => {
    const { secret, reads } = secretWith('{"password":"wrong"}');
    const refused = await secret.read();
    const answers = [];
    for (let i = 0; i < 20; i++) answers.push(await secret.renew(refused));
    expect(answers).toEqual(Array(20).fill(false));
    expect(reads()).toBe(2);
  });

  test('keeps the old one while the store is away', async () => {
    const { secret } = secretWith('{"password":"old"}', new Error('away'));
    const refused = await secret.read();
    expect(await secret.renew(refused)).toBe(false);
    expect(await secret.read()).toBe(refused);
  });
});
