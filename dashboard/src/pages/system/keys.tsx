import { useAnswer } from '../../api/use-answer.ts';
import { formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { usePages } from '../../parts/pager.tsx';
import { setQuery, useView } from '../../view/view.ts';
import { KeyCard } from './key-card.tsx';

/** The keys of this installation in Redis, found by a pattern, and the value of one. Only looks. */
export function Keys() {
  const { query } = useView();
  const { match, key } = query;
  const { cursor, pager } = usePages('cursor');
  const keys = useAnswer('/v1/system/keys', {
    query: { ...(match && { match }), cursor, limit: 100 },
  });
  return (
    <>
      {key !== undefined && <KeyCard name={key} />}
      <Card
        title="Keys in Redis"
        wide
        note={
          <>
            Only shown here, never changed. A text finds keys that contain it. A pattern such as{' '}
            <code>ff:*:u:shop:*</code> must match the whole key. Redis is asked in small steps, so a page may
            have few keys, or none, and there is still a next one.
          </>
        }
      >
        <form
          class="filters"
          onSubmit={(event) => {
            event.preventDefault();
            const text = String(new FormData(event.currentTarget).get('match') ?? '').trim();
            setQuery({ match: text === '' ? undefined : text, cursor: undefined });
          }}
        >
          <label class="grows">
            Text or pattern
            <input name="match" maxLength={500} spellcheck={false} defaultValue={match ?? ''} />
          </label>
          <button type="submit">Find</button>
        </form>
        <Answered answer={keys} lines={12}>
          {({ keys: found, next_cursor }) => (
            <>
              <DataTable
                caption="Keys"
                rows={found}
                rowKey={(row) => row.key}
                empty={
                  next_cursor ? 'No key in this part of Redis. Go on with the next page.' : 'No such key.'
                }
                columns={[
                  {
                    label: 'Key',
                    cell: (row) => (
                      <button
                        type="button"
                        class="link"
                        aria-pressed={row.key === key}
                        onClick={() => setQuery({ key: row.key })}
                      >
                        {row.key}
                      </button>
                    ),
                  },
                  { label: 'Type', cell: ({ type }) => type },
                ]}
              />
              {pager(next_cursor, `${formatCount(found.length)} keys on this page`)}
            </>
          )}
        </Answered>
      </Card>
    </>
  );
}
