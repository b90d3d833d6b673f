import { FootfallError } from '../../shared/errors.ts';
import { logger } from '../../shared/observe.ts';

/** What the logger writes to standard error, in place of writing it. */
function printed(log: () => void): string {
  const { write } = process.stderr;
  let text = '';
  process.stderr.write = (line: string | Uint8Array) => {
    text += line;
    return true;
  };
  try {
    log();
  } finally {
    process.stderr.write = write;
  }
  return text;
}

test('an error of Redis is logged without the arguments of its command', () => {
  const refused = Object.assign(new Error('OOM command not allowed'), {
    command: { name: 'evalsha', args: ['ff:4:{p7}:u:shop:ana', '["view_item"]'] },
  });
  const outage = new FootfallError('redis_unavailable', 503, 'The numbers can not be read.', {
    cause: refused,
  });
  for (const log of [
    () => logger.error('A batch failed', refused),
    () => logger.error(outage.message, { code: outage.code, cause: outage.cause as Error }),
    () => logger.error('An answer failed', outage),
  ]) {
    const line = printed(log);
    expect(line).toContain('OOM command not allowed');
    expect(line).not.toContain('ff:4:{p7}');
    expect(line).not.toContain('view_item');
  }
});
