import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Skeleton } from './answered.tsx';

/** How long the first view has the network for itself, ms. */
const HEAD_START = 1_500;

/**
 * What is further down the page: it asks when it comes near, or when the first view has had its time, so that print and
 * search in the page find it.
 */
export function Later(props: { lines: number; isWide?: boolean; children: ComponentChildren }) {
  const { lines, isWide, children } = props;
  const place = useRef<HTMLDivElement>(null);
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const show = () => setDue(true);
    const near = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && show(), {
      rootMargin: '200px',
    });
    near.observe(place.current!);
    const timer = setTimeout(show, HEAD_START);
    addEventListener('beforeprint', show);
    return () => {
      near.disconnect();
      clearTimeout(timer);
      removeEventListener('beforeprint', show);
    };
  }, []);
  if (isDue) return <>{children}</>;
  return (
    <div ref={place} class={isWide ? 'card wide' : 'card'}>
      <Skeleton lines={lines} />
    </div>
  );
}
