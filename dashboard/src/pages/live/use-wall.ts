import { useEffect } from 'preact/hooks';
import { setQuery, useView } from '../../view/view.ts';

/**
 * The mode for a screen on the wall: larger, without navigation. Esc leaves it: the browser's own Esc ends the full
 * screen, which is noticed here; without a full screen, the shortcuts clear the address.
 */
export function useWall() {
  const { query } = useView();
  const isWall = query.wall === '1';
  useEffect(() => {
    if (!isWall) return;
    const change = () => {
      if (!document.fullscreenElement) setQuery({ wall: undefined });
    };
    document.addEventListener('fullscreenchange', change);
    const wake = stayAwake();
    return () => {
      document.removeEventListener('fullscreenchange', change);
      wake();
    };
  }, [isWall]);
  return {
    isWall,
    enter: () => {
      setQuery({ wall: '1' });
      // A browser may refuse; the page is large all the same.
      document.documentElement.requestFullscreen?.().catch(() => undefined);
    },
    leave: () => {
      setQuery({ wall: undefined });
      if (document.fullscreenElement) void document.exitFullscreen();
    },
  };
}

/** Keeps the screen from going dark, where the browser can. @returns a function that ends it. */
function stayAwake(): () => void {
  let isOver = false;
  let lock: WakeLockSentinel | undefined;
  const ask = async () => {
    if (isOver || document.visibilityState === 'hidden' || !navigator.wakeLock) return;
    lock = await navigator.wakeLock.request('screen').catch(() => undefined);
    if (isOver) await lock?.release();
  };
  // The browser ends it whenever the page is hidden.
  document.addEventListener('visibilitychange', ask);
  void ask();
  return () => {
    isOver = true;
    document.removeEventListener('visibilitychange', ask);
    void lock?.release();
  };
}
