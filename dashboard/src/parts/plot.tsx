import { useEffect, useRef } from 'preact/hooks';
import './valid-language.ts';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { DASHES, PlotLegend, toneName } from './plot-legend.tsx';
import { Scrolls } from './scrolls.tsx';

export interface PlotLine {
  label: string;
  values: readonly (number | null)[];
  format(value: number): string;
  /** For the axis. */
  short(value: number): string;
  /** line: the metric; faint: the period compared with; bars: beneath the line, with an axis of its own. */
  look: 'line' | 'faint' | 'bars';
  /** Its place among several lines, from 0: a colour and dashes of its own, and a legend. */
  tone?: number;
  /** For the legend: over the whole range. */
  total?: string;
}

interface PlotProps {
  /** What the plot shows, for those who can't see it. */
  label: string;
  /** The text of each point, such as its day. */
  points: readonly string[];
  /** Shorter texts for the axis. */
  ticks: readonly string[];
  lines: readonly PlotLine[];
  /** The last point's interval is not over: its part of the line is dashed. */
  isOpen: boolean;
  height?: number;
}

/** A plot on a canvas, and the same numbers as a table for screen readers and print. */
export function Plot(props: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const caption = useRef<HTMLParagraphElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const shape = props.lines.map(({ look, label }) => `${look} ${label}`).join('|') + props.isOpen;

  useEffect(() => {
    const at = box.current!;
    const say = (index: number | null | undefined) => {
      if (caption.current) caption.current.textContent = textAt(latest.current, index);
    };
    const make = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(latest, at.clientWidth, say), columnsOf(latest.current), at);
      say(null);
    };
    make();
    const size = new ResizeObserver(() => {
      if (plot.current && plot.current.width !== at.clientWidth && at.clientWidth > 0) {
        plot.current.setSize({ width: at.clientWidth, height: plot.current.height });
      }
    });
    size.observe(at);
    // Colours are read from the style sheet when the plot is drawn.
    const theme = new MutationObserver(make);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    // Paper has the light colours.
    const print = matchMedia('print');
    print.addEventListener('change', make);
    return () => {
      size.disconnect();
      theme.disconnect();
      print.removeEventListener('change', make);
      plot.current?.destroy();
      plot.current = undefined;
    };
    // The plot is made once for each set of lines; new numbers go into it below.
  }, [shape]);
  const isSplit = props.lines.some(({ tone }) => tone !== undefined);
  useEffect(() => plot.current?.setData(columnsOf(props)), [props.points, props.lines]);

  return (
    <figure class={isSplit ? 'plot split' : 'plot'}>
      {isSplit && <PlotLegend lines={props.lines} />}
      <p class="readout" ref={caption} aria-hidden="true" />
      <div ref={box} role="img" aria-label={`${props.label}. The table below the plot has its numbers.`} />
      <details>
        <summary>Show as a table</summary>
        <Scrolls label={props.label}>
          <PlotTable {...props} />
        </Scrolls>
      </details>
    </figure>
  );
}

function PlotTable({ label, points, lines }: PlotProps) {
  return (
    <table>
      <caption class="unseen">{label}</caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          {lines.map((line) => (
            <th key={line.label} scope="col" class="number">
              {line.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.map((point, i) => (
          <tr key={point}>
            <th scope="row">{point}</th>
            {lines.map((line) => (
              <td key={line.label} class="number">
                {valueText(line, i)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const valueText = ({ values, format }: PlotLine, i: number) => {
  const value = values[i];
  return value == null ? '–' : format(value);
};

/** What stands above the plot: the point under the pointer, else the last one. */
function textAt({ points, lines, isOpen }: PlotProps, index: number | null | undefined): string {
  const i = index ?? points.length - 1;
  if (points[i] === undefined) return '';
  const values = lines.map((line) => `${line.label}: ${valueText(line, i)}`).join(' · ');
  return `${points[i]}${isOpen && i === points.length - 1 ? ' (not over)' : ''} · ${values}`;
}

const columnsOf = ({ points, lines }: PlotProps): uPlot.AlignedData => [
  points.map((_, i) => i),
  ...lines.map(({ values }) => points.map((_, i) => values[i] ?? null)),
];

const colour = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function optionsOf(
  latest: { current: PlotProps },
  width: number,
  say: (index: number | null | undefined) => void,
): uPlot.Options {
  const { lines, isOpen, height = 260 } = latest.current;
  const [text, grid] = [colour('quiet'), colour('border')];
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const scaleOf = ({ look }: PlotLine) => (look === 'bars' ? 'bars' : 'y');
  // uPlot may draw this plot again after its lines have changed, until a new plot replaces it. A scale may have no line then.
  const shortOf = (scale: string) => (_: uPlot, at: number[]) => {
    const isOfScale = (line: PlotLine) => scaleOf(line) === scale;
    const line = latest.current.lines.findLast(isOfScale) ?? lines.findLast(isOfScale);
    return at.map((value) => line!.short(value));
  };
  const from0 = (_: uPlot, least: number | null, most: number | null): [number, number] => [
    Math.min(0, least ?? 0),
    most === null || most <= 0 ? 1 : most * 1.08,
  ];
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: false }, y: { range: from0 }, bars: { range: from0 } },
    hooks: { setCursor: [({ cursor }) => say(cursor.idx)] },
    axes: [
      {
        ...axis,
        grid: { show: false },
        values: (_, at) => at.map((i) => (Number.isInteger(i) ? (latest.current.ticks[i] ?? '') : '')),
      },
      { ...axis, size: 64, values: shortOf('y') },
      ...(lines.some(({ look }) => look === 'bars')
        ? [
            {
              ...axis,
              scale: 'bars',
              side: 1 as const,
              size: 64,
              grid: { show: false },
              values: shortOf('bars'),
            },
          ]
        : []),
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, isOpen))],
  };
}

function seriesOf(line: PlotLine, isOpen: boolean): uPlot.Series {
  const scale = line.look === 'bars' ? 'bars' : 'y';
  if (line.look === 'bars') {
    return {
      label: line.label,
      scale,
      fill: colour('bars'),
      paths: uPlot.paths.bars!({ size: [0.7, 40] }),
      points: { show: false },
    };
  }
  if (line.look === 'faint') {
    return { label: line.label, scale, stroke: colour('faint'), width: 1.5, points: { show: false } };
  }
  const stroke = colour(line.tone === undefined ? 'accent' : toneName(line.tone));
  return {
    label: line.label,
    scale,
    stroke,
    width: 2,
    points: { size: 5, fill: stroke },
    ...(line.tone !== undefined && { dash: [...DASHES[line.tone % DASHES.length]!] }),
    ...(isOpen && { paths: linesWithOpenEnd }),
  };
}

/** Straight lines. The last interval is not over, so its line is made of dashes. */
const linear = uPlot.paths.linear!();

function linesWithOpenEnd(plot: uPlot, series: number, from: number, to: number): uPlot.Series.Paths | null {
  const last = plot.data[0].length - 1;
  const paths = linear(plot, series, from, Math.min(to, last - 1));
  const [before, end] = [plot.data[series]![last - 1], plot.data[series]![last]];
  if (!paths || before == null || end == null || to < last) return paths;
  const stroke = paths.stroke as Path2D;
  const at = (i: number, value: number) =>
    [plot.valToPos(i, 'x', true), plot.valToPos(value, 'y', true)] as const;
  const [[x0, y0], [x1, y1]] = [at(last - 1, before), at(last, end)];
  const length = Math.hypot(x1 - x0, y1 - y0);
  const dash = 6 * devicePixelRatio;
  for (let done = dash; done < length; done += 2 * dash) {
    const [a, b] = [done / length, Math.min(1, (done + dash) / length)];
    stroke.moveTo(x0 + (x1 - x0) * a, y0 + (y1 - y0) * a);
    stroke.lineTo(x0 + (x1 - x0) * b, y0 + (y1 - y0) * b);
  }
  return paths;
}
