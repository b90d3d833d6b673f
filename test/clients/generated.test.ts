import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import createClient from 'openapi-fetch';
import openapiTS, { astToString } from 'openapi-typescript';
import type { components, paths } from '../../dashboard/src/api/schema.d.ts';
import { pythonPackage } from '../../local/services/python.ts';
import { footfallDir } from '../../local/services/services.ts';
import { startStack } from '../examples/stack.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * Clients that generators make from the document that a running installation serves, in TypeScript and in Python: each
 * sends, asks, and replays a dead letter.
 */

const run = promisify(execFile);
const stack = await startStack();
const documentFile = join(stack.folder, 'openapi.json');
const document = await (await fetch(`${stack.url}/v1/openapi.json`)).text();
await writeFile(documentFile, document);

const WEEK_MS = 7 * 24 * 3_600_000;

describe('TypeScript: openapi-typescript and openapi-fetch', () => {
  const clientWith = (key: string) =>
    createClient<paths, 'application/json'>({
      baseUrl: stack.url,
      headers: { authorization: `Bearer ${key}` },
    });

  test('the types are those that `npm run client` has written', async () => {
    const types = astToString(await openapiTS(JSON.parse(document)));
    const written = await readFile(join(import.meta.dirname, '../../dashboard/src/api/schema.d.ts'), 'utf8');
    expect(written.endsWith(types)).toBe(true);
  });

  test('sends, asks and replays', async () => {
    const event: components['schemas']['Event'] = {
      ...{ name: 'purchase', user_id: 'ts-ada', transaction_id: 'ts-1', currency: 'EUR' },
      items: [{ item_id: 'ts-tea', price: 10.5, quantity: 2 }],
    };
    // @ts-expect-error the event is typed: a name is required
    const nameless: components['schemas']['Event'] = { user_id: 'ts-ada' };
    const late = { name: 'view_item', user_id: 'ts-ada', timestamp: Date.now() - WEEK_MS, id: 'ts-late' };
    const writing = clientWith('demo-write-key');
    const sent = await writing.POST('/v1/events', { body: { events: [event, nameless, late] } });
    expect(sent.response.status).toBe(202);
    expect(sent.data?.events.map(({ status }) => status)).toEqual(['accepted', 'refused', 'dead_lettered']);

    const reading = clientWith('demo-read-key');
    const profile = () => reading.GET('/v1/users/{user}', { params: { path: { user: 'ts-ada' } } });
    const bought = await waitFor('the order', async () => (await profile()).data?.data);
    expect(bought).toMatchObject({ events: { purchase: 1 } });

    const admin = clientWith('demo-admin-key');
    const letters = () =>
      admin.GET('/v1/dead-letters', { params: { query: { reason: 'too_late', status: 'open' } } });
    const [letter] = await waitFor('the letter', async () => {
      const found = (await letters()).data?.data.letters;
      return found?.length === 1 ? found : undefined;
    });
    const replayed = await admin.POST('/v1/dead-letters/replay', {
      body: { letters: [letter!.letter], patch: [{ op: 'add', path: '/backfill', value: true }] },
    });
    expect(replayed.data?.data.replayed).toBe(1);
    await waitFor('the view', async () => (await profile()).data?.data.events.view_item === 1);
  });
});

describe('Python: openapi-python-client', () => {
  test('generates every operation but one, sends, asks and replays', async () => {
    const python = await pythonPackage(
      { name: 'openapi-python-client', requirement: 'openapi-python-client', version: '0.29.1' },
      { cacheDir: join(footfallDir, 'cache'), env: process.env, folders: [stack.folder], log: console.log },
    );
    const options = { env: python.env, cwd: stack.folder };
    const call = (...args: string[]) => run(python.command, [...python.args, ...args], options);
    const target = join(stack.folder, 'footfall_client');
    const { stdout, stderr } = await call(
      ...['-m', 'openapi_python_client', 'generate', '--path', documentFile, '--output-path', target],
      ...['--meta', 'none'],
    );
    // gtag.js sends text/plain, for which the generator makes no code; no program needs a client for it.
    const complaints = [...`${stdout}${stderr}`.matchAll(/^(?:WARNING|ERROR|Unable).*$/gm)].map(
      ([line]) => line,
    );
    expect(complaints).toEqual([expect.stringContaining('POST /g/collect')]);

    const script = join(import.meta.dirname, 'python', 'generated_client.py');
    const result = await call(script, stack.folder, stack.url);
    expect(JSON.parse(result.stdout)).toEqual({
      statuses: ['accepted', 'refused', 'dead_lettered'],
      purchases: 1,
      revenue: '21.00',
      replayed: 1,
      views: 1,
    });
  });
});
