/**
 * Captures what is written to standard output and error meanwhile, such as logs and metrics. JSON lines are
 * parsed.
 */
export async function printed(
  run: () => unknown,
): Promise<{ text: string; lines: Record<string, unknown>[] }> {
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map((stream) => stream.write);
  let text = '';
  for (const stream of streams) {
    stream.write = (chunk: string | Uint8Array) => {
      text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
  }
  try {
    await run();
  } finally {
    streams.forEach((stream, i) => {
      stream.write = writes[i]!;
    });
  }
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return { text, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}
