import { stopAll } from '../../local/start/stop-all.ts';

test('everything is stopped in reverse order, also when one stop fails', async () => {
  const stopped: string[] = [];
  const started = ['first', 'second', 'third'].map((name) => ({
    name,
    async stop() {
      stopped.push(name);
      if (name === 'second') throw new Error('It hangs.');
    },
  }));
  const lines: string[] = [];
  expect(await stopAll(started, (line) => lines.push(line))).toEqual(['Could not stop second: It hangs.']);
  expect(stopped).toEqual(['third', 'second', 'first']);
  expect(lines).toHaveLength(3);
});
