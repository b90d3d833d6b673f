import { formatEvent } from '../../format/events.ts';
import { formatAmount, formatCount } from '../../format/numbers.ts';
import { OrderLink } from '../../parts/order-link.tsx';
import { hrefOf } from '../../view/view.ts';
import type { Interaction } from './use-timeline.ts';

type Item = NonNullable<Interaction['items']>[number];

/** What is said in the sentence itself; all other fields are details. */
const TOLD = [
  'id',
  'name',
  'timestamp',
  'items',
  'currency',
  'value',
  'transaction_id',
  'page',
  'search_term',
];

/** One event in plain words: what happened, to which products, for how much. Everything in it is text. */
export function InteractionText({ interaction }: { interaction: Interaction }) {
  const { name, items = [], currency, value, transaction_id, page, search_term, properties } = interaction;
  const label = formatEvent(name);
  const rest = Object.entries(interaction).filter(
    ([field]) => !TOLD.includes(field) && field !== 'properties',
  );
  const details = [...rest, ...Object.entries(properties ?? {})];
  return (
    <div class="told">
      <strong title={name}>{label}</strong>
      {search_term !== undefined && <> “{search_term}”</>}
      {items.map((item, i) => (
        <span key={`${i} ${item.item_id}`}>
          {i > 0 && ','} <ItemText item={item} currency={currency} />
        </span>
      ))}
      {value !== undefined && currency && <> for {formatAmount(value, currency)}</>}
      {transaction_id !== undefined && (
        <span class="quiet">
          {' '}
          order <OrderLink id={transaction_id} />
        </span>
      )}
      {page !== undefined && <span class="quiet page"> on {page}</span>}
      {details.length > 0 && (
        <details>
          <summary>Details</summary>
          <dl>
            {details.map(([field, said]) => (
              <div key={field}>
                <dt>{field}</dt>
                <dd>{String(said)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

function ItemText({ item, currency }: { item: Item; currency: string | undefined }) {
  return (
    <>
      <a href={hrefOf(['products', item.item_id])}>{item.item_name ?? item.item_id}</a>
      {item.quantity !== 1 && <> × {formatCount(item.quantity)}</>}
      {item.amount !== undefined && currency && (
        <span class="quiet"> {formatAmount(item.amount, currency)}</span>
      )}
    </>
  );
}
