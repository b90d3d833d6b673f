import { isDeepStrictEqual } from 'node:util';
import { SESSION_DIMENSIONS } from '../../shared/event/dimensions.ts';
import { erasureEvent } from '../../shared/event/erasure.ts';
import type { FootfallEvent } from '../../shared/event/event.ts';
import { partitionOf } from '../../shared/event/partition.ts';
import { SHOP_FUNNEL } from '../../shared/funnels/definition.ts';
import type { Generation } from '../../shared/generations/generation.ts';
import { connectRedis } from '../../shared/platform/redis/connection.ts';
import { userDigest } from '../../shared/platform/redis/digest.ts';
import { userKey } from '../../shared/platform/user-key.ts';
import type { Site } from '../../shared/sites/site.ts';
import { distinct } from '../oracle/naive.ts';
import { identities } from '../oracle/people.ts';
import { type Asked, askAbout, askAboutFunnels, askAboutNow, askAboutPeople } from '../oracle/questions.ts';
import type { NaiveShop } from '../oracle/shop.ts';
import { asIfAt } from './as-if-at.ts';
import { eventOf, HOUR, type Installed, MINUTE, PARTITIONS, START, seed } from './rebuild.ts';
import { RememberingReader } from './remembering-reader.ts';

/** Compares every answer of a generation about a site with the plain program that has the whole list of events. */
export async function expectTruth(
  { config }: Installed,
  generation: Generation,
  shop: NaiveShop,
  all: readonly FootfallEvent[],
  lookAt: (answer: unknown, question: unknown[]) => unknown = (answer) => answer,
): Promise<void> {
  const redis = connectRedis(config.redis, { enableAutoPipelining: true });
  try {
    const reader = new RememberingReader(redis, generation);
    const range = { from: shop.dates[0]!, to: shop.dates.at(-1)! };
    const visitors = Map.groupBy(
      [...identities(distinct(all))].filter(([name]) => JSON.parse(name)[0] === shop.site.id),
      ([, user]) => user,
    );
    const ids = [...visitors].map(
      ([user, list]) => [user, list.map(([name]) => JSON.parse(name)[1] as string)] as const,
    );
    await asIfAt(shop.now, async () => {
      const asked: Asked[] = [
        ...askAbout(reader, shop, range, seed % 3),
        ...askAboutFunnels(reader, shop, range, [SHOP_FUNNEL]),
        ...askAboutNow(reader, shop, range, new Map(ids)),
        ...askAboutPeople(reader, shop, range, new Map(ids)),
      ];
      for (const { question, answer, expected } of asked) {
        const [found, wanted] = [lookAt(await answer, question), lookAt(expected, question)];
        if (!isDeepStrictEqual(found, wanted))
          expect({ question, found }).toEqual({ question, found: wanted });
      }
    });
  } finally {
    redis.disconnect();
  }
}

const OF_CUT_SESSIONS =
  /bounce|engage|conver|session_ms|outside_visits|(?:viewed|carted|checkout)_sessions|^(?:view|cart|checkout)_rate$/;
const OF_BUYERS = /first_(orders|revenue)|repeat_|new_customers/;

/**
 * An answer without what depends on whether an erasure came before the events that were forwarded to the user: how
 * sessions were cut, and who bought the orders.
 */
export function withoutSessions(answer: unknown, question: unknown[] = []): unknown {
  if (SESSION_DIMENSIONS.includes(question[3] as never)) return undefined;
  if (['customers', 'customer cohorts'].includes(question[2] as string)) return undefined;
  if (typeof answer !== 'object' || answer === null) return answer;
  if (Array.isArray(answer)) return answer.map((one) => withoutSessions(one));
  const kept = Object.entries(answer).filter(
    ([name]) => !OF_CUT_SESSIONS.test(name) && !OF_BUYERS.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutSessions(value)]));
}

/** When the people of {@link signedIn} are erased. */
export const ERASED_AT = START + 10 * HOUR;

/** The record of an erasure of one id. */
export const eraseOne = ({ id: site }: Site, user: string) =>
  erasureEvent({ site, user, at: ERASED_AT, erases: { receipt: userDigest(site, user), of: 1 } });

/** An id of a site whose records go to a partition. */
export function idIn(
  { partition, site }: { partition: number; site: Site },
  name: string,
  partitions = PARTITIONS,
) {
  for (let n = 0; ; n++) {
    const user = `${name}-${n}`;
    if (partitionOf(userKey({ site: site.id, user }), partitions) === partition) return user;
  }
}

/**
 * The events of a visitor who signs in as a user of another partition, and of a second person. `erasures` are the
 * records that erase the first person; `erasure.after` comes later: late events, and events of the same ids as a new person.
 */
export function signedIn(site: Site, name: string) {
  const [user, visitor] = [
    idIn({ partition: 0, site }, `${name}-user`),
    idIn({ partition: 1, site }, `${name}-visitor`),
  ];
  const one = (fields: Partial<FootfallEvent>, minutes: number) =>
    eventOf({ site: site.id, ts: START + minutes * MINUTE, ...fields });
  const before = [
    one({ user, known: true }, 0),
    one({ user: `${name}-other`, known: true, name: 'purchase', value: 700, currency: 'EUR' }, 1),
    one({ user: visitor, items: [{ id: 'tea', quantity: 1 }] }, 100),
    one({ user: visitor, name: 'identify', identifies: user }, 101),
    one({ user: visitor, name: 'purchase', value: 1_000, currency: 'EUR' }, 102),
  ];
  const at = ERASED_AT;
  // What was happening before comes late; and what is done afterwards is a new person's.
  const after = [
    one({ user, known: true, received: at + HOUR }, 3),
    one({ user, known: true, ts: at + HOUR }, 0),
    one({ user: visitor, ts: at + 2 * HOUR }, 0),
  ];
  const receipt = `${name}-receipt`;
  const erasures = [user, visitor].map((id) =>
    erasureEvent({ site: site.id, user: id, at, erases: { receipt, of: 2 } }),
  );
  return {
    site,
    user,
    visitor,
    receipt,
    erasures,
    erasure: { site: site.id, asked: [user], at, before, after },
  };
}
