import { claimsOf, readLetterRecord } from '../../shared/dead-letters/letter-record.ts';
import { patchSchema, prepareReplay } from '../../shared/dead-letters/prepare-replay.ts';
import { Sites, siteSchema } from '../../shared/sites/site.ts';

const now = Date.now();
const event = { v: 1, id: 'e-1', site: 'shop', user: 'ana', name: 'view_item', ts: now, received: now };
const context = { sites: new Sites([siteSchema.parse({ id: 'shop' })]), partitions: 4 };
const patched = (document: object, patch: unknown) =>
  prepareReplay(
    'events-0-1',
    Buffer.from(JSON.stringify(document)),
    { patch: patchSchema.parse(patch) },
    context,
  );
const propsAfter = (props: unknown, patch: unknown) => {
  // The documents of the RFC are the event's properties here.
  const { replay, refusal } = patched({ ...event, props }, patch);
  return refusal ?? JSON.parse(replay!.value.toString()).props;
};

/** The examples of RFC 6902, appendix A, with their documents in `props`. */
test.each([
  ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/props/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
  ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/props/baz' }], { foo: 'bar' }],
  [
    'A.5',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'replace', path: '/props/baz', value: 'boo' }],
    { baz: 'boo', foo: 'bar' },
  ],
  ['A.6, flat', { a: '1', b: '2' }, [{ op: 'move', from: '/props/a', path: '/props/c' }], { b: '2', c: '1' }],
  ['A.8', { baz: 'qux' }, [{ op: 'test', path: '/props/baz', value: 'qux' }], { baz: 'qux' }],
  ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/props/~01', value: 10 }], { '/': 9, '~1': 10 }],
  ['copy', { a: '1' }, [{ op: 'copy', from: '/props/a', path: '/props/b' }], { a: '1', b: '1' }],
])('RFC 6902 %s', (_, props, patch, expected) => {
  expect(propsAfter(props, patch)).toEqual(expected);
});

test.each([
  ['A.2', [{ op: 'add', path: '/items/1', value: 'qux' }], ['bar', 'qux', 'baz']],
  ['A.4', [{ op: 'remove', path: '/items/1' }], ['bar']],
  ['A.7', [{ op: 'move', from: '/items/0', path: '/items/1' }], ['baz', 'bar']],
  ['A.16', [{ op: 'add', path: '/items/-', value: 'abc' }], ['bar', 'baz', 'abc']],
])('RFC 6902 %s, in arrays', (_, patch, expected) => {
  const item = (id: unknown) => ({ id, quantity: 1 });
  const asItems = patch.map((one) => ('value' in one ? { ...one, value: item(one.value) } : one));
  const { replay } = patched({ ...event, items: ['bar', 'baz'].map(item) }, asItems);
  expect(JSON.parse(replay!.value.toString()).items.map(({ id }: { id: string }) => id)).toEqual(expected);
});

test.each([
  ['A.9', { baz: 'qux' }, [{ op: 'test', path: '/props/baz', value: 'bar' }]],
  ['A.12', { foo: 'bar' }, [{ op: 'add', path: '/props/baz/bat', value: 'qux' }]],
  ['A.15', { '~1': 10 }, [{ op: 'test', path: '/props/~01', value: '10' }]],
  ['a missing one', {}, [{ op: 'remove', path: '/props/no' }]],
  ['into itself', { a: 'b' }, [{ op: 'move', from: '/props', path: '/props/a' }]],
  ['all of it', {}, [{ op: 'remove', path: '' }]],
  [
    'the second of two',
    {},
    [
      { op: 'add', path: '/props/a', value: 1 },
      { op: 'remove', path: '/props/b' },
    ],
  ],
])('refuses what RFC 6902 refuses: %s', (_, props, patch) => {
  expect(propsAfter(props, patch)).toMatchObject({ code: 'bad_patch' });
});

test('RFC 6902 A.11 and A.13: unknown members of an operation are refused, since a misspelt one would do nothing', () => {
  const add = { op: 'add', path: '/baz', value: 'qux' };
  for (const patch of [
    [{ ...add, xyz: 123 }],
    [{ ...add, op: 'remove' }],
    [{ op: 'add', path: '/a' }],
    [{ ...add, path: 'a' }],
  ]) {
    expect(patchSchema.safeParse(patch).success).toBe(false);
  }
});

test('a patch that doubles the event again and again is refused', () => {
  const patch = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '', path: `/c${i}` }));
  expect(propsAfter({}, patch)).toMatchObject({ code: 'too_large' });
});

test('a pointer cannot reach a prototype', () => {
  for (const path of [
    '/__proto__/polluted',
    '/constructor/prototype/polluted',
    '/props/__proto__/polluted',
  ]) {
    patched({ ...event, props: {} }, [{ op: 'add', path, value: 1 }]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  }
});

test('a replay names its letter, keeps the event id, and has the key of its event', () => {
  const { replay } = patched({ ...event, strange: 1 }, [{ op: 'replace', path: '/user', value: 'bo:b' }]);
  expect(replay!.key).toBe('shop:bo:b');
  expect(JSON.parse(replay!.value.toString())).toEqual({ ...event, user: 'bo:b', replays: 'events-0-1' });
});

test('a patch may replace the whole event; a record from another shard becomes a plain event', () => {
  expect(patched([], [{ op: 'add', path: '', value: event }]).replay).toBeDefined();
  expect(prepareReplay('events-0-1', Buffer.from('x'), { event }, context).replay).toBeDefined();
  expect(prepareReplay('events-0-1', Buffer.from('x'), {}, context).refusal).toMatchObject({
    code: 'not_json',
  });
  const sent = { ...event, origin: { partition: 0, offset: 1, part: 0 }, visitor: 'cookie', returned: 'bob' };
  expect(JSON.parse(patched(sent, []).replay!.value.toString())).toEqual({ ...event, replays: 'events-0-1' });
  const copy = { ...event, origin: sent.origin, order: { kind: 'copy' } };
  expect(patched(copy, []).refusal).toMatchObject({ code: 'not_replayable' });
});

test('history beyond the retention of the site is refused', () => {
  const ts = now - 2_000 * 86_400_000;
  expect(patched({ ...event, ts, backfill: true }, []).refusal).toMatchObject({ code: 'beyond_retention' });
});

test('reading any record of the topic throws no error', () => {
  for (const value of ['', '[]', 'null', '{"site":7,"received":1e300}', '{"site":"\\ud800","replays":"x"}']) {
    expect(claimsOf(Buffer.from(value))).toEqual({});
  }
  const key = Buffer.from('events-0-1').toString('base64');
  const headers = { reason: 'too_late', timestamp: '5' };
  expect(readLetterRecord({ key, headers })).toMatchObject({ letter: { letter: 'events-0-1', at: 5 } });
  for (const wrong of [
    { key: '', headers },
    { key, headers: {} },
    { key, headers: { ...headers, timestamp: '1e300' } },
    { key, headers: { ...headers, reason: 'toString' } },
    { key, headers: { ...headers, action: 'erase', at: '5' } },
    { key, headers: { ...headers, action: 'done', at: 'x' } },
  ]) {
    expect(readLetterRecord(wrong)).toBeUndefined();
  }
});

describe('a patch that costs more than it says', () => {
  const items = [...Array(1_500).keys()].map((index) => ({ id: `p-${index}`, quantity: 1 }));

  test.each(['length', '01', '-1', '1.0', ' 1', 'x', '1e3', '__proto__'])(
    'names no place in an array: /items/%s',
    (token) => {
      for (const op of ['add', 'replace', 'remove', 'test']) {
        const patch = [{ op, path: `/items/${token}`, ...(op !== 'remove' && { value: 100_000_000 }) }];
        expect(patched({ ...event, items }, patch).refusal).toMatchObject({ code: 'bad_patch' });
      }
      for (const op of ['move', 'copy']) {
        const patch = [{ op, from: `/items/${token}`, path: '/props' }];
        expect(patched({ ...event, items }, patch).refusal).toMatchObject({ code: 'bad_patch' });
      }
    },
  );

  test.each(['remove', 'replace', 'test'])('%s names the place behind the last one', (op) => {
    const patch = [{ op, path: '/items/-', ...(op !== 'remove' && { value: {} }) }];
    expect(patched({ ...event, items }, patch).refusal).toMatchObject({ code: 'bad_patch' });
  });

  test('compares long lists that differ everywhere', () => {
    const value = items.map((item) => ({ ...item, quantity: 2 }));
    const test = (value: unknown) => patched({ ...event, items }, [{ op: 'test', path: '/items', value }]);
    expect(test(value).refusal).toMatchObject({ code: 'bad_patch' });
    expect(test(items).refusal).toBeUndefined();
  });

  test('has a path of many slashes', () => {
    const path = `${'/'.repeat(60)}~`;
    expect(patchSchema.safeParse([{ op: 'remove', path }]).success).toBe(false);
  });

  test('copies what was copied', () => {
    const patch = [
      { op: 'add', path: '/props', value: { a: 'x'.repeat(1_000) } },
      ...[...Array(40).keys()].map((n) => ({ op: 'copy', from: '/props', path: `/props/k${n}` })),
    ];
    expect(patched(event, patch).refusal).toMatchObject({ code: 'too_large' });
  });
});

describe('when a replayed event was received', () => {
  const set = (received: unknown) => [{ op: 'add', path: '/received', value: received }];

  test('stays what the letter says', () => {
    for (const received of [now - 1, now + 1, Date.UTC(9000, 0, 1), 'now', null]) {
      expect(patched(event, set(received)).refusal).toMatchObject({ code: 'not_replayable' });
    }
    expect(patched(event, [{ op: 'remove', path: '/received' }]).refusal).toBeDefined();
    expect(patched(event, set(now)).refusal).toBeUndefined();
    const whole = prepareReplay(
      'events-0-1',
      Buffer.from(JSON.stringify(event)),
      { event: { ...event, received: now + 1 } },
      context,
    );
    expect(whole.refusal).toMatchObject({ code: 'not_replayable' });
  });

  test('is not in the future where the letter does not say it', () => {
    const { received: _, ...without } = event;
    expect(patched(without, set(now)).refusal).toBeUndefined();
    expect(patched(without, set(Date.UTC(9000, 0, 1))).refusal).toMatchObject({ code: 'not_replayable' });
  });
});
