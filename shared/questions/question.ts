import * as z from 'zod';
import type { Row } from '../platform/http/csv.ts';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';

/** What a question is answered from. */
export interface QuestionContext {
  store: StoreReader;
  site: Site;
  /** How far Kafka's log goes. */
  fetchOffsets(): Promise<PartitionOffsets[]>;
  /** Minutes without a change after which a cart counts as abandoned. */
  cartAbandonedMinutes: number;
  /** Whether the answer becomes a table (CSV). A list may then be whole, since a table has no pages. */
  isTable: boolean;
}

/** All of a question that the API answers. */
export interface Question {
  path: `/${string}`;
  summary: string;
  /** Those in the path. */
  parameters: z.ZodObject;
  query: z.ZodObject;
  answer: z.ZodType;
  /** What a 404 says; absent: a site always has an answer. */
  notFound?: string;
  /**
   * How long an answer may be cached. `days`: until one of its days changes, if these are past; else as `moment`.
   * `moment`: about a second. `never`: it names users, and a cached copy would outlive their erasure, or it is about
   * the state of the system itself.
   */
  cached: 'days' | 'moment' | 'never';
  /** For how many days after a range its answer may still change, without a change of the range's days. */
  laterDays?: number | ((query: never) => number);
  csv: Table<never>;
  /**
   * Whether an answer can end at an hour of its last day, and then which of its figures are of whole days all the same.
   * Absent, or undefined for a query: it is of whole days.
   */
  wholeDayFigures?(query: never): readonly string[] | undefined;
  read(context: QuestionContext, parameters: never, query: never): Promise<unknown>;
}

/** How an answer becomes a table. */
export interface Table<Answer> {
  /** These come first, also when there are no rows. A function where they depend on what was asked. */
  columns: readonly string[] | ((answer: Answer) => readonly string[]);
  rows(answer: Answer): Row[];
}

type None = z.ZodObject<Record<never, never>>;

/** Declares a question; checks that its parts fit each other. */
export const question = <A extends z.ZodType, P extends z.ZodObject = None, Q extends z.ZodObject = None>({
  parameters,
  query,
  ...rest
}: Omit<Question, 'parameters' | 'query' | 'answer' | 'csv' | 'read' | 'wholeDayFigures' | 'laterDays'> & {
  parameters?: P;
  query?: Q;
  answer: A;
  csv: Table<z.infer<A>>;
  laterDays?: number | ((query: z.infer<Q>) => number);
  wholeDayFigures?(query: z.infer<Q>): readonly string[] | undefined;
  read(context: QuestionContext, parameters: z.infer<P>, query: z.infer<Q>): Promise<z.infer<A>>;
}): Question => ({ parameters: parameters ?? z.object({}), query: query ?? z.object({}), ...rest });

/** The whole answer is one row. */
export const oneRow = <A extends z.ZodObject>({ shape }: A): Table<z.infer<A>> => ({
  columns: Object.keys(shape),
  rows: (answer) => [answer],
});

/** A list in the answer has the rows. */
export const rowsIn = <L extends string>(
  { shape }: { shape: Record<L, z.ZodArray<z.ZodObject>> },
  list: L,
): Table<Record<L, Row[]>> => ({
  columns: Object.keys(shape[list].element.shape),
  rows: (answer) => answer[list],
});

/** Whether a question is about a site's range of days, and so can be repeated for the days before. */
export const isAboutDays = ({ query, parameters }: Question) =>
  'from' in query.shape && !('user' in parameters.shape);

/** An id in a path. Half a surrogate pair has no UTF-8: two such ids could become one. */
export const idParameter = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode');

/** A person in a path. */
export const userParameter = idParameter(256).meta({
  description: 'A user id or anonymous id, percent-encoded as in any path',
  example: 'ada',
});
