/** Where the poller reports what it does. Each line is a message for people, without a line break. */
export interface Log {
  notice(line: string): void;
  warning(line: string): void;
  error(line: string): void;
  /** Detail: one line for each invocation. */
  debug(line: string): void;
}
