import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Skeleton } from './answered.tsx';

/** How long the first view has the network for itself, ms. */
const HEAD_START = 1_500;
/** Between two parts that are not looked at, ms: all at once, their questions would wait for each other. */
const EVERY = 150;

/** Parts that are not shown yet, in the order of the page. */
const queue = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

function showNext(): void {
  const [next] = queue;
  timer = next && setTimeout(showNext, EVERY);
  next?.();
}

/** Shows a part when its turn comes. @returns a function that takes it out of the queue. */
function enqueue(show: () => void): () => void {
  queue.add(show);
  timer ??= setTimeout(showNext, HEAD_START);
  return () => queue.delete(show);
}

/**
 * What is further down the page. It asks when it comes near; else after the first view, one part after the other, so that
 * print and search in the page find it.
 */
export function Later(props: { lines: number; isWide?: boolean; children: ComponentChildren }) {
  const { lines, isWide, children } = props;
  const place = useRef<HTMLDivElement>(null);
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    if (isDue) return;
    const show = () => setDue(true);
    const near = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && show(), {
      rootMargin: '200px',
    });
    near.observe(place.current!);
    const leave = enqueue(show);
    addEventListener('beforeprint', show);
    return () => {
      near.disconnect();
      leave();
      removeEventListener('beforeprint', show);
    };
  }, [isDue]);
  if (isDue) return <>{children}</>;
  return (
    <div ref={place} class={isWide ? 'card wide' : 'card'}>
      <Skeleton lines={lines} />
    </div>
  );
}
