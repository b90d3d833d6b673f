import type { Command } from '@commander-js/extra-typings';
import { wholeNumber } from '../../local/command.ts';
import { examples, json, listOf } from '../options.ts';
import { reported } from '../report.ts';

export function declareSimulate(program: Command): void {
  program
    .command('simulate')
    .summary('send what the visitors of a simulated shop do')
    .description(
      'Sends what the visitors of a simulated shop do: they browse, search, fill carts and abandon them, buy, and ' +
        'return goods. Without --rate it sends the last quarter of an hour, as fast as Kafka takes it. With --rate it ' +
        'sends live events until Ctrl-C: a simulated day lasts five minutes and has busy evenings. Kafka and Redis are ' +
        'those of KAFKA_BROKERS and REDIS_URL, else of a running npm start.',
    )
    .option(
      '--events <n>',
      'how many events (default: 1000, or no end with --rate)',
      wholeNumber(1, 1_000_000_000),
    )
    .option('--rate <n>', 'live events a second, on average', wholeNumber(1, 1_000_000))
    .option(
      '--seed <n>',
      'the same seed gives the same visitors (default: random)',
      wholeNumber(0, 0xffffffff),
    )
    .option('--sites <list>', 'ids of sites (default: demo,outlet)', listOf)
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        ['Send 10,000 events at once', 'simulate --events 10000'],
        ['Send 200 live events a second, always by the same visitors', 'simulate --rate 200 --seed 7'],
      ),
    )
    .action(reported(async (options) => (await import('./simulate.ts')).simulate(options)));
}
