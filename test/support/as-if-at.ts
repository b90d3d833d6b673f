/** Sets the clock meanwhile, since not all questions take the time as an argument. @param now ms */
export async function asIfAt(now: number, ask: () => Promise<void>): Promise<void> {
  const clock = Date.now;
  Date.now = () => now;
  try {
    await ask();
  } finally {
    Date.now = clock;
  }
}
