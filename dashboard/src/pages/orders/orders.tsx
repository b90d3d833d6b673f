import { isUnaskable, Unaskable } from '../../parts/unaskable.tsx';
import { Order } from './order.tsx';
import { OrderList } from './order-list.tsx';
import '../../styles/products.css';
import '../../styles/people.css';

/** The orders of a range, or the one that the address names. */
export function Orders({ path: [transaction] }: { path: readonly string[] }) {
  if (transaction !== undefined && isUnaskable(transaction)) return <Unaskable id={transaction} />;
  return transaction === undefined ? <OrderList /> : <Order transaction={transaction} />;
}
