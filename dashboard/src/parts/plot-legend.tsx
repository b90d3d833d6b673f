interface LegendLine {
  label: string;
  /** Its place among several lines, from 0. Absent: the faint line. */
  tone?: number;
  /** Over the whole range. */
  total?: string;
}

/** How lines are told apart besides by their colour, in CSS pixels. */
export const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [16, 4]];
/** The name of a line's colour in the style sheet. */
export const toneName = (tone: number): string => `series-${(tone % DASHES.length) + 1}`;

/** Which line is which, where a plot has several. */
export function PlotLegend({ lines }: { lines: readonly LegendLine[] }) {
  return (
    <ul class="legend">
      {lines.map(({ label, tone, total }) => (
        <li key={label}>
          <svg width="26" height="8" aria-hidden="true" style={{ '--tone': `var(--${nameOf(tone)})` }}>
            <line x1="0" y1="4" x2="26" y2="4" stroke-dasharray={dashOf(tone).join(' ') || undefined} />
          </svg>
          {label}
          {total !== undefined && <span class="quiet">{total}</span>}
        </li>
      ))}
    </ul>
  );
}

const nameOf = (tone: number | undefined) => (tone === undefined ? 'faint' : toneName(tone));
const dashOf = (tone: number | undefined) => (tone === undefined ? [] : DASHES[tone % DASHES.length]!);
