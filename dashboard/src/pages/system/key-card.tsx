import type { Schemas } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { formatBytes, formatCount, formatDuration } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { Scrolls } from '../../parts/scrolls.tsx';
import { setQuery } from '../../view/view.ts';
import { Shortened } from './shortened.tsx';

type RedisKey = Schemas['RedisKey'];

/** One key: its type, time to live, size, and what it holds. */
export function KeyCard({ name }: { name: string }) {
  const answer = useAnswer('/v1/system/keys/{redis_key}', { path: { redis_key: name } });
  return (
    <Card
      title="Key"
      wide
      note={<code>{name}</code>}
      actions={
        <button type="button" class="plain" onClick={() => setQuery({ key: undefined })}>
          Close
        </button>
      }
    >
      <Answered answer={answer} lines={6}>
        {(data) => <Content data={data} />}
      </Answered>
    </Card>
  );
}

function Content({ data }: { data: RedisKey }) {
  const { type, ttl_ms, size, memory, value, entries, cut, masked, readable } = data;
  return (
    <>
      <dl class="facts">
        <dt>Type</dt>
        <dd>{type}</dd>
        <dt>Size</dt>
        <dd>{type === 'string' ? formatBytes(size) : `${formatCount(size)} entries`}</dd>
        <dt>Memory</dt>
        <dd>{memory === null ? 'not told' : `about ${formatBytes(memory)}`}</dd>
        <dt>Expires</dt>
        <dd>{ttl_ms === null ? 'never' : `in ${formatDuration(ttl_ms)}`}</dd>
      </dl>
      {masked && <p class="note">Secrets in it are masked.</p>}
      {readable !== undefined && (
        <>
          <h3>Decoded</h3>
          <Scrolls label="Decoded value">
            <pre class="content">{JSON.stringify(readable, null, 2)}</pre>
          </Scrolls>
        </>
      )}
      {value && (
        <>
          <h3>Value</h3>
          <Shortened value={value} inLines />
        </>
      )}
      {entries && <Entries entries={entries} />}
      {cut && <p class="note">There is more than is shown.</p>}
    </>
  );
}

function Entries({ entries }: { entries: NonNullable<RedisKey['entries']> }) {
  const [hasFields, hasScores] = [entries[0]?.field !== undefined, entries[0]?.score !== undefined];
  return (
    <Scrolls label="Entries">
      <table>
        <caption class="unseen">Entries</caption>
        <thead>
          <tr>
            {hasFields && <th scope="col">Field</th>}
            {hasScores && <th scope="col">Score</th>}
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ field, score, value }, i) => (
            <tr key={i}>
              {hasFields && <td>{field && <Shortened value={field} />}</td>}
              {hasScores && <td class="number">{score ?? '±∞'}</td>}
              <td>
                <Shortened value={value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}
