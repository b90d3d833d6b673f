import type { z } from 'zod';
import { readFreshness } from '../../shared/analytics/freshness.ts';
import { FootfallError } from '../../shared/errors.ts';
import { readSite } from '../../shared/http/auth.ts';
import { type HttpRequest, type HttpResponse, json } from '../../shared/http/stack.ts';
import type { PartitionOffsets } from '../../shared/kafka/offsets.ts';
import type { Sites } from '../../shared/sites.ts';
import type { StoreReader } from '../../shared/store/reads.ts';
import { problemsOf } from '../../shared/validation.ts';
import type { Question } from './questions.ts';

/** A function answers with 6 MB at most (AWS, "Lambda quotas"); the rest is for headers and the envelope. */
const MAX_ANSWER_BYTES = 5_900_000;

/**
 * Answers a question about the site of the request's read key, as `{data, meta}`.
 * @throws FootfallError `unauthorized` 401, `invalid_parameter` and `answer_too_large` 400, `redis_unavailable` 503, and the question's.
 */
export async function answer(
  question: Question,
  request: HttpRequest,
  sites: Sites,
  store: StoreReader,
  fetchOffsets: () => Promise<PartitionOffsets[]>,
): Promise<HttpResponse> {
  const site = readSite(request, sites);
  const parameters = check(question.parameters, request.pathParameters ?? {});
  const query = check(question.query, request.queryStringParameters ?? {});
  try {
    // Before the data: what is complete then is complete in the data.
    const freshness = await readFreshness(store, fetchOffsets);
    const data = await question.read(store, site, parameters as never, query as never);
    const meta = { site: site.id, time_zone: site.zone, ...freshness };
    const response = json(
      200,
      { data, meta },
      { 'cache-control': 'private, no-cache', vary: 'authorization' },
    );
    if (Buffer.byteLength(response.body ?? '') > MAX_ANSWER_BYTES) throw tooLarge();
    return response;
  } catch (cause) {
    if (cause instanceof FootfallError) throw cause;
    if (!isOutage(cause)) throw cause;
    const message = 'The numbers can not be read now.';
    throw new FootfallError('redis_unavailable', 503, message, { cause, retryAfter: 2, expose: true });
  }
}

const tooLarge = () =>
  new FootfallError(
    'answer_too_large',
    400,
    'The answer would be too large. Ask for fewer days, a coarser grain, or one event.',
  );

/** ioredis' errors for a server that is away, restarting, full, or too slow. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === 'MaxRetriesPerRequestError' ||
    /^(Connection is closed|Command timed out|LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM)/.test(
      error.message,
    ) ||
    /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND)/.test((error as NodeJS.ErrnoException).code ?? '')
  );
}

function check<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = problemsOf(parsed.error);
  throw new FootfallError(
    'invalid_parameter',
    400,
    errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
    {
      details: { errors },
    },
  );
}
