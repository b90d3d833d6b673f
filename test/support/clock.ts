/**
 * Preloaded into processes whose clock is to jump (`--import`): their parent says by how many ms. Timers go by another
 * clock, as they do on machines whose time is set.
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
// Nobody is left to ask anything.
process.on('disconnect', () => process.exit());
