import { z } from 'zod';
import { eventsQuery, eventsSchema, readEvents } from '../../shared/analytics/events.ts';
import {
  interactionsQuery,
  interactionsSchema,
  readInteractions,
} from '../../shared/analytics/interactions.ts';
import { overviewQuery, overviewSchema, readOverview } from '../../shared/analytics/overview.ts';
import { productsQuery, productsSchema, readProducts } from '../../shared/analytics/products.ts';
import { dayText } from '../../shared/analytics/range.ts';
import { readRevenue, revenueQuery, revenueSchema } from '../../shared/analytics/revenue.ts';
import { readUser, userSchema } from '../../shared/analytics/user.ts';
import { EVENT_NAME } from '../../shared/events/event.ts';
import { NAME_OF_INTERACTION } from '../../shared/events/plain.ts';
import type { Site } from '../../shared/sites.ts';
import type { StoreReader } from '../../shared/store/reads.ts';

/** A question that can be asked over HTTP: its path, what it takes, what it answers, and who answers it. */
export interface Question {
  path: `/${string}`;
  summary: string;
  parameters: z.ZodObject;
  query: z.ZodObject;
  answer: z.ZodType;
  read(store: StoreReader, site: Site, parameters: never, query: never): Promise<unknown>;
}

/** Checks that the parts of a question fit each other. */
function question<P extends z.ZodObject, Q extends z.ZodObject, A extends z.ZodType>(one: {
  path: `/${string}`;
  summary: string;
  parameters: P;
  query: Q;
  answer: A;
  read(store: StoreReader, site: Site, parameters: z.infer<P>, query: z.infer<Q>): Promise<z.infer<A>>;
}): Question {
  return one;
}

const none = z.object({});
const user = z
  .string()
  .min(1)
  .max(256)
  .meta({ description: 'A user id or anonymous id, percent-encoded as in any path', example: 'ada' });

export const questions: readonly Question[] = [
  question({
    path: '/v1/overview',
    summary: "A site's totals over a range of days",
    parameters: none,
    query: overviewQuery,
    answer: overviewSchema,
    read: (store, site, _, query) => readOverview(store, site, query),
  }),
  question({
    path: '/v1/events',
    summary: 'How often events happened, in total and as a series',
    parameters: none,
    query: eventsQuery,
    answer: eventsSchema,
    read: (store, site, _, query) => readEvents(store, site, query),
  }),
  question({
    path: '/v1/products',
    summary: 'The most popular products, by any metric',
    parameters: none,
    query: productsQuery,
    answer: productsSchema,
    read: (store, site, _, query) => readProducts(store, site, query),
  }),
  question({
    path: '/v1/revenue',
    summary: 'Orders, refunds and their money by day, month or country',
    parameters: none,
    query: revenueQuery,
    answer: revenueSchema,
    read: (store, site, _, query) => readRevenue(store, site, query),
  }),
  question({
    path: '/v1/users/{user}',
    summary: "A user's engagement",
    parameters: z.object({ user }),
    query: none,
    answer: userSchema,
    read: (store, site, { user }) => readUser(store, site, user),
  }),
  question({
    path: '/v1/users/{user}/interactions',
    summary: "A user's interactions on a day or between two days",
    parameters: z.object({ user }),
    query: interactionsQuery,
    answer: interactionsSchema,
    read: (store, site, { user }, query) => readInteractions(store, site, user, query),
  }),
  // The paths of the program that this one grew out of, for clients that still have them.
  question({
    path: '/get_user_engagement/{user}',
    summary: 'As /v1/users/{user}',
    parameters: z.object({ user }),
    query: none,
    answer: userSchema,
    read: (store, site, { user }) => readUser(store, site, user),
  }),
  question({
    path: '/get_popular_products/{limit}',
    summary: 'As /v1/products?limit=',
    parameters: z.object({ limit: productsQuery.shape.limit.unwrap() }),
    query: productsQuery.omit({ limit: true }),
    answer: productsSchema,
    read: (store, site, { limit }, query) => readProducts(store, site, { ...query, limit }),
  }),
  question({
    path: '/get_event_frequency/{event}',
    summary: 'As /v1/events?event=; click and view are select_item and view_item',
    parameters: z.object({ event: z.string().regex(EVENT_NAME) }),
    query: eventsQuery.omit({ event: true }),
    answer: eventsSchema,
    read: (store, site, { event }, query) => readEvents(store, site, { ...query, event: currentName(event) }),
  }),
  question({
    path: '/get_user_data_by_date/{user}/{date}',
    summary: 'As /v1/users/{user}/interactions?date=',
    parameters: z.object({ user, date: dayText }),
    query: interactionsQuery.pick({ limit: true, cursor: true }),
    answer: interactionsSchema,
    read: (store, site, { user, date }, query) => readInteractions(store, site, user, { ...query, date }),
  }),
  question({
    path: '/get_user_data_between_dates/{user}/{start}/{end}',
    summary: 'As /v1/users/{user}/interactions?from=&to=',
    parameters: z.object({ user, start: dayText, end: dayText }),
    query: interactionsQuery.pick({ limit: true, cursor: true }),
    answer: interactionsSchema,
    read: (store, site, { user, start, end }, query) =>
      readInteractions(store, site, user, { ...query, from: start, to: end }),
  }),
];

/** The original's names of interactions, as they are called here; other names are themselves. */
const currentName = (name: string) =>
  Object.hasOwn(NAME_OF_INTERACTION, name)
    ? NAME_OF_INTERACTION[name as keyof typeof NAME_OF_INTERACTION]
    : name;
