const closers: (() => unknown)[] = [];

/**
 * Closes the resource after the last test of this file, latest first, whether the tests passed or not. May be
 * called anywhere: at the top of a file, in a hook, in a test.
 */
export function closing<T>(resource: T, close: (resource: T) => unknown): T {
  closers.push(() => close(resource));
  return resource;
}

afterAll(async () => {
  const failures: unknown[] = [];
  for (const close of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      failures.push(error); // One failure must not keep the others open.
    }
  }
  if (failures.length > 0) throw failures[0];
});
