/**
 * Preloaded (`--import`) into processes whose clock has to jump: the parent sends by how many ms. Timers use another
 * clock, as on machines whose time is set.
 */
let shift = 0;
const RealDate = globalThis.Date;

class ShiftedDate extends RealDate {
  constructor(...args: [] | [number]) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...args);
  }

  static override now(): number {
    return RealDate.now() + shift;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

process.on('message', (message: { clockShiftMs?: number }) => {
  if (message.clockShiftMs !== undefined) shift = message.clockShiftMs;
});
// Without a parent there is nothing left to do.
process.on('disconnect', () => process.exit());
