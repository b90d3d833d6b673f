import { useState } from 'preact/hooks';
import { askAgain } from '../api/answers.ts';
import { useAnswer } from '../api/use-answer.ts';
import { formatMoment } from '../format/dates.ts';
import { KeyFields } from '../pages/settings/key-fields.tsx';
import { hasEnded, type SiteKey } from '../pages/settings/key-kinds.ts';
import { EndKey } from '../pages/settings/keys-part.tsx';
import { makeKey } from '../pages/settings/make-key.ts';
import { Answered } from '../parts/answered.tsx';
import { Copy } from '../parts/copy.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { errorBeside } from '../parts/field.tsx';
import { Problem } from '../parts/problem.tsx';
import { useChange } from '../parts/use-change.ts';
import { linkWithKey } from '../session/keys.ts';
import { useSession } from '../session/session.ts';
import { addDays, dayIn } from '../view/period.ts';

const DEFAULT_DAYS = 30;
const WORDS = {
  name: { label: 'For whom', example: 'Anna, accounting' },
  end: { label: 'Last day', hint: 'Optional. Without one it works until you end it.' },
};

/** Shares the present view by a link with a read key of its own. For admin keys: others can't make keys. */
export function ShareButton() {
  const { kind } = useSession();
  const [isOpen, setOpen] = useState(false);
  if (kind === 'read') return null;
  return (
    <>
      <button type="button" class="plain" onClick={() => setOpen(true)}>
        Share
      </button>
      {isOpen && <ShareDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function ShareDialog({ onClose }: { onClose(): void }) {
  const { site } = useSession();
  const [link, setLink] = useState<string>();
  const answer = useAnswer('/v1/sites/{site}', { path: { site: site.id } });
  const [ended, setEnded] = useState<SiteKey>();
  return (
    <Dialog title={`Share the numbers of ${site.name}`} onClose={onClose}>
      {link === undefined ? (
        <NewLink onMade={setLink} />
      ) : (
        <div class="shown-once" role="status">
          <p>
            <strong>Copy the link now.</strong> It is shown only once. Anyone who has it sees the numbers of
            this site, until it ends, and changes nothing.
          </p>
          <Copy label="Link" text={link} />
        </div>
      )}
      <h3>Links in use</h3>
      <Answered answer={answer} lines={3}>
        {({ keys }) => (
          <DataTable
            caption="Share links"
            rows={keys.filter((key) => key.kind === 'read' && key.name !== undefined && !hasEnded(key))}
            rowKey={({ id }) => id}
            empty="None. Named read keys are listed here, too."
            columns={[
              { label: 'For', cell: ({ name }) => name },
              {
                label: 'Until',
                cell: ({ expires_at }) =>
                  expires_at === undefined ? 'Until ended' : formatMoment(expires_at, site.zone),
              },
              {
                label: 'Change',
                kind: 'number',
                cell: (key) => (
                  <button
                    type="button"
                    class="danger"
                    aria-label={`End ${key.name}`}
                    onClick={() => setEnded(key)}
                  >
                    End
                  </button>
                ),
              },
            ]}
          />
        )}
      </Answered>
      {ended && <EndKey of={ended} onClose={() => setEnded(undefined)} />}
    </Dialog>
  );
}

function NewLink({ onMade }: { onMade(link: string): void }) {
  const { site } = useSession();
  const [texts, setTexts] = useState({ name: '', end: addDays(dayIn(site.zone), DEFAULT_DAYS) });
  const { run, error, isBusy } = useChange();
  const make = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const { key } = await makeKey(site.id, { kind: 'read', name: texts.name.trim(), end: texts.end });
      onMade(linkWithKey(key, location.hash.slice(1) || '/overview'));
      askAgain();
    });
  };
  const beside = errorBeside(error, ['name', 'expires_at']);
  return (
    <form noValidate onSubmit={make}>
      <p>The link opens what you see now, with a read key of its own that you can end.</p>
      <KeyFields texts={texts} words={WORDS} error={error} onChange={setTexts} />
      {beside && <Problem error={beside} />}
      <button type="submit" class="primary" disabled={isBusy}>
        Make the link
      </button>
    </form>
  );
}
