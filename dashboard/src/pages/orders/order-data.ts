import type { DataOf } from '../../api/types.ts';

export type OrderData = DataOf<'/v1/orders/{transaction_id}'>;
