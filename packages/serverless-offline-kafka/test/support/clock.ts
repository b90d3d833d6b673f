/**
 * Gives a process a system clock that its parent can move: preload it with `--import` and send the process
 * `{ clockShiftMs }`. Timers are not affected, as on a machine whose clock is set. `{ steadyShiftMs }` moves
 * performance.now(), too, as in a machine that was asleep.
 */
let shiftMs = 0;
let steadyShiftMs = 0;
const RealDate = globalThis.Date;

class ShiftedDate extends RealDate {
  constructor(...args: [] | [number]) {
    if (args.length === 0) super(RealDate.now() + shiftMs);
    else super(...args);
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

const steadyNow = performance.now.bind(performance);
performance.now = () => steadyNow() + steadyShiftMs;

process.on('message', (message: { clockShiftMs?: number; steadyShiftMs?: number }) => {
  if (message.clockShiftMs !== undefined) shiftMs = message.clockShiftMs;
  if (message.steadyShiftMs !== undefined) steadyShiftMs = message.steadyShiftMs;
});
// The parent is gone.
process.on('disconnect', () => process.exit());
