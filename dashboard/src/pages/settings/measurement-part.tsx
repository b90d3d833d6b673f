import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { useSession } from '../../session/session.ts';
import { hrefOf } from '../../view/view.ts';
import { ListForm } from './list-form.tsx';
import { useSite } from './use-site.ts';

/** Whose a hit of gtag.js is that comes without a write key. */
export function MeasurementPart() {
  const answer = useSite();
  const { kind } = useSession();
  return (
    <Card
      title="Measurement ids"
      note={
        <>
          Only gtag.js without a write key needs them: its public id then says which site a hit belongs to.
          With a write key, the key decides. See <a href={hrefOf(['settings', 'events'])}>Send events</a>.
        </>
      }
    >
      <Answered answer={answer} lines={6}>
        {({ measurement_ids }) => (
          <ListForm
            name="measurement_ids"
            label="Ids"
            hint="One a line: GA4’s, such as G-ABC1234567, or a Firebase app id, such as 1:1234567890:ios:321abc456def7890; up to 20."
            lines={measurement_ids}
            refused={(error, again) =>
              error.code === 'conflict' &&
              (kind === 'installation' ? (
                <p>
                  One site at most lists an id. You can take it from the other site, which then no longer gets
                  these hits.{' '}
                  <button type="button" class="danger" onClick={() => again({ take_over: true })}>
                    Take it over
                  </button>
                </p>
              ) : (
                <p>
                  One site at most lists an id. The operator of this server can move it, with the
                  installation’s admin key. Meanwhile, send with your write key.
                </p>
              ))
            }
          />
        )}
      </Answered>
    </Card>
  );
}
