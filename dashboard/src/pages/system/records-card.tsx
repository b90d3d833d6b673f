import { askAgain } from '../../api/answers.ts';
import type { DataOf, Schemas } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { formatMoment } from '../../format/dates.ts';
import { formatBytes, formatCount } from '../../format/numbers.ts';
import { Answered } from '../../parts/answered.tsx';
import { Card } from '../../parts/card.tsx';
import { useSession } from '../../session/session.ts';
import { setQuery, useView } from '../../view/view.ts';
import { Shortened } from './shortened.tsx';

type Records = DataOf<'/v1/system/topics/{topic}/records'>;
type OneRecord = Records['records'][number];

const offsetOf = (text: string | undefined) =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** The records of one partition, the newest first; from an offset on, the oldest first. */
export function RecordsCard({ topic: { topic, exists, partitions } }: { topic: Schemas['Topic'] }) {
  const { query } = useView();
  const partition =
    partitions.find((one) => String(one.partition) === query.partition) ?? busiest(partitions);
  const [from, before] = [offsetOf(query.from), offsetOf(query.before)];
  const asked = { partition: partition?.partition ?? 0, ...(from === undefined ? { before } : { from }) };
  const records = useAnswer(exists ? '/v1/system/topics/{topic}/records' : undefined, {
    path: { topic },
    query: asked,
  });
  if (!exists) {
    return (
      <Card title={`Records of ${topic}`} wide>
        <p class="empty">Nothing was ever sent to this topic.</p>
      </Card>
    );
  }
  return (
    <Card
      title={`Records of ${topic}`}
      wide
      note="Records are as Kafka has them, also those of persons who were erased since. Long values are cut, and secrets are masked."
    >
      <div class="filters">
        <label>
          Partition
          <select
            value={String(asked.partition)}
            onChange={(event) =>
              setQuery({ topic, partition: event.currentTarget.value, from: undefined, before: undefined })
            }
          >
            {partitions.map((one) => (
              <option key={one.partition} value={String(one.partition)}>
                {one.partition} ({formatCount(one.end - one.low)})
              </option>
            ))}
          </select>
        </label>
        <GoToOffset key={from} from={from} />
        <Pages records={records.data} isNewest={from === undefined && before === undefined} />
      </div>
      <Answered answer={records} lines={12}>
        {(data) => <List data={data} />}
      </Answered>
    </Card>
  );
}

/** The partition that is shown first: the first one that has records. */
const busiest = (partitions: Schemas['Topic']['partitions']) =>
  partitions.find(({ low, end }) => end > low) ?? partitions[0];

function GoToOffset({ from }: { from: number | undefined }) {
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        const text = String(new FormData(event.currentTarget).get('from') ?? '').trim();
        setQuery({ from: text === '' ? undefined : text, before: undefined });
      }}
    >
      <label>
        From offset
        <input
          name="from"
          inputMode="numeric"
          pattern="[0-9]*"
          size={9}
          defaultValue={from === undefined ? '' : String(from)}
        />
      </label>
      <button type="submit">Show</button>
    </form>
  );
}

function Pages({ records, isNewest }: { records: Records | undefined; isNewest: boolean }) {
  const { next_before, next_from } = records ?? {};
  const next =
    next_from !== undefined
      ? { label: 'Newer', query: { from: String(next_from) } }
      : { label: 'Older', query: { before: String(next_before) } };
  const newest = () => (isNewest ? askAgain() : setQuery({ from: undefined, before: undefined }));
  return (
    <div class="pages">
      <button type="button" onClick={newest}>
        Newest
      </button>
      <button
        type="button"
        disabled={next_before === undefined && next_from === undefined}
        onClick={() => setQuery(next.query)}
      >
        {next.label}
      </button>
    </div>
  );
}

function List({ data }: { data: Records }) {
  return (
    <>
      <p class="note">
        Kafka has the offsets {formatCount(data.low)} to {formatCount(data.end)} of partition {data.partition}
        . Some offsets are markers of transactions, and not records.
      </p>
      {data.records.length === 0 && <p class="empty">No record here.</p>}
      <ol class="records">
        {data.records.map((record) => (
          <li key={record.offset}>
            <RecordDetails record={record} />
          </li>
        ))}
      </ol>
    </>
  );
}

function RecordDetails({ record }: { record: OneRecord }) {
  const { offset, timestamp, key, value, headers } = record;
  const { site } = useSession();
  return (
    <details>
      <summary>
        <span class="offset">{offset}</span>
        <time dateTime={timestamp}>{formatMoment(timestamp, site.zone)}</time>
        <code class="key">{key ? (key.text ?? key.base64) : '(no key)'}</code>
        <code class="beginning">{value ? (value.text ?? value.base64)?.slice(0, 200) : '(tombstone)'}</code>
        <span class="quiet">{value ? formatBytes(value.bytes) : ''}</span>
      </summary>
      <dl>
        <dt>Key</dt>
        <dd>{key ? <Shortened value={key} /> : 'none'}</dd>
        <dt>Headers</dt>
        <dd>
          {Object.keys(headers).length === 0 && 'none'}
          {Object.entries(headers).map(([name, header]) => (
            <div key={name}>
              <code>{name}</code>: <Shortened value={header} />
            </div>
          ))}
        </dd>
        <dt>Value</dt>
        <dd>{value ? <Shortened value={value} inLines /> : 'none: a tombstone, which removes the key'}</dd>
      </dl>
    </details>
  );
}
