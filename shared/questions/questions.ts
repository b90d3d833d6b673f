import { z } from 'zod';
import { EVENT_NAME } from '../event/event.ts';
import { NAME_OF_INTERACTION } from '../intake/plain-event.ts';
import { dayText } from '../platform/http/day-parameter.ts';
import { breakdownQuery, breakdownSchema, dimensionParameter, readBreakdown } from './breakdowns.ts';
import { cartsQuery, cartsSchema, readCarts } from './carts.ts';
import { eventsQuery, eventsSchema, readEvents } from './events.ts';
import {
  funnelQuery,
  funnelSchema,
  funnelsQuery,
  funnelsSchema,
  readFunnel,
  readFunnels,
} from './funnels.ts';
import { interactionsQuery, interactionsSchema, readInteractions } from './interactions.ts';
import { ledgerQuery, ledgerSchema, readLedger } from './ledger.ts';
import { liveQuery, liveSchema, readLive } from './live.ts';
import { overviewQuery, overviewSchema, readOverview } from './overview.ts';
import { productQuery, productSchema, readProduct } from './product.ts';
import { productsQuery, productsSchema, readProducts } from './products.ts';
import { columnsOf, type Question, question } from './question.ts';
import { readRetention, retentionQuery, retentionSchema } from './retention.ts';
import { readRevenue, revenueQuery, revenueSchema } from './revenue.ts';
import { readSeries, seriesQuery, seriesSchema } from './series.ts';
import { readSessions, sessionsQuery, sessionsSchema } from './sessions.ts';
import { readTrending, trendingQuery, trendingSchema } from './trending.ts';
import { readUniqueUsers, uniqueUsersQuery, uniqueUsersSchema } from './unique-users.ts';
import { readUser, userSchema } from './user.ts';

const none = z.object({});

/** An id in a path: any text, but halves of surrogate pairs, of which two ids could become one. */
const idText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode');
const user = idText(256).meta({
  description: 'A user id or anonymous id, percent-encoded as in any path',
  example: 'ada',
});
const product = idText(128).meta({ description: 'A product id, percent-encoded', example: 'tea-1' });

export const questions: readonly Question[] = [
  question({
    path: '/v1/overview',
    summary: "A site's totals over a range of days",
    parameters: none,
    query: overviewQuery,
    answer: overviewSchema,
    kept: 'days',
    columns: columnsOf(overviewSchema),
    rows: (data) => [data],
    read: ({ store, site }, _, query) => readOverview(store, site, query),
  }),
  question({
    path: '/v1/series',
    summary: 'One metric over time: by minute, hour, day, week or month',
    parameters: none,
    query: seriesQuery,
    answer: seriesSchema,
    kept: 'days',
    columns: columnsOf(seriesSchema.shape.points),
    rows: ({ points }) => points,
    read: ({ store, site }, _, query) => readSeries(store, site, query),
  }),
  question({
    path: '/v1/events',
    summary: 'How often events happened, in total and as a series',
    parameters: none,
    query: eventsQuery,
    answer: eventsSchema,
    kept: 'days',
    columns: [],
    rows: ({ events, series }) =>
      series?.map(({ start, total, events }) => ({ start, total, ...prefixed('n', events) })) ??
      Object.entries(events).map(([event, count]) => ({ event, count })),
    read: ({ store, site }, _, query) => readEvents(store, site, query),
  }),
  question({
    path: '/v1/breakdowns/{dimension}',
    summary: 'What happened by country, device, source, page, category or another dimension',
    parameters: z.object({ dimension: dimensionParameter }),
    query: breakdownQuery,
    answer: breakdownSchema,
    kept: 'days',
    columns: ['value'],
    rows: ({ rows }) => rows,
    read: ({ store, site }, { dimension }, query) => readBreakdown(store, site, dimension, query),
  }),
  question({
    path: '/v1/products',
    summary: 'The most popular products, by any metric',
    parameters: none,
    query: productsQuery,
    answer: productsSchema,
    kept: 'days',
    columns: columnsOf(productsSchema.shape.products),
    rows: ({ products }) => products,
    read: ({ store, site }, _, query) => readProducts(store, site, query),
  }),
  question({
    path: '/v1/products/{product}',
    summary: 'What happened to one product, in total and by day',
    parameters: z.object({ product }),
    query: productQuery,
    answer: productSchema,
    kept: 'days',
    columns: columnsOf(productSchema.shape.days),
    rows: ({ days }) => days,
    read: ({ store, site }, { product: id }, query) => readProduct(store, site, id, query),
  }),
  question({
    path: '/v1/revenue',
    summary: 'Orders, refunds and their money by day, month or country',
    parameters: none,
    query: revenueQuery,
    answer: revenueSchema,
    kept: 'days',
    columns: columnsOf(revenueSchema.shape.rows),
    rows: ({ rows }) => rows,
    read: ({ store, site }, _, query) => readRevenue(store, site, query),
  }),
  question({
    path: '/v1/sessions',
    summary: 'Sessions, bounces and how long sessions are, in total and by day',
    parameters: none,
    query: sessionsQuery,
    answer: sessionsSchema,
    kept: 'days',
    columns: columnsOf(sessionsSchema.shape.days),
    rows: ({ days }) => days,
    read: ({ store, site }, _, query) => readSessions(store, site, query),
  }),
  question({
    path: '/v1/users/unique',
    summary: 'How many different users were active in a range, exactly; new and returning ones',
    parameters: none,
    query: uniqueUsersQuery,
    answer: uniqueUsersSchema,
    kept: 'days',
    columns: columnsOf(uniqueUsersSchema),
    rows: (data) => [data],
    read: ({ store, site }, _, query) => readUniqueUsers(store, site, query),
  }),
  question({
    path: '/v1/retention',
    summary: 'Of the users first seen in a day, week or month, how many came back later',
    parameters: none,
    query: retentionQuery,
    answer: retentionSchema,
    // How many periods have begun changes without any event.
    kept: 'moment',
    columns: ['start', 'period', 'users', 'rate'],
    rows: ({ cohorts }) =>
      cohorts.flatMap(({ start, retained }) => retained.map((cell) => ({ start, ...cell }))),
    read: ({ store, site }, _, query) => readRetention(store, site, query),
  }),
  question({
    path: '/v1/funnels',
    summary: 'The funnels of the site: the shop funnel, and those that it defined',
    parameters: none,
    query: funnelsQuery,
    answer: funnelsSchema,
    kept: 'never',
    columns: columnsOf(funnelsSchema.shape.funnels),
    rows: ({ funnels }) => funnels,
    read: ({ store, site }) => readFunnels(store, site),
  }),
  question({
    path: '/v1/funnels/{funnel}',
    summary: 'How far those came who entered a funnel, and how long each step took',
    parameters: z.object({ funnel: idText(40).meta({ example: 'shop' }) }),
    query: funnelQuery,
    answer: funnelSchema,
    kept: 'days',
    columns: columnsOf(funnelSchema.shape.steps),
    rows: ({ steps }) => steps,
    read: ({ store, site }, { funnel }, query) => readFunnel(store, site, funnel, query),
  }),
  question({
    path: '/v1/carts/abandoned',
    summary: 'Carts that were filled and left, the latest first',
    parameters: none,
    query: cartsQuery,
    answer: cartsSchema,
    kept: 'never',
    columns: columnsOf(cartsSchema.shape.carts),
    rows: ({ carts }) => carts,
    read: ({ store, site, cartAbandonedMinutes }, _, query) =>
      readCarts(store, site, query, cartAbandonedMinutes),
  }),
  question({
    path: '/v1/live',
    summary: 'How many users are there now',
    parameters: none,
    query: liveQuery,
    answer: liveSchema,
    kept: 'moment',
    columns: columnsOf(liveSchema),
    rows: (data) => [data],
    read: ({ store, site }) => readLive(store, site),
  }),
  question({
    path: '/v1/trending',
    summary: 'The products that most happens to now',
    parameters: none,
    query: trendingQuery,
    answer: trendingSchema,
    kept: 'moment',
    columns: columnsOf(trendingSchema.shape.products),
    rows: ({ products }) => products,
    read: ({ store, site }, _, query) => readTrending(store, site, query),
  }),
  question({
    path: '/v1/ledger',
    summary: 'What became of every event that was accepted',
    parameters: none,
    query: ledgerQuery,
    answer: ledgerSchema,
    kept: 'never',
    columns: columnsOf(ledgerSchema.shape.partitions),
    rows: ({ partitions }) => partitions,
    read: ({ store, site, fetchOffsets }) => readLedger(store, site, fetchOffsets),
  }),
  question({
    path: '/v1/users/{user}',
    summary: "A user's engagement",
    parameters: z.object({ user }),
    query: none,
    answer: userSchema,
    kept: 'never',
    columns: columnsOf(userSchema),
    rows: (data) => [data],
    read: ({ store, site }, { user: id }) => readUser(store, site, id),
  }),
  question({
    path: '/v1/users/{user}/interactions',
    summary: "A user's interactions on a day or between two days",
    parameters: z.object({ user }),
    query: interactionsQuery,
    answer: interactionsSchema,
    kept: 'never',
    columns: columnsOf(interactionsSchema.shape.interactions),
    rows: ({ interactions }) => interactions,
    read: ({ store, site }, { user: id }, query) => readInteractions(store, site, id, query),
  }),
  // The paths of the program that this one grew out of, for clients that still have them.
  question({
    path: '/get_user_engagement/{user}',
    summary: 'As /v1/users/{user}',
    parameters: z.object({ user }),
    query: none,
    answer: userSchema,
    kept: 'never',
    columns: columnsOf(userSchema),
    rows: (data) => [data],
    read: ({ store, site }, { user: id }) => readUser(store, site, id),
  }),
  question({
    path: '/get_popular_products/{limit}',
    summary: 'As /v1/products?limit=',
    parameters: z.object({ limit: productsQuery.shape.limit.unwrap() }),
    query: productsQuery.omit({ limit: true }),
    answer: productsSchema,
    kept: 'days',
    columns: columnsOf(productsSchema.shape.products),
    rows: ({ products }) => products,
    read: ({ store, site }, { limit }, query) => readProducts(store, site, { ...query, limit }),
  }),
  question({
    path: '/get_event_frequency/{event}',
    summary: 'As /v1/events?event=; click and view are select_item and view_item',
    parameters: z.object({ event: z.string().regex(EVENT_NAME) }),
    query: eventsQuery.omit({ event: true }),
    answer: eventsSchema,
    kept: 'days',
    columns: ['event', 'count'],
    rows: ({ events }) => Object.entries(events).map(([event, count]) => ({ event, count })),
    read: ({ store, site }, { event }, query) =>
      readEvents(store, site, { ...query, event: currentName(event) }),
  }),
  question({
    path: '/get_user_data_by_date/{user}/{date}',
    summary: 'As /v1/users/{user}/interactions?date=',
    parameters: z.object({ user, date: dayText }),
    query: interactionsQuery.pick({ limit: true, cursor: true }),
    answer: interactionsSchema,
    kept: 'never',
    columns: columnsOf(interactionsSchema.shape.interactions),
    rows: ({ interactions }) => interactions,
    read: ({ store, site }, { user: id, date }, query) =>
      readInteractions(store, site, id, { ...query, date }),
  }),
  question({
    path: '/get_user_data_between_dates/{user}/{start}/{end}',
    summary: 'As /v1/users/{user}/interactions?from=&to=',
    parameters: z.object({ user, start: dayText, end: dayText }),
    query: interactionsQuery.pick({ limit: true, cursor: true }),
    answer: interactionsSchema,
    kept: 'never',
    columns: columnsOf(interactionsSchema.shape.interactions),
    rows: ({ interactions }) => interactions,
    read: ({ store, site }, { user: id, start, end }, query) =>
      readInteractions(store, site, id, { ...query, from: start, to: end }),
  }),
];

const prefixed = (prefix: string, counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix}.${name}`, count]));

/** The original's names of interactions, as they are called here; other names are themselves. */
const currentName = (name: string) =>
  Object.hasOwn(NAME_OF_INTERACTION, name)
    ? NAME_OF_INTERACTION[name as keyof typeof NAME_OF_INTERACTION]
    : name;
