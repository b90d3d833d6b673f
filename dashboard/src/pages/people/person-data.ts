import type { DataOf } from '../../api/client.ts';

/** What `/v1/users/{user}` says of a person. */
export type PersonData = DataOf<'/v1/users/{user}'>;
