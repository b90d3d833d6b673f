import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { askAgain, forgetAnswers } from './api/answers.ts';
import { type ApiError, errorOf, request, sendKey } from './api/client.ts';
import { Skeleton } from './parts/answered.tsx';
import { Problem } from './parts/problem.tsx';
import { forgetKey, keepKey, keptKey, takeKeyOfLink } from './session/keys.ts';
import { type Access, type Session, SessionContext } from './session/session.ts';
import { SignIn } from './session/sign-in.tsx';
import { Shell } from './shell/shell.tsx';
import { useView } from './view/view.ts';

const linkKey = takeKeyOfLink();

/** Asks for a key until one does, then shows the pages. */
export function App() {
  const [key, setKey] = useState(linkKey ?? keptKey());
  const [access, setAccess] = useState<Access>();
  const [error, setError] = useState<ApiError>();

  const end = useCallback((why: ApiError | undefined) => {
    forgetKey();
    sendKey(undefined);
    forgetAnswers();
    setKey(undefined);
    setAccess(undefined);
    setError(why);
  }, []);

  useEffect(() => {
    if (key === undefined) return;
    sendKey(key);
    if (linkKey === key) keepKey(key, false);
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      try {
        const found = await readAccess();
        if (!isOver) setAccess(found);
      } catch (problem) {
        if (isOver) return;
        const { status } = problem as ApiError;
        if (status === 401) return end(problem as ApiError);
        setError(problem as ApiError);
        timer = setTimeout(ask, 2_000);
      }
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [key, end]);
  const signOut = useCallback(() => end(undefined), [end]);

  const refresh = useCallback(async () => {
    setAccess(await readAccess());
    askAgain();
  }, []);

  if (key === undefined) {
    const signIn = (text: string, onDevice: boolean) => {
      keepKey(text, onDevice);
      setError(undefined);
      setKey(text);
    };
    return <SignIn error={error} onKey={signIn} />;
  }
  if (!access) {
    return (
      <main class="waiting" aria-busy="true">
        {error ? <Problem error={error} /> : <Skeleton lines={8} />}
      </main>
    );
  }
  return <SignedIn access={access} refresh={refresh} signOut={signOut} />;
}

async function readAccess(): Promise<Access> {
  const response = await request(`${location.origin}/v1/access`);
  if (!response.ok) throw await errorOf(response);
  return ((await response.json()) as { data: Access }).data;
}

function SignedIn(props: { access: Access; refresh(): Promise<void>; signOut(): void }) {
  const { access, refresh, signOut } = props;
  const { query } = useView();
  const site = access.sites.find(({ id }) => id === query.site) ?? access.sites[0];
  const session = useMemo<Session | undefined>(
    () => site && { ...access, site, refresh, signOut },
    [access, site, refresh, signOut],
  );
  if (!session) return <NoSites signOut={signOut} />;
  return (
    <SessionContext.Provider value={session}>
      <Shell />
    </SessionContext.Provider>
  );
}

function NoSites({ signOut }: { signOut(): void }) {
  return (
    <main class="sign-in">
      <h1>No site yet</h1>
      <p>
        Make the first one on the command line: <code>npx footfall sites create shop</code>. Then load this
        page again.
      </p>
      <button type="button" onClick={signOut}>
        Sign out
      </button>
    </main>
  );
}
