import type { Answer } from '../../api/answers.ts';
import { api, done } from '../../api/client.ts';
import type { Schemas } from '../../api/types.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { useSession } from '../../session/session.ts';

export type SiteSettings = Schemas['Site'];
export type SiteChanges = Schemas['SiteChanges'];

/** The site that is looked at, with all that can be changed of it. */
export function useSite(): Answer<SiteSettings> {
  const { site } = useSession();
  return useAnswer('/v1/sites/{site}', { path: { site: site.id } }) as Answer<SiteSettings>;
}

/** A function that changes settings of the site that is looked at. @returns the site as it is now. @throws ApiError */
export function useChangeSite(): (changes: SiteChanges) => Promise<SiteSettings> {
  const { site, refresh } = useSession();
  return async (changes) => {
    const asked = api.PATCH('/v1/sites/{site}', { params: { path: { site: site.id } }, body: changes });
    const { data } = await done(asked);
    await refresh();
    return data;
  };
}
