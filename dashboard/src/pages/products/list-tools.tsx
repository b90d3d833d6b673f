import { useEffect, useState } from 'preact/hooks';
import { setQuery, useView } from '../../view/view.ts';
import { PRODUCT_METRICS, type ProductMetric, type Ranking } from './metrics.ts';

/** After this long without a letter, the API is asked, ms. */
const PAUSE_MS = 300;

/** What narrows the list of products, and its order. */
export function ListTools({ metric, enough }: { metric: ProductMetric; enough: number }) {
  const { query } = useView();
  const [text, setText] = useState(query.search ?? '');
  useEffect(() => setText(query.search ?? ''), [query.search]);
  useEffect(() => {
    if (text === (query.search ?? '')) return;
    const timer = setTimeout(
      () => setQuery({ search: text === '' ? undefined : text, pages: undefined }),
      PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [text]);
  const whole = metric.id === 'view_to_cart_rate' ? 'views' : 'additions to a cart';
  return (
    <div class="tools-row">
      <label>
        Name or id contains
        <input
          type="text"
          value={text}
          maxLength={200}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <label>
        Sort by
        <select
          value={metric.id}
          onChange={(event) => setQuery({ sort: event.currentTarget.value as Ranking, pages: undefined })}
        >
          {PRODUCT_METRICS.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {metric.kind === 'rate' && (
        <label class="check">
          <input
            type="checkbox"
            checked={query.all !== '1'}
            onChange={(event) =>
              setQuery({ all: event.currentTarget.checked ? undefined : '1', pages: undefined })
            }
          />
          Only products with {enough} {whole} or more
        </label>
      )}
    </div>
  );
}
