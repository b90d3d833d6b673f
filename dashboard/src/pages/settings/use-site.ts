import type { Answer } from '../../api/answers.ts';
import { api, done, type Schemas } from '../../api/client.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { useSession } from '../../session/session.ts';

export type SiteSettings = Schemas['Site'];
export type SiteChanges = Schemas['SiteChanges'];

/** The site that is looked at, with all that can be changed of it. */
export function useSite(): Answer<SiteSettings> {
  const { site } = useSession();
  return useAnswer('/v1/sites/{site}', { path: { site: site.id } }) as Answer<SiteSettings>;
}

/** A function that changes settings of the site that is looked at, and shows them. @throws ApiError */
export function useChangeSite(): (changes: SiteChanges) => Promise<void> {
  const { site, refresh } = useSession();
  return async (changes) => {
    await done(api.PATCH('/v1/sites/{site}', { params: { path: { site: site.id } }, body: changes }));
    await refresh();
  };
}
