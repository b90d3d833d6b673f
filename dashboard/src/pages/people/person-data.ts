import type { DataOf } from '../../api/types.ts';

/** What `/v1/users/{user}` says of a person. */
export type PersonData = DataOf<'/v1/users/{user}'>;
