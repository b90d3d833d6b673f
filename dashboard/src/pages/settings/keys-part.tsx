import { useState } from 'preact/hooks';
import { askAgain } from '../../api/answers.ts';
import { api, done } from '../../api/client.ts';
import type { Schemas } from '../../api/types.ts';
import { formatMoment } from '../../format/dates.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Question } from '../../parts/question.tsx';
import { rememberWriteKey } from '../../session/new-keys.ts';
import { useSession } from '../../session/session.ts';
import { hasEnded, KIND_HINTS, KIND_LABELS, type SiteKey } from './key-kinds.ts';
import { NewKeyForm } from './new-key-form.tsx';
import { RotateDialog } from './rotate-dialog.tsx';
import { ShownOnce } from './shown-once.tsx';
import { useSite } from './use-site.ts';

/** The keys of the site: made, rotated, ended. */
export function KeysPart() {
  const answer = useSite();
  const { kind, site } = useSession();
  const [made, setMade] = useState<Schemas['NewKey']>();
  const [rotated, setRotated] = useState<SiteKey>();
  const [ended, setEnded] = useState<SiteKey>();
  const show = (key: Schemas['NewKey']) => {
    if (key.kind === 'write') rememberWriteKey(site.id, key.key);
    setMade(key);
    askAgain();
  };
  return (
    <>
      <Card
        title="Keys"
        note={
          kind === 'installation'
            ? 'An ended key is refused within ten seconds, and stays listed for 30 days.'
            : 'With the site’s admin key you make and end read keys, and rotate all keys. Write and admin keys are made and ended with the installation’s admin key.'
        }
      >
        {made && <ShownOnce keys={[made]} />}
        <Answered answer={answer} lines={6}>
          {({ keys }) => <KeyTable keys={keys} onRotate={setRotated} onEnd={setEnded} />}
        </Answered>
      </Card>
      <Card title="New key">
        <NewKeyForm onMade={show} />
        <dl class="facts">
          {(['write', 'read', 'admin'] as const).map((one) => (
            <>
              <dt>{KIND_LABELS[one]}</dt>
              <dd>{KIND_HINTS[one]}</dd>
            </>
          ))}
        </dl>
      </Card>
      {rotated && <RotateDialog of={rotated} onMade={show} onClose={() => setRotated(undefined)} />}
      {ended && <EndKey of={ended} onClose={() => setEnded(undefined)} />}
    </>
  );
}

/** Asks before a key is ended. */
export function EndKey({ of, onClose }: { of: SiteKey; onClose(): void }) {
  const { site, key } = useSession();
  const end = async () => {
    await done(
      api.DELETE('/v1/sites/{site}/keys/{key}', { params: { path: { site: site.id, key: of.id } } }),
    );
    askAgain();
  };
  return (
    <Question title="End this key?" yes="End the key" act={end} onClose={onClose}>
      <p>
        {KIND_LABELS[of.kind]} {of.name ?? ''} <code>…{of.hint}</code> is refused from now on, everywhere
        within ten seconds.
        {of.kind === 'write' && ' Pages and servers that still send with it lose their events.'}
        {of.id === key?.id && ' It is the key that you are signed in with: you will be signed out.'}
      </p>
    </Question>
  );
}

function KeyTable(props: {
  keys: readonly SiteKey[];
  onRotate(key: SiteKey): void;
  onEnd(key: SiteKey): void;
}) {
  const { kind, site, key: own } = useSession();
  const rank = (key: SiteKey) => (hasEnded(key) ? 1 : 0);
  const keys = [...props.keys].sort((a, b) => rank(a) - rank(b) || b.created_at.localeCompare(a.created_at));
  const columns: Column<SiteKey>[] = [
    {
      label: 'Kind',
      cell: ({ kind: of, id }) => `${KIND_LABELS[of]}${id === own?.id ? ' (yours)' : ''}`,
    },
    { label: 'Name', cell: ({ name }) => name ?? '–' },
    { label: 'Ends in', cell: ({ hint }) => <code>…{hint}</code> },
    { label: 'Made', minor: true, cell: ({ created_at }) => formatMoment(created_at, site.zone) },
    {
      label: 'Until',
      cell: (key) =>
        key.expires_at === undefined
          ? 'Until ended'
          : `${hasEnded(key) ? 'Ended ' : ''}${formatMoment(key.expires_at, site.zone)}`,
    },
    {
      label: 'Change',
      kind: 'number',
      cell: (key) =>
        !hasEnded(key) && (
          <div class="row-buttons">
            <button type="button" onClick={() => props.onRotate(key)}>
              Rotate
            </button>
            {(kind === 'installation' || key.kind === 'read') && (
              <button type="button" class="danger" onClick={() => props.onEnd(key)}>
                End
              </button>
            )}
          </div>
        ),
    },
  ];
  return <DataTable caption="Keys of the site" columns={columns} rows={keys} rowKey={({ id }) => id} />;
}
