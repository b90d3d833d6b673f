import * as z from 'zod';
import { NO_GENERATIONS } from '../generations/generation.ts';
import { FootfallError } from '../platform/errors.ts';
import { check } from '../platform/http/check.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import { type RawRecord, readSome } from '../platform/kafka/read-some.ts';
import { mustBeInstallation, readAccess } from '../sites/access.ts';
import { maskRecord } from './mask.ts';
import { ownTopics, presentTopic, topicSchema, withOffsets } from './own-topics.ts';
import { nextPage, stretchOf } from './record-pages.ts';
import { type Shortened, shorten, shortenedSchema } from './shorten.ts';
import type { SystemContext } from './system-context.ts';

/** Bytes that are shown of a record's value, of its key, of a header, and of all its headers. */
const VALUE_BYTES = 4_096;
const KEY_BYTES = 512;
const HEADER_BYTES = 512;
const HEADERS_BYTES = 2_048;

/** Bytes of records that are read for one answer before less is shown. */
const READ_BYTES = 2 * 1_048_576;
/** Joining a group takes some tenths of a second, on a broker that waits for more members three seconds. */
const READ_MS = 8_000;

export const topicsAnswer = z.object({ topics: z.array(topicSchema) });

export const topicPath = z.object({
  topic: z.string().max(249).meta({ description: 'One of this installation', example: 'events' }),
});

const offset = z.coerce.number('a whole number').int().min(0).max(Number.MAX_SAFE_INTEGER);

export const recordsQuery = z
  .strictObject({
    partition: z.coerce.number('a whole number').int().min(0).max(1_000_000).default(0),
    from: offset.optional().meta({ description: 'The oldest first, from this offset on' }),
    before: offset.optional().meta({
      description: 'The newest first, of those below this offset. With `from`: where the last page ends',
    }),
    limit: z.coerce.number('a whole number').int().min(1).max(100).default(20),
  })
  .meta({ description: 'Without `from` and `before`: the newest records, the newest first' });

export const recordsAnswer = z
  .object({
    topic: z.string(),
    partition: z.number().int(),
    low: z.number().int().meta({ description: 'The offset of the first record that Kafka still has' }),
    end: z.number().int().meta({ description: 'The offset of the next record' }),
    records: z.array(
      z.object({
        offset: z.number().int(),
        timestamp: z.iso.datetime().meta({ description: 'When it was accepted' }),
        key: shortenedSchema.nullable(),
        value: shortenedSchema.nullable().meta({ description: 'Null: a tombstone, in a compacted topic' }),
        headers: z.record(z.string(), shortenedSchema),
      }),
    ),
    next_from: z
      .number()
      .int()
      .optional()
      .meta({ description: 'With `from`: where the next page begins; absent at the end' }),
    next_before: z
      .number()
      .int()
      .optional()
      .meta({ description: 'Without `from`: where the next, older page ends; absent at the beginning' }),
  })
  .meta({
    id: 'TopicRecords',
    description:
      'A page may have fewer records than `limit`: offsets hold markers, and large records are read few at a time',
    examples: [
      {
        topic: 'events',
        partition: 0,
        low: 0,
        end: 12_053,
        records: [
          {
            offset: 12_052,
            timestamp: '2026-03-31T18:05:12.800Z',
            key: { bytes: 9, text: 'shoes:ada', cut: false },
            value: { bytes: 5_310, text: '{"v":1,"id":"4f5d…","site":"shoes","user":"ada",', cut: true },
            headers: {},
          },
        ],
        next_before: 12_052,
      },
    ],
  });
type Records = z.infer<typeof recordsAnswer>;

/**
 * `GET /v1/system/topics`.
 * @throws FootfallError `unauthorized` 401, `installation_only` 403; errors of Kafka that become 503.
 */
export async function listTopics(request: HttpRequest, context: SystemContext): Promise<HttpResponse> {
  mustBeInstallation(await readAccess(request, context));
  const existing = await context.catalog.topics();
  const topics = await withOffsets(context.catalog, await topicsOf(context), existing);
  return json(200, { data: { topics: topics.map(presentTopic) } }, NOT_KEPT);
}

/**
 * `GET /v1/system/topics/{topic}/records`. Reads a bounded number of bytes, whatever the topic holds.
 * @throws FootfallError `unauthorized` 401, `installation_only` 403, `invalid_parameter` 400, `unknown_topic` 404 for a
 *   topic that is not this installation's, `unknown_partition` 404; errors of Kafka that become 503.
 */
export async function showRecords(request: HttpRequest, context: SystemContext): Promise<HttpResponse> {
  mustBeInstallation(await readAccess(request, context));
  const { topic } = check(topicPath, request.pathParameters ?? {});
  const query = check(recordsQuery, request.queryStringParameters ?? {});
  const { kafka, catalog } = context;
  const isOwn = (await topicsOf(context)).some((one) => one.topic === topic);
  // Asked before anything else: a consumer of a missing topic could create it.
  if (!isOwn || !(await catalog.topics()).has(topic)) {
    throw new FootfallError('unknown_topic', 404, 'This installation has no such topic.');
  }
  const ends = (await catalog.offsets(topic)).find(({ partition }) => partition === query.partition);
  if (!ends) throw new FootfallError('unknown_partition', 404, 'The topic has no such partition.');
  const isSites = topic === kafka.sitesTopic;
  const stretch = stretchOf(query, ends);
  const { records, next } = await readSome(
    kafka,
    {
      ...{ topic, partition: query.partition, ...stretch, limit: query.limit },
      ...{ maxBytes: READ_BYTES, timeoutMs: READ_MS },
    },
    (message) => presentRecord(message, isSites),
  );
  const oldest = records[0]?.offset;
  const data: Records = {
    ...{ topic, partition: query.partition, low: ends.low, end: ends.high },
    records: stretch.keep === 'last' ? records.toReversed() : records,
    ...nextPage(stretch, { low: ends.low, next, oldest }),
  };
  return json(200, { data }, NOT_KEPT);
}

/** Generations may count further topics. While they can't be read, the configured topics are known. */
async function topicsOf({ sites, kafka }: SystemContext) {
  const { generations } = await sites.generations().catch((error: unknown) => {
    if (error instanceof FootfallError && error.code === 'sites_unavailable') return NO_GENERATIONS;
    throw error;
  });
  return ownTopics(kafka, generations);
}

function presentRecord(
  { offset, timestamp, key, value, headers }: RawRecord,
  isSites: boolean,
): Records['records'][number] {
  const shown = value && shorten(value, VALUE_BYTES);
  return {
    offset,
    timestamp: new Date(timestamp).toISOString(),
    key: key && shorten(key, KEY_BYTES),
    value: shown && isSites ? maskRecord(shown) : shown,
    headers: presentHeaders(headers),
  };
}

/** Headers beyond {@link HEADERS_BYTES} are left out. */
function presentHeaders(headers: RawRecord['headers']): Record<string, Shortened> {
  const shown: [string, Shortened][] = [];
  let left = HEADERS_BYTES;
  for (const [name, bytes] of headers) {
    left -= Math.min(bytes.length, HEADER_BYTES) + name.length;
    if (left < 0) break;
    shown.push([name, shorten(bytes, HEADER_BYTES)]);
  }
  return Object.fromEntries(shown);
}
