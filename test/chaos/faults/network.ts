import type { Environment } from '../environment.ts';
import type { Link } from '../link.ts';
import { between, type Fault, progress, type World } from '../world.ts';

/** The network between the functions and their servers. */

interface Cut {
  name: string;
  run(fronts: readonly Link[], world: World): Promise<void>;
}

const CUTS: Cut[] = [
  {
    name: 'drops everything',
    async run(fronts, world) {
      for (const front of fronts) front.hold();
      await between(world, 3_000, 8_000);
      // Afterwards the connections go on or are forgotten.
      if (world.dice.chance(0.5)) for (const front of fronts) front.strand();
      for (const front of fronts) front.release();
    },
  },
  {
    name: 'is slow',
    async run(fronts, world) {
      for (const front of fronts) front.delayMs = 200 + world.dice.below(400);
      await between(world, 4_000, 6_000);
      for (const front of fronts) front.delayMs = 0;
    },
  },
  {
    name: 'closes one half',
    async run(fronts, world) {
      for (let times = 2; times > 0; times--) {
        for (const front of fronts) front.halfClose();
        await between(world, 500, 2_000);
      }
    },
  },
  {
    name: 'resets',
    async run(fronts, world) {
      for (let times = 5; times > 0; times--) {
        for (const front of fronts) front.reset();
        await between(world, 100, 800);
      }
    },
  },
  {
    name: 'forgets connections',
    async run(fronts) {
      for (const front of fronts) front.strand();
    },
  },
];

const WHERE: [name: string, fronts: (environment: Environment) => readonly Link[]][] = [
  ['Redis', ({ redis }) => [redis.front]],
  ['Kafka', ({ brokerFronts }) => brokerFronts],
];

export const networkFaults: Fault[] = WHERE.flatMap(([where, frontsOf]) =>
  CUTS.map((cut) => ({
    name: `network to ${where} ${cut.name}`,
    async run(world: World) {
      await progress(world);
      await cut.run(frontsOf(world.environment), world);
    },
  })),
);
