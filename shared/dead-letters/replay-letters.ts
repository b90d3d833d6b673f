import type * as z from 'zod';
import { FootfallError } from '../platform/errors.ts';
import { readJson } from '../platform/http/body.ts';
import { check } from '../platform/http/check.ts';
import { cursorOf, readCursor } from '../platform/http/cursor.ts';
import { type HttpRequest, type HttpResponse, json, NOT_KEPT } from '../platform/http/stack.ts';
import { type Access, readAccess } from '../sites/access.ts';
import type { ReplayOptions, ReplayOutcome, Selection } from './letter-replayer.ts';
import { discardInput, replayInput } from './letter-schemas.ts';
import type { DeadLettersContext } from './letters-context.ts';
import { letterCursor, siteOf } from './list-letters.ts';
import { filterOf } from './present-letter.ts';

const MAX_BODY_BYTES = 1_000_000;

/**
 * Both throw FootfallError `unauthorized` 401, `wrong_site` 403, `unknown_letter` 404, `not_replayable` 422,
 * 400s, 503s.
 */

/** `POST /v1/dead-letters/replay`. */
export async function replayLetters(
  request: HttpRequest,
  context: DeadLettersContext,
): Promise<HttpResponse> {
  const access = await readAccess(request, context);
  // A patch may set a value to null.
  const input = check(replayInput, readJson(request, MAX_BODY_BYTES, { keepNulls: true }));
  const { patch, event } = input;
  const done = await context.replayer.replay(
    selectionOf(input, access),
    { patch, event },
    optionsFor(access, input.note, context),
  );
  return answer({ replayed: done.done.length }, done, input);
}

/** `POST /v1/dead-letters/discard`. */
export async function discardLetters(
  request: HttpRequest,
  context: DeadLettersContext,
): Promise<HttpResponse> {
  const access = await readAccess(request, context);
  const input = check(discardInput, readJson(request, MAX_BODY_BYTES));
  const done = await context.replayer.discard(
    selectionOf(input, access),
    optionsFor(access, input.note, context),
  );
  return answer({ discarded: done.done.length }, done, input);
}

function selectionOf(
  { letters, reason, site, from, to, cursor, limit }: z.infer<typeof discardInput>,
  access: Access,
): Selection {
  if (letters) return { letters };
  const filter = filterOf({ reason, site, from, to }, access);
  return { filter, after: readCursor(cursor, letterCursor), limit };
}

const optionsFor = (
  access: Access,
  note: string | undefined,
  { timeMs }: DeadLettersContext,
): ReplayOptions => {
  const site = siteOf(access);
  return {
    by: site === undefined ? 'installation' : `site:${site}`,
    note,
    site,
    deadline: performance.now() + timeMs,
  };
};

function answer(
  count: { replayed: number } | { discarded: number },
  { done, already, refused, next, remaining }: ReplayOutcome,
  { letters }: { letters?: string[] | undefined },
): HttpResponse {
  const isAsked = refused.every(({ code }) => code !== 'out_of_time');
  if (letters && isAsked && done.length === 0 && already.length === 0) throw refusalOf(refused);
  const next_cursor = next && remaining > 0 ? cursorOf(next) : undefined;
  return json(
    200,
    { data: { ...count, already, refused, remaining, ...(next_cursor !== undefined && { next_cursor }) } },
    NOT_KEPT,
  );
}

/** The error when none of the named letters could be processed. */
function refusalOf(refused: ReplayOutcome['refused']): FootfallError {
  const errors = refused.map(({ letter, code, message }) => ({ path: letter, message, code }));
  if (refused.every(({ code }) => code === 'unknown_letter')) {
    return new FootfallError('unknown_letter', 404, 'There is no such dead letter.', { details: { errors } });
  }
  const [first] = refused;
  const message =
    refused.length === 1
      ? first!.message
      : 'None of these letters can be replayed this way; see details.errors.';
  return new FootfallError('not_replayable', 422, message, { details: { errors } });
}
