import { api, done } from '../../api/client.ts';
import type { Schemas } from '../../api/types.ts';
import { endOfDay, type KeyKind } from './key-kinds.ts';

/** What a new key is. */
interface NewKey {
  kind: KeyKind;
  name?: string | undefined;
  /** The last day on which it works, `YYYY-MM-DD`; '' or absent: it has no end. */
  end?: string;
}

/** Makes a key of a site. It is in clear this once. @throws ApiError */
export async function makeKey(site: string, { kind, name, end = '' }: NewKey): Promise<Schemas['NewKey']> {
  const expires_at = endOfDay(end);
  const { data } = await done(
    api.POST('/v1/sites/{site}/keys', {
      params: { path: { site } },
      body: { kind, ...(name !== undefined && { name }), ...(expires_at !== undefined && { expires_at }) },
    }),
  );
  return data;
}
