/** From so much on, a visit of one page is no bounce, ms. */
const ENGAGED = 10_000;
const DAY = 86_400_000;

/**
 * Measures how long the page is in the foreground.
 * @param tell called when the page is hidden and a time that makes a visit engaged was not taken yet.
 * @returns takes the time since it was called last, ms.
 */
export function watchEngagement(tell: () => void): () => number {
  let time = 0;
  let since = 0;
  let isShown = false;

  const look = () => {
    const now = performance.now();
    if (isShown) time += now - since;
    since = now;
    isShown = !document.hidden;
  };
  document.addEventListener('visibilitychange', () => {
    look();
    if (!isShown && time >= ENGAGED) tell();
  });
  look();

  return () => {
    look();
    const taken = Math.min(Math.round(time), DAY);
    time = 0;
    return taken;
  };
}
