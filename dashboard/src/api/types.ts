import type { components, paths } from './schema.d.ts';

/** What the API takes and answers, by the OpenAPI document. */

type Get = { [P in keyof paths]: paths[P] extends { get: infer Operation } ? Operation : never };
/** A path that answers GET. */
export type GetPath = { [P in keyof paths]: Get[P] extends never ? never : P }[keyof paths];

type Parameters_<P extends GetPath> = Get[P] extends { parameters: infer Given } ? Given : never;
/** The parameters of a path, without `site`, `format` and `compare`, which the dashboard sets by itself. */
export type QueryOf<P extends GetPath> =
  Parameters_<P> extends { query?: infer Query } ? Omit<NonNullable<Query>, 'format' | 'compare'> : never;
export type PathOf<P extends GetPath> = Parameters_<P> extends { path: infer Path } ? Path : undefined;

type Json<P extends GetPath> = Get[P] extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;
/** `data` of an answer. */
export type DataOf<P extends GetPath> = Json<P> extends { data: infer Data } ? Data : Json<P>;

export type Schemas = components['schemas'];

/** What an answer says of itself, where it is about a site's numbers. */
export interface Meta {
  time_zone?: string;
  as_of?: string;
  /** Records applied before the answer was computed, of all sites. */
  applied?: number;
  lag_events?: number | null;
  lag_ms?: number | null;
  complete?: boolean | null;
}
