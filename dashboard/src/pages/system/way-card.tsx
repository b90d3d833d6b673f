import { Card } from '../../parts/card.tsx';
import type { SystemState } from './use-flow.ts';
import { describeWay, type Leg, legsOf, type Station, stationsOf } from './way.ts';
import { drawLeg, LAYOUTS, type Layout } from './way-layout.ts';

/** The path of an event, drawn, with what goes through it now. */
export function WayCard({ state }: { state: SystemState }) {
  const isOutdated = state.health.error !== undefined;
  return (
    <Card
      title="The way of an event"
      note={`Records a second, over the last ten seconds.${
        state.isInstallation
          ? ' They include what partitions tell each other.'
          : ' Of all sites; dead letters of this one.'
      }`}
      wide
    >
      <div class={isOutdated ? 'outdated' : undefined}>
        {LAYOUTS.map((layout) => (
          <Drawing key={layout.name} layout={layout} state={state} />
        ))}
      </div>
    </Card>
  );
}

function Drawing({ layout, state }: { layout: Layout; state: SystemState }) {
  return (
    <svg
      class={`way ${layout.name}`}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      role="img"
      aria-label={describeWay(state)}
    >
      {legsOf(state).map((leg) => (
        <Arrow key={`${leg.from} ${leg.to}`} layout={layout} leg={leg} />
      ))}
      {stationsOf(state).map((station) => (
        <Stop key={station.id} layout={layout} station={station} />
      ))}
    </svg>
  );
}

function Arrow({ layout, leg }: { layout: Layout; leg: Leg }) {
  const { path, x, y } = drawLeg(layout, leg);
  const id = `head-${layout.name}-${leg.from}-${leg.to}`;
  return (
    <g class={leg.isReplay ? 'leg replay' : 'leg'}>
      <marker id={id} viewBox="0 0 8 8" refX="2" refY="4" markerWidth="7" markerHeight="7" orient="auto">
        <path d="M0 0L8 4L0 8Z" />
      </marker>
      <path class="line" d={path} marker-end={`url(#${id})`} />
      <text x={x} y={y}>
        {leg.isReplay ? 'replay' : leg.rate}
      </text>
    </g>
  );
}

function Stop({ layout, station }: { layout: Layout; station: Station }) {
  const { x, y, width, height } = layout.boxes[station.id];
  return (
    <g class={`stop ${station.tone}`}>
      <rect x={x} y={y} width={width} height={height} rx="8" />
      <text class="name" x={x + width / 2} y={y + 24}>
        {station.name}
      </text>
      <text class="line" x={x + width / 2} y={y + 44}>
        {station.line}
      </text>
    </g>
  );
}
