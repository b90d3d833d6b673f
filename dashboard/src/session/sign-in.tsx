import { useState } from 'preact/hooks';
import type { ApiError } from '../api/client.ts';
import icon from '../icon.svg';
import { Problem } from '../parts/problem.tsx';
import '../styles/sign-in.css';

/** Asks for a key. @param props.error why the last key did not do, or why the page signed out. */
export function SignIn(props: { error: ApiError | undefined; onKey(key: string, onDevice: boolean): void }) {
  const [key, setKey] = useState('');
  const [onDevice, setOnDevice] = useState(false);
  const { error } = props;
  return (
    <main class="sign-in">
      <header>
        <img src={icon} alt="" width="48" height="48" />
        <h1>Footfall</h1>
        <p class="quiet">What happens in your shop, as it happens.</p>
      </header>
      <section class="card" aria-label="Sign in">
        {error?.status === 401 && (
          <div class="problem" role="alert">
            <p>{error.message}</p>
          </div>
        )}
        {error && error.status !== 401 && <Problem error={error} />}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (key.trim() !== '') props.onKey(key.trim(), onDevice);
          }}
        >
          <label>
            Read key, or admin key
            {/* Without a name, so that no form can ever put it into an address. */}
            <input
              type="password"
              autocomplete="current-password"
              spellcheck={false}
              placeholder="ffr_…"
              value={key}
              onInput={(event) => setKey(event.currentTarget.value)}
            />
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={onDevice}
              onChange={(event) => setOnDevice(event.currentTarget.checked)}
            />
            Keep me signed in on this device
          </label>
          <button type="submit" class="primary">
            Sign in
          </button>
        </form>
        <p class="note">
          The key stays in this tab unless you keep it on the device. It goes to this server only, and never
          into an address.
        </p>
      </section>
      <AboutKeys />
    </main>
  );
}

function AboutKeys() {
  return (
    <details>
      <summary>What is a key, and where do I get one?</summary>
      <p>A key is a text that opens the numbers of a site, in place of a name and a password.</p>
      <ul>
        <li>
          A <strong>read key</strong> (<code>ffr_…</code>) sees the numbers of its site. Anyone with an admin
          key can make one for you: a share link signs you in by itself.
        </li>
        <li>
          An <strong>admin key</strong> (<code>ffa_…</code>) also changes its site.
        </li>
        <li>
          The <strong>installation's admin key</strong> sees all sites and makes new ones. The operator of
          this server has it. <code>npm start</code> prints a link that is signed in.
        </li>
      </ul>
      <p>
        A lost key cannot be shown again. The operator makes another one:{' '}
        <code>npx footfall sites key SITE --kind read</code>.
      </p>
    </details>
  );
}
