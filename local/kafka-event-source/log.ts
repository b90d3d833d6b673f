/** Takes lines for people. */
export interface Log {
  notice(line: string): void;
  warning(line: string): void;
  error(line: string): void;
  /** One line for each invocation. */
  debug(line: string): void;
}
