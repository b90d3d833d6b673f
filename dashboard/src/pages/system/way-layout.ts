import type { Leg, StationId } from './way.ts';

/** Where the stations stand: in a row on a wide page, one below the other on a phone. */

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  name: 'wide' | 'tall';
  width: number;
  height: number;
  boxes: Record<StationId, Box>;
}

const ROW = ['clients', 'collect', 'kafka', 'aggregate', 'redis', 'analytics'] as const;

const boxesOf = (box: (i: number) => Box) =>
  Object.fromEntries(ROW.map((id, i) => [id, box(i)])) as Record<(typeof ROW)[number], Box>;

const wideBoxes = boxesOf((i) => ({ x: 1 + i * 172, y: 1, width: 118, height: 58 }));
const tallBoxes = boxesOf((i) => ({ x: 1, y: 1 + i * 96, width: 150, height: 56 }));

export const LAYOUTS: readonly Layout[] = [
  {
    ...{ name: 'wide', width: 980, height: 168 },
    boxes: { ...wideBoxes, letters: { ...wideBoxes.aggregate, y: 108 } },
  },
  {
    ...{ name: 'tall', width: 320, height: 540 },
    boxes: { ...tallBoxes, letters: { ...tallBoxes.aggregate, x: 204, width: 115 } },
  },
];

/** The line of a leg, and where its rate stands. */
export function drawLeg({ boxes, name }: Layout, { from, to, isReplay }: Leg) {
  const [a, b] = [boxes[from], boxes[to]];
  const isWide = name === 'wide';
  if (isReplay) {
    // Back to Kafka: around the corner.
    return isWide
      ? {
          path: `M${a.x} ${middleY(a)}H${middleX(b)}V${bottom(b) + 6}`,
          x: middleX(b) + 12,
          y: middleY(a) - 8,
        }
      : { path: `M${middleX(a)} ${a.y}V${middleY(b)}H${right(b) + 6}`, x: middleX(a) + 6, y: a.y - 18 };
  }
  const goesDown = isWide === (to === 'letters');
  return goesDown
    ? { path: `M${middleX(a)} ${bottom(a)}V${b.y - 6}`, x: middleX(a) + 10, y: (bottom(a) + b.y) / 2 + 4 }
    : { path: `M${right(a)} ${middleY(a)}H${b.x - 6}`, x: right(a) + 5, y: middleY(a) - 8 };
}

const middleX = ({ x, width }: Box) => x + width / 2;
const middleY = ({ y, height }: Box) => y + height / 2;
const right = ({ x, width }: Box) => x + width;
const bottom = ({ y, height }: Box) => y + height;
