import { useState } from 'preact/hooks';
import type { ApiError } from '../api/client.ts';
import { Problem } from '../parts/problem.tsx';

/** Asks for a key. @param props.error why the last key did not do. */
export function SignIn(props: { error: ApiError | undefined; onKey(key: string, onDevice: boolean): void }) {
  const [key, setKey] = useState('');
  const [onDevice, setOnDevice] = useState(false);
  return (
    <main class="sign-in">
      <h1>Footfall</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() !== '') props.onKey(key.trim(), onDevice);
        }}
      >
        <label>
          Read key, or admin key
          <input
            type="password"
            name="key"
            autocomplete="current-password"
            spellcheck={false}
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
          Keep it on this device
        </label>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
      {props.error && <Problem error={props.error} />}
      <p class="quiet">
        A read key sees the numbers of its site. An admin key changes its site, too. The key stays in this tab
        unless you keep it on the device, and goes to this server only.
      </p>
    </main>
  );
}
