import { setTimeout as sleep } from 'node:timers/promises';
import { type Commit, CommitWindow } from '../../shared/aggregate/commit-window.ts';

const { jest } = import.meta;

/** A server that answers one command after the other, each after `tookMs`. */
class SerialServer {
  tookMs = 1;
  inFlight = 0;
  /** How many commands were in flight when each came, itself included. */
  readonly seen: number[] = [];
  #last: Promise<unknown> = Promise.resolve();

  readonly commit: Commit = () => {
    this.seen.push(++this.inFlight);
    const answered = this.#last.then(() => sleep(this.tookMs));
    this.#last = answered;
    return answered.then(() => {
      this.inFlight--;
      return true;
    });
  };

  commits(count: number): Commit[] {
    return Array.from({ length: count }, () => this.commit);
  }
}

describe('what is in flight', () => {
  test('is one commit until the first answer, and then all of a usual batch', async () => {
    const [server, window] = [new SerialServer(), new CommitWindow()];
    expect(await window.send(server.commits(4))).toEqual({ committed: 4 });
    expect(server.seen).toEqual([1, 1, 2, 3]);
    server.seen.length = 0;
    await window.send(server.commits(4));
    expect(server.seen).toEqual([1, 2, 3, 4]);
  });

  test('is one commit for each batch while Redis is very slow', async () => {
    const [server, window] = [new SerialServer(), new CommitWindow()];
    server.tookMs = 300;
    await window.send(server.commits(1));
    await Promise.all([window.send(server.commits(3)), window.send(server.commits(3))]);
    expect(Math.max(...server.seen)).toBe(2);
  });

  test('is shared by the batches of a container', async () => {
    const [server, window] = [new SerialServer(), new CommitWindow()];
    server.tookMs = 25;
    await window.send(server.commits(1));
    server.seen.length = 0;
    await Promise.all(Array.from({ length: 4 }, () => window.send(server.commits(8))));
    // 250 ms of 25 ms each; the first batch has them for itself until the others come.
    expect(Math.max(...server.seen)).toBeLessThanOrEqual(20);
  });

  test('becomes less at once when Redis becomes slow, and more step by step when it recovers', async () => {
    const [server, window] = [new SerialServer(), new CommitWindow()];
    await window.send(server.commits(2));
    server.tookMs = 200;
    await window.send(server.commits(1));
    server.tookMs = 1;
    server.seen.length = 0;
    await window.send(server.commits(30));
    expect(server.seen.slice(0, 4)).toEqual([1, 1, 2, 1]);
    expect(Math.max(...server.seen)).toBeGreaterThan(4);
  });
});

describe('a commit that does not succeed', () => {
  const succeeding: Commit = async () => true;

  test('ends it when another consumer came first: no further group is sent', async () => {
    const window = new CommitWindow();
    const later = jest.fn(succeeding);
    expect(await window.send([async () => false, later])).toEqual({ committed: 0 });
    expect(later).not.toHaveBeenCalled();
  });

  test('ends it when it rejects; what was committed before is told', async () => {
    const window = new CommitWindow();
    const reason = new Error('Connection is closed.');
    const failing: Commit = () => Promise.reject(reason);
    await window.send([succeeding]);
    expect(await window.send([succeeding, failing, succeeding])).toEqual({
      committed: 1,
      failure: { reason },
    });
  });
});
