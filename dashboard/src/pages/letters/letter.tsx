import { useState } from 'preact/hooks';
import { ONCE, useAnswer } from '../../api/use-answer.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { hrefOf } from '../../view/view.ts';
import { changeNamed, type Revision } from './change-letters.ts';
import { Content } from './content.tsx';
import { DiscardDialog } from './discard-dialog.tsx';
import { heldBy } from './held.ts';
import { LetterFacts } from './letter-facts.tsx';
import { type Done, Outcomes } from './outcomes.tsx';
import { type LetterShown, REASONS } from './reasons.ts';
import { Repair } from './repair.tsx';

/** One letter: why it is here, what it holds, and how to correct it. */
export function Letter({ id }: { id: string }) {
  const letter = useAnswer('/v1/dead-letters/{letter}', { path: { letter: id }, every: ONCE });
  return (
    <>
      <p>
        <a href={hrefOf(['letters'])}>All dead letters</a>
      </p>
      <Answered answer={letter} lines={12}>
        {(data) => <Shown letter={data} />}
      </Answered>
    </>
  );
}

function Shown({ letter }: { letter: LetterShown }) {
  const [done, setDone] = useState<Done>();
  const [wasRepaired, setRepaired] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const change = async (what: Parameters<typeof changeNamed>[0], isRepair = false) => {
    setAsking(false);
    setRepaired(isRepair);
    setBusy(true);
    setDone(await changeNamed(what, [letter.letter]));
    setBusy(false);
  };
  const held = heldBy(letter);
  const isRepairable = letter.status === 'open' && !letter.erased;
  // Said where the button is, as long as that is there.
  const isInRepair = wasRepaired && isRepairable;
  return (
    <>
      <Card title={`${letter.letter}: ${REASONS[letter.reason].label}`} wide>
        <LetterFacts letter={letter} />
        {letter.status === 'open' && (
          <div class="bulk">
            <button
              type="button"
              class="primary"
              disabled={isBusy || letter.erased || letter.refused_now !== undefined}
              onClick={() => change({ act: 'replay' })}
            >
              Replay as it is
            </button>
            <button type="button" class="danger" disabled={isBusy} onClick={() => setAsking(true)}>
              Discard
            </button>
            {letter.refused_now && <span class="quiet">It must be corrected first: see below.</span>}
          </div>
        )}
        {!isInRepair && <Outcomes done={done} />}
      </Card>
      {isRepairable && (
        <Repair
          key={letter.letter}
          letter={letter}
          held={held}
          isBusy={isBusy}
          onReplay={(revision: Revision) => change({ act: 'replay', revision }, true)}
        >
          {isInRepair && <Outcomes done={done} />}
        </Repair>
      )}
      {!letter.erased && <Content letter={letter} held={held} />}
      {isAsking && (
        <DiscardDialog
          what={`the letter ${letter.letter}`}
          onClose={() => setAsking(false)}
          onDiscard={(note) => change({ act: 'discard', note })}
        />
      )}
    </>
  );
}
