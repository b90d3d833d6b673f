import { useState } from 'preact/hooks';
import { formatCount } from '../../format/numbers.ts';
import { changeAll, changeNamed, type Revision } from './change-letters.ts';
import { DiscardDialog } from './discard-dialog.tsx';
import { type Done, Outcomes } from './outcomes.tsx';
import { REASONS, type Reason } from './reasons.ts';
import { useFilter } from './use-filter.ts';

type Which = { letters: readonly string[] } | { reason: Reason };

/** Replays or discards many letters at once: those that are selected, or all open ones of the reason that is shown. */
export function BulkBar(props: {
  chosen: readonly string[];
  /** Open letters of this page. */
  open: readonly string[];
  onSelect(letters: readonly string[]): void;
}) {
  const { chosen, open } = props;
  const { filter, status } = useFilter();
  const [busy, setBusy] = useState<string>();
  const [done, setDone] = useState<Done>();
  const [asked, setAsked] = useState<Which>();
  const [isBackfill, setBackfill] = useState(false);
  const { reason } = filter;
  const isLate = reason === 'too_late';
  const revision: Revision =
    isLate && isBackfill ? { patch: [{ op: 'add', path: '/backfill', value: true }] } : {};

  const run = async (change: Parameters<typeof changeNamed>[0], which: Which) => {
    setAsked(undefined);
    setBusy('Working …');
    const told = (left: number) => setBusy(`Working, ${formatCount(left)} left …`);
    setDone(
      'letters' in which
        ? await changeNamed(change, which.letters)
        : await changeAll(change, { ...filter, reason: which.reason }, told),
    );
    setBusy(undefined);
    props.onSelect([]);
  };
  const all = reason && status === 'open' && open.length > 0 ? reason : undefined;
  const areAllChosen = open.length > 0 && chosen.length === open.length;
  return (
    <>
      <div class="bulk">
        <label class="check">
          <input
            type="checkbox"
            checked={areAllChosen}
            disabled={open.length === 0}
            onChange={() => props.onSelect(areAllChosen ? [] : open)}
          />
          All open ones of this page
        </label>
        <button
          type="button"
          class="primary"
          disabled={chosen.length === 0 || busy !== undefined}
          onClick={() => run({ act: 'replay', revision }, { letters: chosen })}
        >
          Replay {chosen.length > 0 && formatCount(chosen.length)} selected
        </button>
        <button
          type="button"
          class="danger"
          disabled={chosen.length === 0 || busy !== undefined}
          onClick={() => setAsked({ letters: chosen })}
        >
          Discard {chosen.length > 0 && formatCount(chosen.length)} selected
        </button>
        {isLate && (
          <label class="check" title="Adds backfill = true to each event">
            <input
              type="checkbox"
              checked={isBackfill}
              onChange={(event) => setBackfill(event.currentTarget.checked)}
            />
            Count each on its own day
          </label>
        )}
        {all && (
          <>
            <button
              type="button"
              disabled={busy !== undefined}
              onClick={() => run({ act: 'replay', revision }, { reason: all })}
            >
              Replay all: {REASONS[all].label}
            </button>
            <button
              type="button"
              class="danger"
              disabled={busy !== undefined}
              onClick={() => setAsked({ reason: all })}
            >
              Discard all: {REASONS[all].label}
            </button>
          </>
        )}
        <span class="quiet" role="status">
          {busy}
        </span>
      </div>
      <Outcomes done={done} />
      {asked && (
        <DiscardDialog
          what={
            'letters' in asked
              ? `${formatCount(asked.letters.length)} selected letters`
              : `all open letters with the reason “${REASONS[asked.reason].label}” that the filters leave`
          }
          onClose={() => setAsked(undefined)}
          onDiscard={(note) => run({ act: 'discard', note }, asked)}
        />
      )}
    </>
  );
}
