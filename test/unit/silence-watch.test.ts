import { SilenceWatch } from '../../shared/platform/kafka/silence-watch.ts';

const { jest } = import.meta;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function open({ isJoined }: { isJoined: boolean }) {
  const state = { isJoined };
  const problems: string[] = [];
  const watch = new SilenceWatch(
    () => state.isJoined,
    (problem) => problems.push(problem),
  );
  return { state, problems, watch };
}

describe('a reader in its group', () => {
  test('is given up after 15 s without a record, once', () => {
    const { problems } = open({ isJoined: true });
    jest.advanceTimersByTime(14_000);
    expect(problems).toEqual([]);
    jest.advanceTimersByTime(60_000);
    expect(problems).toEqual(['Kafka has sent no record for 15 s.']);
  });

  test('is not given up while records come', () => {
    const { problems, watch } = open({ isJoined: true });
    for (let i = 0; i < 10; i++) {
      jest.advanceTimersByTime(14_000);
      watch.reset();
    }
    expect(problems).toEqual([]);
    watch.end();
  });

  test('is not given up while its records are being applied', async () => {
    const { problems, watch } = open({ isJoined: true });
    const work = Promise.withResolvers<void>();
    const done = watch.pauseFor(work.promise);
    jest.advanceTimersByTime(100_000);
    work.resolve();
    await done;
    jest.advanceTimersByTime(14_000);
    expect(problems).toEqual([]);
    watch.end();
  });
});

describe('a reader that is joining', () => {
  test('gets 60 s', () => {
    const { problems } = open({ isJoined: false });
    jest.advanceTimersByTime(59_000);
    expect(problems).toEqual([]);
    jest.advanceTimersByTime(1_000);
    expect(problems).toEqual(['Kafka has let the reader into no group for 60 s.']);
  });

  test('has 15 s from the moment at which it has joined', () => {
    const { state, problems, watch } = open({ isJoined: false });
    jest.advanceTimersByTime(50_000);
    state.isJoined = true;
    watch.reset();
    jest.advanceTimersByTime(14_000);
    expect(problems).toEqual([]);
    watch.end();
  });
});
