import { sendKey } from './api/client.ts';
import { askOverviewAhead } from './pages/overview/ahead.ts';
import { readAccess } from './session/access.ts';
import { keepKey, keptKey, keptSite, takeKeyOfLink } from './session/keys.ts';
import type { Access } from './session/session.ts';
import { readView } from './view/view.ts';

/**
 * What a page that opens asks first. main.tsx imports this before the rest, so these questions are under way while the
 * browser runs the other modules and draws the skeletons.
 */

const linkKey = takeKeyOfLink();
if (linkKey !== undefined) keepKey(linkKey, false);
const key = keptKey();
let access: Promise<Access> | undefined;
if (key !== undefined) {
  sendKey(key);
  access = readAccess();
  // The caller that takes it hears of a failure.
  access.catch(() => {});
  askAheadOf(readView(location.hash));
}

/** What the key is, as asked when the page opened. Only the first caller gets it; later ones ask again. */
export function takeAccess(): Promise<Access> | undefined {
  const first = access;
  access = undefined;
  return first;
}

/** Asks what a view shows first, for the site that the address and the last time make the most likely. */
export function askAheadOf({ path, query }: ReturnType<typeof readView>): void {
  if (path[0] !== 'overview') return;
  try {
    const kept = keptSite();
    const id = query.site ?? kept?.id;
    if (id === undefined) return;
    const zone = id === kept?.id ? kept.zone : Intl.DateTimeFormat().resolvedOptions().timeZone;
    askOverviewAhead(query, { id, zone });
  } catch {
    // Without a guess the page asks later. A throw would leave it blank.
  }
}
