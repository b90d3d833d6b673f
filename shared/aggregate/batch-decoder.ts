import type { LetterLookup } from '../dead-letters/known-letters.ts';
import {
  type DeadLetter,
  type Decoded,
  decode,
  qualityOfLate,
  type UserRef,
  usersOf,
} from '../event/decode.ts';
import type { KafkaRecord } from '../platform/kafka/record.ts';
import type { Site, Sites } from '../sites/site.ts';
import type { SiteSource } from '../sites/source.ts';

/** Reads the records of one batch. */
export interface BatchDecoder {
  /** The users of the batch, by the key of their records. */
  users: ReadonlyMap<string, UserRef>;
  /** Reads one record. A record that became a dead letter earlier stays one, even if its site exists by now. */
  decode(record: KafkaRecord): Decoded<Site>;
  /** Whether the record became a dead letter earlier, which has been published then. */
  wasRefused(record: KafkaRecord): boolean;
}

/**
 * @param partitions of the events topic
 * @param refusedBefore asked after the sites are known. A program that refuses a record for its unknown site later than
 *   that knows at least the same sites.
 * @throws FootfallError `sites_unavailable` when it is not known whether a site exists.
 */
export async function openDecoder(
  records: readonly KafkaRecord[],
  { partitions, sites: source }: { partitions: number; sites: SiteSource },
  refusedBefore: () => Promise<LetterLookup>,
): Promise<BatchDecoder> {
  const users = usersOf(records, partitions);
  const sites = await sitesOf(users, source);
  const refused = await refusedBefore();
  return {
    users,
    wasRefused: (record) => refused(record) !== undefined,
    decode: (record) => {
      const decoded = decode(record, users, sites);
      const before = refused(record);
      if (!before) return decoded;
      const { origin, replays } = decoded.event ?? decoded;
      const { reason } = before;
      // The letter was counted without a site, so a site that was made since then does not count it.
      const site = reason === 'unknown_site' ? undefined : decoded.site;
      // The same numbers as when it was refused, although its event would be counted by now.
      const late = reason === 'too_late' && decoded.event ? qualityOfLate(decoded.event) : undefined;
      const quality = decoded.event ? late : decoded.quality;
      return {
        ...{ record, reason, detail: PUBLISHED, site, origin, replays, quality, isKnown: true },
      } as DeadLetter<Site>;
    },
  };
}

/** Explains nothing: the letter has been published with its explanation. */
const PUBLISHED = 'It is a dead letter already.';

/**
 * The sites by which records are judged. The sender of a record knew its site, which may have been made a moment ago: a
 * site is unknown only when the sites topic does not have it either.
 */
async function sitesOf(users: ReadonlyMap<string, UserRef>, source: SiteSource): Promise<Sites> {
  const sites = await source.current();
  return users.values().every(({ site }) => sites.get(site)) ? sites : source.complete();
}
