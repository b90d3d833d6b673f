import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { askAgain, forgetAnswers } from './api/answers.ts';
import { type ApiError, asApiError, onRefusedKey, sendKey } from './api/client.ts';
import { askAheadOf, takeAccess } from './early.ts';
import { Runbook } from './pages/system/runbook.tsx';
import { Skeleton } from './parts/answered.tsx';
import { Problem } from './parts/problem.tsx';
import { readAccess } from './session/access.ts';
import { whyEnded } from './session/ended.ts';
import { FirstSite } from './session/first-site.tsx';
import { forgetKey, keepKey, keepSite, keptKey, onForgotten, onKeyOfLink } from './session/keys.ts';
import { forgetNewKeys } from './session/new-keys.ts';
import { type Access, type Session, SessionContext } from './session/session.ts';
import { SignIn } from './session/sign-in.tsx';
import { Shell } from './shell/shell.tsx';
import { hrefOf, readView, useView } from './view/view.ts';

/** All functions refuse an ended key after ten seconds. */
const ENDED_EVERYWHERE_MS = 11_000;

let signInByLink: ((key: string) => void) | undefined;
// Before any part of the page listens, so none sees an address with a key in it.
onKeyOfLink((key) => signInByLink?.(key));

/** Asks for a key until one does, then shows the pages. Links in alarms lead to the runbook, which needs no key. */
export function App() {
  const { path } = useView();
  const isRunbook = path[0] === 'system' && path[1] === 'runbook';
  const [key, setKey] = useState(keptKey());
  const [access, setAccess] = useState<Access>();
  const [error, setError] = useState<ApiError>();
  const known = useRef<Access>(undefined);
  known.current = access;

  const end = useCallback((why: ApiError | undefined) => {
    forgetKey();
    forgetNewKeys();
    sendKey(undefined);
    forgetAnswers();
    // The address may name a person. Another key for the same view is another matter.
    if (!why) history.replaceState(null, '', location.pathname);
    setKey(undefined);
    setAccess(undefined);
    setError(why);
  }, []);
  const signOut = useCallback(() => end(undefined), [end]);
  const signIn = useCallback((text: string, onDevice: boolean) => {
    keepKey(text, onDevice);
    forgetNewKeys();
    forgetAnswers();
    setError(undefined);
    setAccess(undefined);
    setKey(text);
  }, []);
  signInByLink = (text) => signIn(text, false);

  useLayoutEffect(() => {
    if (key === undefined) return;
    sendKey(key);
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    let second: ReturnType<typeof setTimeout>;
    const ask = async () => {
      clearTimeout(timer);
      try {
        const found = await (takeAccess() ?? readAccess());
        if (isOver) return;
        setAccess(found);
        setError(undefined);
      } catch (problem) {
        if (isOver) return;
        const why = asApiError(problem);
        if (why.status === 401) return end(whyEnded(key, known.current, why));
        setError(why);
        timer = setTimeout(ask, 2_000);
      }
    };
    void ask();
    askAheadOf(readView(location.hash));
    // One function may know of the end of a key, and refuse it, while another still says what it was.
    const askTwice = () => {
      void ask();
      clearTimeout(second);
      second = setTimeout(ask, ENDED_EVERYWHERE_MS);
    };
    const ends = [onRefusedKey(askTwice), onForgotten(signOut)];
    return () => {
      isOver = true;
      clearTimeout(timer);
      clearTimeout(second);
      for (const stop of ends) stop();
    };
  }, [key, end, signOut]);

  const refresh = useCallback(async () => {
    setAccess(await readAccess());
    askAgain();
  }, []);

  if (!access && isRunbook) return <OpenRunbook />;
  if (key === undefined) return <SignIn error={error} onKey={signIn} />;
  if (!access) {
    return (
      <main class="waiting" aria-busy="true">
        {error ? <Problem error={error} /> : <Skeleton lines={8} />}
        {error && (
          <button type="button" onClick={signOut}>
            Use another key
          </button>
        )}
      </main>
    );
  }
  return <SignedIn access={access} refresh={refresh} signOut={signOut} />;
}

/** An alarm's page can be read without a key, and while the API is away. */
function OpenRunbook() {
  return (
    <main class="open-runbook">
      <h1>Runbook</h1>
      <Runbook />
      <p>
        <a href={hrefOf(['system'])}>Sign in to see the state of the system</a>
      </p>
    </main>
  );
}

function SignedIn(props: { access: Access; refresh(): Promise<void>; signOut(): void }) {
  const { access, refresh, signOut } = props;
  const { query } = useView();
  const site = access.sites.find(({ id }) => id === query.site) ?? access.sites[0];
  const session = useMemo<Session | undefined>(
    () => site && { ...access, site, refresh, signOut },
    [access, site, refresh, signOut],
  );
  useEffect(() => {
    if (site) keepSite(site);
  }, [site]);
  if (!session) return <FirstSite refresh={refresh} signOut={signOut} />;
  return (
    <SessionContext.Provider value={session}>
      <Shell />
    </SessionContext.Provider>
  );
}
