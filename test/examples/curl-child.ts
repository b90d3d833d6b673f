import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/**
 * For machines without curl: a program that knows those of curl's options that examples/curl-session uses, with curl's
 * meaning and exit codes. Any other option is an error.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    'show-error': { type: 'boolean', short: 'S' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
    fail: { type: 'boolean', default: false },
    'fail-with-body': { type: 'boolean', default: false },
    retry: { type: 'string', default: '0' },
    'retry-delay': { type: 'string', default: '1' },
    'retry-all-errors': { type: 'boolean', default: false },
  },
});
const isFailing = values.fail || values['fail-with-body'];
const headers = values.header.map((line): [string, string] => {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
});
const init = { headers, ...(values.data !== undefined && { method: 'POST', body: values.data }) };

for (let left = Number(values.retry); ; left--) {
  const response = await fetch(positionals[0]!, init);
  const hasFailed = isFailing && !response.ok;
  if (hasFailed && left > 0 && values['retry-all-errors']) {
    await sleep(1_000 * Number(values['retry-delay']));
    continue;
  }
  if (!hasFailed || values['fail-with-body']) process.stdout.write(await response.text());
  process.exitCode = hasFailed ? 22 : 0;
  break;
}
