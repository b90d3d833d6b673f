import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { underWay } from '../api/client.ts';
import { Skeleton } from './answered.tsx';

/** How long the first view has the network for itself, ms. */
const HEAD_START = 1_500;
/**
 * Between two parts that are not looked at, ms. All at once, their questions would wait for each other, so the next part
 * also waits until those of the last are answered. A single one may be a poll, or hang.
 */
const EVERY = 100;
const MOST_UNDER_WAY = 1;

/** Parts that are not shown yet, in the order of the page. */
const queue = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function showNext(): void {
  const [next] = underWay() > MOST_UNDER_WAY ? [] : queue;
  timer = queue.size > 0 ? setTimeout(showNext, EVERY) : undefined;
  next?.();
}

/** Shows a part when its turn comes. @returns a function that takes it out of the queue. */
function enqueue(show: () => void): () => void {
  queue.add(show);
  if (timer === undefined) timer = setTimeout(showNext, HEAD_START);
  return () => queue.delete(show);
}

/**
 * What is further down the page. It asks when it is looked at; else after the first view, one part after the other, so
 * that print and search in the page find it.
 */
export function Later(props: { lines: number; isWide?: boolean; children: ComponentChildren }) {
  const { lines, isWide, children } = props;
  const place = useRef<HTMLDivElement>(null);
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    if (isDue) return;
    const show = () => setDue(true);
    const seen = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && show());
    seen.observe(place.current!);
    const leave = enqueue(show);
    addEventListener('beforeprint', show);
    return () => {
      seen.disconnect();
      leave();
      removeEventListener('beforeprint', show);
    };
  }, [isDue]);
  if (isDue) return <>{children}</>;
  return (
    <div ref={place} class={isWide ? 'later card wide' : 'later card'}>
      <Skeleton lines={lines} />
    </div>
  );
}
