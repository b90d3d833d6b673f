const WIDTH = 120;
const HEIGHT = 28;

/** A line without axes; the last point is dashed while its interval is not over. It says nothing to a screen reader. */
export function Sparkline({ values, isOpen }: { values: readonly (number | null)[]; isOpen: boolean }) {
  const known = values.map((value) => value ?? 0);
  if (known.length < 2)
    return <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" />;
  const [least, most] = [Math.min(0, ...known), Math.max(...known)];
  const x = (i: number) => (i / (known.length - 1)) * WIDTH;
  const y = (value: number) => HEIGHT - 2 - ((value - least) / (most - least || 1)) * (HEIGHT - 4);
  const path = (from: number, to: number) =>
    known
      .slice(from, to)
      .map((value, i) => `${i === 0 ? 'M' : 'L'}${x(from + i).toFixed(1)} ${y(value).toFixed(1)}`)
      .join('');
  const closed = isOpen ? known.length - 1 : known.length;
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path(0, closed)} />
      {isOpen && <path d={path(closed - 1, closed + 1)} class="open" />}
    </svg>
  );
}
