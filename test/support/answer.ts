/** What a function or a server answered. Names of headers are in lower case. */
export interface Answer<T = unknown> {
  status: number;
  headers: Record<string, string>;
  body: T;
}
