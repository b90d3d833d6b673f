import { setTimeout as sleep } from 'node:timers/promises';
import { type Attack, READS, type Victim, WRITES } from './attacks.ts';

/** The clients of the hostile tenant, in a process of their own. `{ going }` begins and ends an attack. */
const [collect, analytics, writers, readers, only, victimJson] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const victim = JSON.parse(victimJson) as Victim;
const chosen = <T>(all: Readonly<Record<string, T>>) =>
  Object.entries(all).filter(([name]) => only === '' || only.split(',').includes(name));

let going = false;
/** By attack and status: requests; by attack: ms. */
const answers: Record<string, number> = {};
const ms: Record<string, number> = {};
const open = new Set<Promise<void>>();

async function send(name: string, url: string, attack: Attack): Promise<void> {
  const { method, target, headers, body } = attack;
  const began = performance.now();
  const status = await fetch(`${url}${target}`, {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer attacker-${method === 'GET' ? 'read' : 'write'}-key`,
      // From all over the world: no address is limited.
      'x-test-address': `10.${Math.floor(Math.random() * 65_536) >> 8}.${Math.floor(Math.random() * 256)}.1`,
      ...headers,
    },
    ...(body !== undefined && { body: body as string }),
  }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
  answers[`${name} ${status}`] = (answers[`${name} ${status}`] ?? 0) + 1;
  ms[name] = (ms[name] ?? 0) + performance.now() - began;
}

async function write(n: number): Promise<void> {
  const attacks = chosen(WRITES);
  for (let turn = n; attacks.length > 0; turn++) {
    while (!going) await sleep(50);
    const [name, make] = attacks[turn % attacks.length]!;
    await track(send(name, collect, make(victim)));
  }
}

async function read(n: number): Promise<void> {
  const questions = chosen(READS);
  for (let turn = n; questions.length > 0; turn++) {
    while (!going) await sleep(50);
    const [name, make] = questions[turn % questions.length]!;
    await track(send(`GET ${name}`, analytics, { method: 'GET', target: make() }));
  }
}

function track(request: Promise<void>): Promise<void> {
  open.add(request);
  return request.finally(() => open.delete(request));
}

process.on('message', async (message: { id: number; going: boolean }) => {
  going = message.going;
  if (!going) await Promise.all(open);
  process.send?.({ id: message.id, answers, ms });
});
process.on('disconnect', () => process.exit());
process.send?.({});
for (let n = 0; n < Number(writers); n++) void write(n * 5);
for (let n = 0; n < Number(readers); n++) void read(n * 7);
