/** Characters of one request: even at three bytes each, they fit into a beacon (Beacon, Fetch: 64 KiB). */
const MAX_BATCH = 20_000;
/** Events stored for later. */
const MAX_KEPT = 100;
const MAX_KEPT_CHARACTERS = 64_000;
/** How long events wait for others, ms. */
const GATHER = 1_000;
const HOUR = 3_600_000;

/**
 * Sends events, as JSON, in batches a moment after they arrive, and with a beacon when the page is hidden.
 * Events that could not be sent stay in localStorage for a later attempt, by this page or another. Each event
 * has an id, so sending one twice is harmless. Events that the server rejects are dropped.
 * @param mayStore whether events may stay in localStorage now; else they stay in memory.
 */
export function openQueue(url: string, store: string, mayStore: () => boolean): { add(event: string): void } {
  let pending: string[] = [];
  let timer = 0;
  let isSending = false;
  let failures = 0;
  /** The server asked not to send before this time, ms since the epoch. */
  let until = 0;

  const arm = (delay: number) => {
    clearTimeout(timer);
    timer = setTimeout(flush, delay);
  };

  /**
   * Takes the stored events, so that no other page sends them too. One a line: JSON has no raw line breaks.
   */
  const take = (): string[] => {
    try {
      const [time, ...events] = (localStorage.getItem(store) || '0').split('\n');
      localStorage.removeItem(store);
      until = Math.max(until, Math.min(+time!, Date.now() + HOUR)) || 0;
      return events;
    } catch {
      return [];
    }
  };

  const keep = () => {
    pending = take().concat(pending).slice(-MAX_KEPT);
    while (pending.join().length > MAX_KEPT_CHARACTERS) pending.shift();
    try {
      if (mayStore()) {
        localStorage.setItem(store, [until, ...pending].join('\n'));
        pending = [];
      }
    } catch {}
    arm(Math.max(until - Date.now(), GATHER * 2 ** Math.min(failures, 8)));
  };

  /** Takes as many events as fit into a request, but at least one. */
  const cut = (): string[] => {
    let size = 0;
    const end = pending.findIndex((event) => {
      size += event.length + 1;
      return size > MAX_BATCH;
    });
    return pending.splice(0, end < 0 ? pending.length : end || 1);
  };

  const bodyOf = (events: string[]) => `{"events":[${events.join()}]}`;

  function flush(): void {
    timer = 0;
    if (isSending) return;
    pending = take().concat(pending);
    if (Date.now() < until) {
      keep();
      return;
    }
    const batch = cut();
    if (!batch.length) return;
    const body = bodyOf(batch);
    isSending = true;
    const failed = (seconds: number) => {
      until = Date.now() + Math.min(seconds * 1_000, HOUR);
      failures++;
      pending = batch.concat(pending);
      keep();
    };
    // As text/plain, to avoid a CORS preflight.
    fetch(url, { method: 'POST', body, credentials: 'omit', keepalive: body.length <= 2 * MAX_BATCH })
      .then(({ status, headers }) => {
        isSending = false;
        if (status === 429 || status > 499) return failed(+headers.get('retry-after')! || 0);
        failures = 0;
        if (pending.length) arm(0);
      })
      .catch(() => {
        isSending = false;
        failed(0);
      });
  }

  const hide = () => {
    if (!pending.length) return;
    if (failures || Date.now() < until || navigator.onLine === false) return keep();
    for (let batch = cut(); batch.length; batch = cut()) {
      if (navigator.sendBeacon(url, bodyOf(batch))) continue;
      pending = batch.concat(pending);
      return keep();
    }
  };
  addEventListener('pagehide', hide);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) hide();
  });
  addEventListener('online', () => arm(0));
  arm(GATHER);

  return {
    add(event) {
      pending.push(event);
      if (!timer) arm(GATHER);
    },
  };
}
