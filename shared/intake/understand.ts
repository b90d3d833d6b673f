import type { FootfallEvent } from '../event/event.ts';
import type { WayIn } from '../event/ways-in.ts';
import type { Site } from '../sites/site.ts';
import { enrich, ignoredBot, type Visitor } from './enrich/enrich.ts';
import { programIn } from './enrich/user-agent.ts';
import { type Found, findingsOf, pathInEvent, valueAt } from './findings.ts';
import type { Incoming, IncomingEvent } from './incoming.ts';
import { type Refusal, type Translation, translate } from './plain-event.ts';
import { isNoUserAgent } from './values/placeholders.ts';
import { MAX_WARNINGS, type Warning } from './values/warning.ts';
import { allWarningsOf } from './verdicts.ts';

/** What is known of an event besides itself. */
export interface Surroundings {
  site: Site;
  /** When it arrived, ms since the epoch. */
  received: number;
  visitor: Visitor;
  via: WayIn;
  /** Makes an id for an event without one. */
  newId(): string;
}

/** The canonical event, with a refund of what came back in an order; or the problems, with paths in the request's body and the values there. */
export type Understood =
  | { event: FootfallEvent; refund?: FootfallEvent; deadLetter?: Refusal; warnings: Warning[] }
  | { refusals: Refusal[]; found: Found[] };

/** Turns an event of any format into a canonical one. */
export function understand(one: Incoming, surroundings: Surroundings): Understood {
  const { site, received, visitor, via, newId } = surroundings;
  if ('refusals' in one) return { refusals: one.refusals, found: withValues(one.refusals, one) };
  const result = translate(one.plain, site, received, newId);
  const placed = (refusal: Refusal) => ({ ...refusal, path: one.pathOf(refusal.path) });
  if ('refusals' in result) {
    const found = result.refusals.map((refusal) => ({
      ...placed(refusal),
      value: valueAt(one.plain, refusal.path),
    }));
    return { refusals: result.refusals.map(placed), found };
  }
  const program = programOf(one.userAgent, visitor);
  const own = isNoUserAgent(one.userAgent) || program !== undefined ? undefined : one.userAgent;
  const from = own === undefined ? visitor : { ...visitor, userAgent: own };
  const event = enrich(result.event, from, site);
  event.via = via;
  const refund = result.refund && { ...enrich(result.refund, from, site), via };
  const bot = program ?? ignoredBot(event, from);
  const more = bot === undefined ? [] : [notABot(bot, one)];
  const warnings = [...allWarningsOf(one, result), ...more];
  if (warnings.length > 0) event.put_right = findingsOf(putRight(one, result, more));
  return {
    event,
    ...(refund && { refund }),
    ...(result.deadLetter && { deadLetter: placed(result.deadLetter) }),
    warnings: warnings.slice(0, MAX_WARNINGS),
  };
}

/** What was put right, with the values as they were sent. */
function putRight(one: IncomingEvent, result: Translation, more: readonly Warning[]): Found[] {
  const own = 'warnings' in result ? (result.warnings ?? []) : [];
  return [
    ...withValues(one.warnings ?? [], one),
    ...own.map((warning) => ({
      ...warning,
      path: one.pathOf(warning.path),
      value: valueAt(one.plain, warning.path),
    })),
    ...more,
  ];
}

/** The values are in the event as it was sent. */
function withValues(problems: readonly (Refusal | Warning)[], { raw }: Incoming): Found[] {
  const event = raw?.();
  return problems.map((problem) => ({
    ...problem,
    value:
      valueAt(event, pathInEvent(problem.path)) ??
      valueAt(event, problem.path.replace(/^events\[\d+\]/, 'events[0]')),
  }));
}

const notABot = (bot: string, { pathOf }: IncomingEvent): Warning => ({
  code: 'not_a_bot',
  path: pathOf('user_agent'),
  message: `names ${bot}, a program; it was ignored, since it says nothing of the visitor`,
});

/**
 * The program that an event of a server names as its user agent: the HTTP library of the shop, or a provider's webhook. It
 * is not the visitor's. A crawler, which the server saw, is.
 * @returns undefined when it names none, or when a browser sent the event.
 */
function programOf(userAgent: string | undefined, visitor: Visitor): string | undefined {
  const isOfServer = visitor.userAgent === undefined && visitor.agent === undefined;
  return isOfServer && userAgent !== undefined && !isNoUserAgent(userAgent)
    ? programIn(userAgent)
    : undefined;
}
