import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Skeleton } from '../../parts/answered.tsx';

/** The runbook. Its text is fetched when it is opened, since most visits to the dashboard never need it. */
export function Runbook() {
  const [Pages, setPages] = useState<FunctionComponent>();
  useEffect(() => {
    void import('./runbook-pages.tsx').then(({ RunbookPages }) => setPages(() => RunbookPages));
  }, []);
  return Pages ? <Pages /> : <Skeleton lines={10} />;
}
