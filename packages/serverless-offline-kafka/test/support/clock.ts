/**
 * Gives a process a system clock that its parent can move: preload it with `--import` and send the process
 * `{ clockShiftMs }`. Timers are not affected, as on a machine whose clock is set.
 */
let shiftMs = 0;
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

process.on('message', (message: { clockShiftMs?: number }) => {
  if (message.clockShiftMs !== undefined) shiftMs = message.clockShiftMs;
});
// The parent is gone.
process.on('disconnect', () => process.exit());
