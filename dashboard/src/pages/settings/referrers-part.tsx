import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { ListForm } from './list-form.tsx';
import { useSite } from './use-site.ts';

/** Hosts that bring no visitors. */
export function ReferrersPart() {
  const answer = useSite();
  return (
    <Card
      title="Ignored referrers"
      note="A buyer comes back from a bank’s card check, but the bank brought no visit. A visit from these hosts keeps its earlier source. Payment providers and your own hosts are ignored anyway."
    >
      <Answered answer={answer} lines={6}>
        {({ ignored_referrers }) => (
          <ListForm
            name="ignored_referrers"
            label="Hosts"
            hint="One a line, in small letters, such as bank.example; up to 100. Each stands for all hosts below it."
            lines={ignored_referrers}
          />
        )}
      </Answered>
    </Card>
  );
}
