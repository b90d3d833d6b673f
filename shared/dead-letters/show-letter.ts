import { FootfallError } from '../platform/errors.ts';
import { check } from '../platform/http/check.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import { readAccess } from '../sites/access.ts';
import { letterPath } from './letter-schemas.ts';
import type { DeadLettersContext } from './letters-context.ts';
import { catchUp, siteOf } from './list-letters.ts';
import { peopleNamed } from './people-named.ts';
import { prepareReplay } from './prepare-replay.ts';
import { presentLetter } from './present-letter.ts';

/**
 * Longer content is presented in base64 only: as JSON text it could grow sixfold, and Lambda limits an answer to
 * 6 MB.
 */
const MAX_TEXT_BYTES = 500_000;

/**
 * `GET /v1/dead-letters/{letter}`.
 * @throws FootfallError `unauthorized` 401, `unknown_letter` 404 (also for letters of another site), 503s.
 */
export async function showLetter(request: HttpRequest, context: DeadLettersContext): Promise<HttpResponse> {
  const access = await readAccess(request, context);
  const { letter } = check(letterPath, request.pathParameters ?? {});
  await catchUp(context);
  const entry = (await context.index.entries([letter])).get(letter);
  const site = siteOf(access);
  if (!entry || (site !== undefined && entry.site !== site)) throw unknownLetter();
  const found = (await context.topic.records([entry.place])).get(entry.place.offset);
  if (!found) throw unknownLetter();
  const { headers, value = '' } = found;
  const { topic = '', key } = headers;
  const [partition, offset] = [Number(headers.partition), Number(headers.offset)];
  const bytes = Buffer.from(value, 'base64');
  const keyText = key === undefined ? undefined : Buffer.from(key, 'base64').toString('utf8');
  const presented = {
    ...presentLetter({ letter, ...entry }),
    record: { topic, partition, offset },
  };
  const people = peopleNamed(bytes, keyText);
  if (!people || (await context.areErased(people)).includes(true)) {
    return json(200, { data: { ...presented, erased: true } }, NOT_KEPT);
  }
  const sites = await context.sites.complete();
  const shards = { sites, partitions: context.partitions };
  const refused_now = entry.status === 'open' ? prepareReplay(letter, bytes, {}, shards).refusal : undefined;
  return json(
    200,
    {
      data: {
        ...presented,
        record: { ...presented.record, ...(keyText !== undefined && { key: keyText }) },
        ...textOf(bytes),
        base64: value,
        ...(refused_now && { refused_now }),
      },
    },
    NOT_KEPT,
  );
}

function textOf(bytes: Buffer): { text?: string } {
  if (bytes.length > MAX_TEXT_BYTES) return {};
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return {};
  }
}

const unknownLetter = () =>
  new FootfallError('unknown_letter', 404, 'No such dead letter, or Kafka has deleted it.');
