import type { z } from 'zod';
import type { Row } from '../platform/http/csv.ts';
import type { PartitionOffsets } from '../platform/kafka/topic-offsets.ts';
import type { StoreReader } from '../shard/reader.ts';
import type { Site } from '../sites/site.ts';

/** What a question is answered from. */
export interface Asked {
  store: StoreReader;
  site: Site;
  /** Where Kafka's log goes to. */
  fetchOffsets(): Promise<PartitionOffsets[]>;
  /** Minutes after which an untouched cart is left behind. */
  cartAbandonedMinutes: number;
}

/** A question that can be asked over HTTP: its path, what it takes, what it answers, and who answers it. */
export interface Question {
  path: `/${string}`;
  summary: string;
  parameters: z.ZodObject;
  query: z.ZodObject;
  answer: z.ZodType;
  /**
   * How long an answer may be kept: `days`, until one of the days that it is about changes, if they are past;
   * `moment`, about a second (so are `days` that are not past); `never`, as when it names users: it would outlive
   * their erasure.
   */
  kept: 'days' | 'moment' | 'never';
  /** The answer as a table: its columns, also when it has no rows, and the rows. */
  columns: readonly string[];
  rows(data: never): Row[];
  read(asked: Asked, parameters: never, query: never): Promise<unknown>;
}

/** Checks that the parts of a question fit each other. */
export function question<P extends z.ZodObject, Q extends z.ZodObject, A extends z.ZodType>(
  one: Omit<Question, 'parameters' | 'query' | 'answer' | 'rows' | 'read'> & {
    parameters: P;
    query: Q;
    answer: A;
    rows(data: z.infer<A>): Row[];
    read(asked: Asked, parameters: z.infer<P>, query: z.infer<Q>): Promise<z.infer<A>>;
  },
): Question {
  return one;
}

/** The columns of a list in an answer, or of an answer that is a row itself. */
export const columnsOf = (list: z.ZodArray<z.ZodObject> | z.ZodObject): string[] =>
  Object.keys('element' in list ? list.element.shape : list.shape);

/** Whether a question is about a site's range of days, so that it can be asked of the days before, too. */
export const isAboutDays = ({ query, parameters }: Question) =>
  'from' in query.shape && !('user' in parameters.shape);
