import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../local/services/ports.ts';
import { Server, takeFolder } from '../../local/services/server.ts';
import { closing } from '../support/closing.ts';

/**
 * The plugin for serverless-offline of local/offline, with functions that are slow, hang or crash: what a client is told
 * is stored has been stored, and it is never told so when the function did not answer.
 */

const root = resolve(import.meta.dirname, '../..');
const folder = closing(await mkdtemp(join(tmpdir(), 'footfall-overload-')), (path) =>
  rm(path, { recursive: true, force: true }),
);
const stored = join(folder, 'stored');
const storedBodies = () => (existsSync(stored) ? readFileSync(stored, 'utf8').trimEnd().split('\n') : []);

const agent = closing(new Agent({ keepAlive: true, maxSockets: 200 }), (one) => one.destroy());
let port: number;

interface Answer {
  status: number;
  body: unknown;
}

/** Without fetch, whose pool holds requests back. */
function post(path: string, body: string): Promise<Answer> {
  const { promise, resolve: done, reject } = Promise.withResolvers<Answer>();
  request({ port, path, method: 'POST', agent, headers: { 'content-type': 'text/plain' } }, (response) => {
    let text = '';
    response.on('data', (chunk) => {
      text += chunk;
    });
    response.on('end', () => done({ status: response.statusCode!, body: text && JSON.parse(text) }));
  })
    .on('error', reject)
    .end(body);
  return promise;
}

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i));
const statuses = (answers: readonly Answer[]) => [...new Set(answers.map(({ status }) => status))];

beforeAll(async () => {
  port = await freePort();
  const lambdaPort = await freePort();
  await takeFolder('serverless offline', folder, false);
  const server = new Server({
    name: 'serverless offline',
    command: process.execPath,
    args: [
      join(root, 'node_modules/serverless/bin/serverless.js'),
      ...['offline', 'start', '--noPrependStageInUrl', '--noSponsor'],
      ...['--httpPort', String(port), '--lambdaPort', String(lambdaPort)],
    ],
    env: {
      ...process.env,
      STORED: stored,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    },
    port,
    folder,
    cwd: join(root, 'test/fixtures/offline'),
    mark: `--httpPort ${port}`,
    ready: () =>
      post('/nowhere', '').then(
        () => true,
        () => false,
      ),
  });
  closing(server, () => server.stop());
  await server.start();
});

test('200 requests at once to a slow function are answered, and what is accepted is stored', async () => {
  const answers = await Promise.all(times(200, (i) => post('/slow', `slow-${i}`)));
  const accepted = answers.flatMap(({ status }, i) => (status < 300 ? [`slow-${i}`] : []));
  expect(accepted).toHaveLength(200);
  expect(storedBodies().sort()).toEqual(accepted.sort());
  expect(answers[0]!.body).toEqual({ greeting: 'slow' });
});

test('a function whose time is over gives 504; what it had not stored is not accepted', async () => {
  const late = times(100, (i) => post('/late', `late-${i}`));
  const quick = times(100, (i) => post('/late', `quick-${i}`));
  expect(statuses(await Promise.all(quick))).toEqual([202]);
  const answers = await Promise.all(late);
  expect(statuses(answers)).toEqual([504]);
  expect(answers[0]!.body).toEqual({ message: 'Endpoint request timed out' });
  expect(storedBodies().filter((body) => /^(late|quick)/.test(body))).toHaveLength(100);
});

test('a function that blocks its thread gives 504, and the next request is served', async () => {
  expect((await post('/late', 'block')).status).toBe(504);
  expect(await post('/late', 'quick-again')).toEqual({ status: 202, body: { greeting: 'late' } });
});

test.each(['throw', 'uncaught', 'rejection', 'exit'])(
  'a function that ends by %s gives 500, and the next request is served',
  async (how) => {
    const answers = await Promise.all(times(10, (i) => post(`/crash/${how}`, `${how}-${i}`)));
    expect(statuses(answers)).toEqual([500]);
    expect(answers[0]!.body).toEqual({ message: 'Internal Server Error' });
    expect((await post('/crash/none', `after-${how}`)).status).toBe(202);
    expect(storedBodies()).toContain(`after-${how}`);
  },
);

test('a function that had nothing to do for some seconds serves the next requests', async () => {
  await post('/slow', 'before-sleep');
  // Its thread sleeps after two seconds.
  await sleep(3_000);
  expect(statuses(await Promise.all(times(10, (i) => post('/slow', `after-sleep-${i}`))))).toEqual([202]);
});
