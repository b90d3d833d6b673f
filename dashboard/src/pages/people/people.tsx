import { useState } from 'preact/hooks';
import { Card } from '../../parts/card.tsx';
import { isUnaskable, Unaskable } from '../../parts/unaskable.tsx';
import { go } from '../../view/view.ts';
import { Person } from './person.tsx';
import '../../styles/products.css';
import '../../styles/people.css';

/** One person, or a question for an id. @param props.path an id; after an erasure also `erased` and the receipt. */
export function People({ path: [person, , receipt] }: { path: readonly string[] }) {
  if (person !== undefined && isUnaskable(person)) return <Unaskable id={person} />;
  return person === undefined ? <AskForPerson /> : <Person id={person} receipt={receipt} />;
}

function AskForPerson() {
  const [id, setId] = useState('');
  return (
    <>
      <h1>Find a person</h1>
      <Card title="By id" note="The shop's own user id, or the anonymous id of a visitor.">
        <form
          class="tools-row"
          onSubmit={(event) => {
            event.preventDefault();
            if (id !== '') go(['people', id]);
          }}
        >
          <label>
            Id
            <input
              type="text"
              value={id}
              maxLength={256}
              onInput={(event) => setId(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="primary">
            Show
          </button>
        </form>
      </Card>
    </>
  );
}
