import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { DataOf } from '../api/types.ts';

/** A read key sees its site, an admin key changes it, the installation's does all. */
export type Access = DataOf<'/v1/access'>;
export type SiteOfKey = Access['sites'][number];

/** What the key is, and which site is looked at. */
export interface Session extends Access {
  /** The site that is looked at. */
  site: SiteOfKey;
  /** Reads again which sites there are, and all numbers. */
  refresh(): Promise<void>;
  signOut(): void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession is called outside of a session.');
  return session;
}
