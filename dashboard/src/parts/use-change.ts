import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';

/** A change under way, and why it failed. */
export interface Change {
  /** Does it. What it throws of the API becomes `error`. */
  run(act: () => Promise<void>): Promise<void>;
  error: ApiError | undefined;
  isBusy: boolean;
}

/** @example const { run, error } = useChange(); run(async () => { await done(api.DELETE(…)); askAgain(); }); */
export function useChange(): Change {
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const run = async (act: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await act();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return { run, error, isBusy };
}
