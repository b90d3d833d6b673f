import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Card } from '../../parts/card.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { setQuery, useView } from '../../view/view.ts';
import type { Revision } from './change-letters.ts';
import { FieldsForm } from './fields-form.tsx';
import type { Held } from './held.ts';
import { type Json, patchBetween, withAt } from './json-patch.ts';
import { Preview } from './preview.tsx';
import type { LetterShown } from './reasons.ts';

const MODES = [
  { id: 'fields', label: 'Fields' },
  { id: 'json', label: 'JSON' },
] as const;

/** Operations that one patch may have; a larger change sends the whole event. */
const MAX_OPERATIONS = 100;

/** Corrects a letter: by its fields, or as JSON. What changes is shown before it is sent. */
export function Repair(props: {
  letter: LetterShown;
  held: Held;
  isBusy: boolean;
  onReplay(revision: Revision): void;
  /** What became of the last try. */
  children: ComponentChildren;
}) {
  const { letter, held } = props;
  const { query } = useView();
  const mode = held.event === undefined || query.edit === 'json' ? 'json' : 'fields';
  const [draft, setDraft] = useState<Json | undefined>(held.event);
  /** What is being written, while it is not JSON. */
  const [text, setText] = useState<string>();
  const problem = text === undefined ? undefined : problemOf(text);
  const operations = held.event === undefined || draft === undefined ? [] : patchBetween(held.event, draft);
  const isChanged = held.event === undefined ? draft !== undefined : operations.length > 0;
  const write = (next: string) => {
    setText(next);
    if (problemOf(next) === undefined) setDraft(JSON.parse(next) as Json);
  };
  const edit = (next: Json | undefined) => {
    setText(undefined);
    setDraft(next);
  };
  const replay = () => {
    const isWhole = held.event === undefined || operations.length > MAX_OPERATIONS;
    props.onReplay(isWhole ? { event: draft as Record<string, unknown> } : { patch: operations });
  };
  return (
    <Card
      title="Correct and replay"
      wide
      note={
        held.format
          ? `The event as the client sent it, in the format ${held.format}. It keeps its time of receipt.`
          : 'The event as Footfall keeps it: amounts are in minor units, times in ms since 1970.'
      }
      actions={
        held.event !== undefined && (
          <Tabs
            label="Way of editing"
            tabs={MODES}
            current={mode}
            onSelect={(id) => setQuery({ edit: id })}
          />
        )
      }
    >
      {letter.reason === 'too_late' && (
        <p>
          <button type="button" onClick={() => edit(withAt(draft ?? null, ['backfill'], true))}>
            Count it on its own day (backfill)
          </button>
        </p>
      )}
      {mode === 'fields' ? (
        <FieldsForm draft={draft!} wrong={letter.refused_now?.path} onChange={edit} />
      ) : (
        <label>
          Event as JSON
          <textarea
            class="json"
            rows={14}
            spellcheck={false}
            aria-invalid={problem !== undefined}
            value={text ?? (draft === undefined ? '' : JSON.stringify(draft, null, 2))}
            onInput={(event) => write(event.currentTarget.value)}
          />
          <span class="outcome bad" role="status">
            {problem}
          </span>
        </label>
      )}
      <Preview before={held.event} after={draft} operations={operations} />
      <div class="bulk">
        <button
          type="button"
          class="primary"
          disabled={!isChanged || problem !== undefined || props.isBusy}
          onClick={replay}
        >
          Replay with these changes
        </button>
        <button type="button" disabled={!isChanged && text === undefined} onClick={() => edit(held.event)}>
          Undo changes
        </button>
      </div>
      {props.children}
    </Card>
  );
}

/** Why a text is no event; undefined when it may be one. */
function problemOf(text: string): string | undefined {
  if (text.trim() === '') return 'Write an event as a JSON object.';
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? undefined
      : 'An event is a JSON object.';
  } catch (error) {
    return `This is not JSON: ${(error as Error).message}`;
  }
}
