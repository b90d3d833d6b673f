import * as z from 'zod';
import { EVENT_NAME } from '../event/event.ts';
import { NAME_OF_INTERACTION } from '../intake/plain-event.ts';
import { dayText } from '../platform/http/day-parameter.ts';
import { eventsQuery, eventsSchema, frequencyRows, readEvents } from './events.ts';
import { interactionsQuery, interactionsSchema, readInteractions } from './interactions.ts';
import { productsQuery, productsSchema, readProducts } from './products.ts';
import { type Question, question, rowsIn, userParameter } from './question.ts';
import { UNKNOWN_USER, userQuestion } from './user.ts';

const interactionsPage = interactionsQuery.pick({ limit: true, cursor: true });

/** The paths of the program that Footfall grew out of, for clients that still use them. */
export const originalQuestions: readonly Question[] = [
  { ...userQuestion, path: '/get_user_engagement/{user}', summary: 'As /v1/users/{user}' },
  question({
    path: '/get_popular_products/{limit}',
    summary: 'As /v1/products?limit=',
    parameters: z.object({ limit: productsQuery.shape.limit.unwrap() }),
    query: productsQuery.omit({ limit: true }),
    answer: productsSchema,
    cached: 'days',
    csv: rowsIn(productsSchema, 'products'),
    read: ({ store, site }, { limit }, query) => readProducts(store, site, { ...query, limit }),
  }),
  question({
    path: '/get_event_frequency/{event}',
    summary: 'As /v1/events?event=; click and view are select_item and view_item',
    parameters: z.object({ event: z.string().regex(EVENT_NAME) }),
    query: eventsQuery.omit({ event: true }),
    answer: eventsSchema,
    cached: 'days',
    csv: { columns: ['event', 'count'], rows: ({ events }) => frequencyRows(events) },
    read: ({ store, site }, { event }, query) =>
      readEvents(store, site, { ...query, event: currentName(event) }),
  }),
  question({
    path: '/get_user_data_by_date/{user}/{date}',
    summary: 'As /v1/users/{user}/interactions?date=',
    parameters: z.object({ user: userParameter, date: dayText }),
    query: interactionsPage,
    answer: interactionsSchema,
    notFound: UNKNOWN_USER,
    cached: 'never',
    csv: rowsIn(interactionsSchema, 'interactions'),
    read: ({ store, site }, { user, date }, query) => readInteractions(store, site, user, { ...query, date }),
  }),
  question({
    path: '/get_user_data_between_dates/{user}/{start}/{end}',
    summary: 'As /v1/users/{user}/interactions?from=&to=',
    parameters: z.object({ user: userParameter, start: dayText, end: dayText }),
    query: interactionsPage,
    answer: interactionsSchema,
    notFound: UNKNOWN_USER,
    cached: 'never',
    csv: rowsIn(interactionsSchema, 'interactions'),
    read: ({ store, site }, { user, start, end }, query) =>
      readInteractions(store, site, user, { ...query, from: start, to: end }),
  }),
];

/** The original's names of interactions become today's; other names stay. */
const currentName = (name: string) =>
  Object.hasOwn(NAME_OF_INTERACTION, name)
    ? NAME_OF_INTERACTION[name as keyof typeof NAME_OF_INTERACTION]
    : name;
