import { watchEngagement } from './engagement.ts';
import { newId } from './ids.ts';
import { watchPages } from './pages.ts';
import { openQueue } from './queue.ts';
import { openVisitor } from './visitor.ts';

/**
 * The snippet for a shop's pages, served as /f.js: <script async src="https://…/f.js"
 * data-key="WRITE_KEY"></script>. It never throws into the page.
 */

type Fields = Record<string, unknown>;
type Call = [name: string, fields?: Fields | string | boolean];

interface Footfall {
  (...call: Call): void;
  /** Calls that the page made before this script was loaded. */
  q?: ArrayLike<Call[number]>[];
  /** Set once this script is loaded. */
  on?: boolean;
}

declare global {
  interface Window {
    footfall?: Footfall;
  }
  interface Navigator {
    globalPrivacyControl?: boolean;
  }
  interface Document {
    prerendering?: boolean;
  }
}

function start({ src, dataset }: HTMLScriptElement): void {
  const early = window.footfall?.q || [];
  // Respect Do Not Track and Global Privacy Control: send nothing, store nothing.
  if (navigator.doNotTrack === '1' || navigator.globalPrivacyControl) {
    window.footfall = () => {};
    return;
  }
  /** Whether the visitor agreed. The page says so each time: the answer itself is not stored here. */
  let consent = !/^(false|denied)$/.test(dataset.consent || '');
  // Before the queue, whose beacon takes what is there when the page is hidden.
  const engagement = watchEngagement(() => {
    if (consent && dataset.manual === undefined) track('user_engagement');
  });
  const queue = openQueue(
    `${dataset.url || new URL('/v1/events', src)}?via=script&write_key=${encodeURIComponent(dataset.key || '')}`,
    `ff_q_${dataset.key}`,
    () => consent,
  );
  const visitor = openVisitor(dataset.cookie);
  let user: string | undefined;
  let last: string | undefined;

  const track = (name: string, fields?: Fields) => {
    const page = location.href.split('#')[0]!.slice(0, 2000);
    const isView = name === 'page_view';
    queue.add(
      JSON.stringify({
        id: newId(),
        name,
        timestamp: Date.now(),
        anonymous_id: consent ? visitor() : undefined,
        user_id: user,
        page,
        referrer: (isView && (last === undefined ? document.referrer : last).slice(0, 2000)) || undefined,
        engagement_time_msec: engagement() || undefined,
        ...fields,
        // Last: fields of the page can't name a visitor who refused.
        ...(!consent && { consent, anonymous_id: undefined, user_id: undefined }),
      }),
    );
    if (isView) last = page;
  };
  const forget = () => {
    user = undefined;
    visitor.forget();
  };
  const footfall: Footfall = (name, fields) => {
    try {
      if (name === 'consent') {
        consent = fields !== false && fields !== 'denied';
        if (!consent) forget();
      } else if (name === 'reset') {
        user = undefined;
        if (consent) visitor(true);
      } else if (name !== 'identify') track(name, fields as Fields);
      else if (fields) {
        if (consent) user = String(fields);
        track(name);
      }
    } catch {}
  };
  if (!consent) forget();
  footfall.on = true;
  window.footfall = footfall;
  const calls = Array.from(early, (call) => Array.from(call) as Call);
  // What the page said of consent before the script was there holds for the first page view, too.
  const said = calls.find(([name]) => name === 'consent');
  if (said) footfall(...said);
  if (dataset.manual === undefined) watchPages(footfall);
  for (const call of calls) footfall(...call);
}

const script = (document.currentScript ||
  document.querySelector('script[data-key]')) as HTMLScriptElement | null;
if (script && !window.footfall?.on) {
  const begin = () => {
    try {
      start(script);
    } catch {}
  };
  // A prerendered page may never be shown.
  if (document.prerendering) document.addEventListener('prerenderingchange', begin, { once: true });
  else begin();
}
