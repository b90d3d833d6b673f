import { DAY_MS, HOUR_MS } from '../../shared/platform/time.ts';
import { addKey, revokeKey, rotateKey } from '../../shared/sites/manage-keys.ts';
import { type Site, Sites, siteSchema } from '../../shared/sites/site.ts';

/** The life of keys, at given times. */

const now = Date.parse('2026-11-25T12:00:00Z');
const fresh = () => addKey(siteSchema.parse({ id: 'shop' }), 'read', now);
const reads = (site: Site, text: string, at: number) => new Sites([site]).forReadKey(text, at) !== undefined;

test('a key made with a name and an end has both, and works until then', () => {
  const { site, made } = addKey(siteSchema.parse({ id: 'shop' }), 'read', now, {
    ...{ name: 'Screen', expiresAt: now + HOUR_MS },
  });
  expect(made.key).toMatchObject({ name: 'Screen', expires_at: '2026-11-25T13:00:00.000Z' });
  expect(reads(site, made.text, now + HOUR_MS - 1)).toBe(true);
  expect(reads(site, made.text, now + HOUR_MS)).toBe(false);
});

test('a rotation keeps the name and the planned end, however often', () => {
  const { site, made } = addKey(siteSchema.parse({ id: 'shop' }), 'read', now, {
    ...{ name: 'Screen', expiresAt: now + DAY_MS },
  });
  const once = rotateKey(site, made.key.id, { now, overlapMs: HOUR_MS });
  // The old key ends with the overlap by now; the key was made to end a day later.
  const again = rotateKey(once.site, made.key.id, { now, overlapMs: 0 });
  const last = rotateKey(again.site, once.made.key.id, { now, overlapMs: 0 });
  for (const { made: next, site: changed } of [once, again, last]) {
    expect(next.key).toMatchObject({ name: 'Screen', expires_at: '2026-11-26T12:00:00.000Z' });
    expect(reads(changed, next.text, now + DAY_MS - 1)).toBe(true);
    expect(reads(changed, next.text, now + DAY_MS)).toBe(false);
  }
});

test('a key without a planned end has a successor without one, also during its overlap', () => {
  const { site, made } = fresh();
  const once = rotateKey(site, made.key.id, { now, overlapMs: HOUR_MS });
  const again = rotateKey(once.site, made.key.id, { now, overlapMs: HOUR_MS });
  for (const { key } of [once.made, again.made]) expect(key).not.toHaveProperty('expires_at');
});

test('a rotated key works beside the new one for the overlap and no longer', () => {
  const { site, made } = fresh();
  const rotated = rotateKey(site, made.key.id, { now, overlapMs: HOUR_MS });
  expect(rotated.made.key.kind).toBe('read');
  for (const [at, old] of [
    [now, true],
    [now + HOUR_MS - 1, true],
    [now + HOUR_MS, false],
  ] as const) {
    expect(reads(rotated.site, made.text, at)).toBe(old);
    expect(reads(rotated.site, rotated.made.text, at)).toBe(true);
  }
});

test('a key rotated without an overlap ends at once', () => {
  const { site, made } = fresh();
  const rotated = rotateKey(site, made.key.id, { now, overlapMs: 0 });
  expect(reads(rotated.site, made.text, now)).toBe(false);
});

test('a second rotation never extends the old key', () => {
  const { site, made } = fresh();
  const once = rotateKey(site, made.key.id, { now, overlapMs: HOUR_MS });
  const twice = rotateKey(once.site, made.key.id, { now, overlapMs: DAY_MS });
  expect(reads(twice.site, made.text, now + HOUR_MS)).toBe(false);
  const sooner = rotateKey(twice.site, made.key.id, { now, overlapMs: 0 });
  expect(reads(sooner.site, made.text, now)).toBe(false);
});

test('an ended key and a key of another site cannot be rotated', () => {
  const { site, made } = fresh();
  const ended = revokeKey(site, made.key.id, now);
  expect(() => rotateKey(ended, made.key.id, { now, overlapMs: 0 })).toThrow(/has expired/);
  expect(() => rotateKey(fresh().site, made.key.id, { now, overlapMs: 0 })).toThrow(/no key with this id/);
});

test('revoking ends a key now, also during its overlap; an ended key keeps its end', () => {
  const { site, made } = fresh();
  const { site: rotated } = rotateKey(site, made.key.id, { now, overlapMs: DAY_MS });
  const revoked = revokeKey(rotated, made.key.id, now + HOUR_MS);
  expect(reads(revoked, made.text, now + HOUR_MS - 1)).toBe(true);
  expect(reads(revoked, made.text, now + HOUR_MS)).toBe(false);
  expect(revokeKey(revoked, made.key.id, now + DAY_MS)).toEqual(revoked);
});

test('ended keys are listed for thirty days, then make room for new ones', () => {
  let { site, made } = fresh();
  for (let i = 1; i < 50; i++) ({ site, made } = rotateKey(site, made.key.id, { now, overlapMs: 0 }));
  expect(site.keys).toHaveLength(50);
  expect(() => addKey(site, 'write', now + 30 * DAY_MS - 1)).toThrow(/at most 50 keys/);
  const later = addKey(site, 'write', now + 30 * DAY_MS);
  expect(later.site.keys.map(({ kind }) => kind)).toEqual(['read', 'write']);
  // Too many keys do not prevent the end of one.
  expect(reads(revokeKey(site, made.key.id, now), made.text, now)).toBe(false);
});
