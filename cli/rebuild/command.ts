import { type Command, Option } from '@commander-js/extra-typings';
import { badOption, wholeNumber } from '../../local/command.ts';
import { examples, json } from '../options.ts';
import { reported } from '../report.ts';

const force = new Option('--force', 'switch in spite of differences that nothing explains');
const follow = new Option(
  '--follow',
  'after the switch go on counting until Ctrl-C, for programs still to be deployed',
);

const rebuilding = () => import('./rebuild.ts');

export function declareRebuild(program: Command): void {
  const rebuild = program
    .command('rebuild')
    .summary('count the log again and switch to the result')
    .description(
      'Counts everything that Kafka has again, into a new generation in Redis, compares it with the current one, and ' +
        'switches to it. Answers stay right throughout. Use it after a change of how events are counted, or to count a ' +
        'new funnel over history. Without a command it does start, verify and switch. After a stop, the same command ' +
        'goes on. A rebuild needs twice the Redis memory until `free`. Kafka and Redis are those of KAFKA_BROKERS and ' +
        'REDIS_URL, else of a running npm start.',
    )
    .allowExcessArguments()
    .addOption(follow)
    .addOption(force)
    .addOption(json)
    .addHelpText(
      'after',
      examples(
        ['Count again, compare, switch', 'rebuild'],
        ['Remove what is no longer needed', 'rebuild free'],
        [
          'Copy the log into a topic with 64 partitions',
          'rebuild start --topic events-64 --partitions 64 --follow',
        ],
      ),
    )
    .action(
      reported(async (options, command) => {
        const [unknown] = command.args;
        const known = command.commands.map((one) => one.name()).join(', ');
        if (unknown !== undefined)
          throw badOption(`Unknown command '${unknown}'. The commands are ${known}.`);
        return (await rebuilding()).rebuild('all', options);
      }),
    );

  rebuild
    .command('start')
    .summary('count the log into a new generation, or go on with one')
    .description(
      'Counts the log into a new generation, or goes on with one, until it is as far as the log. With --topic and ' +
        '--partitions it copies what clients have sent into that topic, which it creates, counts the copy, compares, ' +
        'and goes on (--follow) until collect and aggregate are deployed with that EVENTS_TOPIC and EVENTS_PARTITIONS. ' +
        'That deployment is the switch.',
    )
    .option('--topic <name>', 'topic to copy into')
    .option('--partitions <n>', 'number of partitions of that topic', wholeNumber(1, 1_024))
    .addOption(follow)
    .addOption(force)
    .addOption(json)
    .action(
      reported(async ({ topic, partitions, ...options }) => {
        if (topic && partitions !== undefined)
          return (await import('./repartition.ts')).repartition({ topic, partitions }, options);
        if (topic !== undefined || partitions !== undefined)
          throw badOption('Give both --topic and --partitions.');
        if (options.follow || options.force)
          throw badOption('start takes --follow and --force only with --topic.');
        return (await rebuilding()).rebuild('start', options);
      }),
    );

  rebuild
    .command('status')
    .summary('list the generations')
    .description('Lists the generations.')
    .addOption(json)
    .action(reported(async () => (await rebuilding()).status()));

  rebuild
    .command('verify')
    .summary('compare the new generation with the current one')
    .description(
      'Brings the new generation up to date and compares what became of every record with the current one. Exits with ' +
        '1 when nothing explains a difference.',
    )
    .addOption(json)
    .action(reported(async () => (await rebuilding()).rebuild('verify')));

  rebuild
    .command('switch')
    .summary('make the new generation the current one')
    .description('Brings the new generation up to date, compares it, and makes it the current one.')
    .addOption(follow)
    .addOption(force)
    .addOption(json)
    .action(reported(async (options) => (await rebuilding()).rebuild('switch', options)));

  rebuild
    .command('undo')
    .summary('go back to the generation before the switch')
    .description('Brings the generation before the switch up to date and makes it the current one again.')
    .addOption(json)
    .action(reported(async () => (await rebuilding()).undo()));

  rebuild
    .command('free')
    .summary('remove generations that are no longer needed')
    .description(
      'Removes the keys of generations that are no longer needed. Generations of another state format or another topic ' +
        'are removed only when you name them.',
    )
    .argument('[ids...]', 'ids of generations, as `footfall rebuild status` prints them')
    .option('--force', 'remove a named generation although a program may still answer from it')
    .addOption(json)
    .action(reported(async (ids, options) => (await rebuilding()).freeAll(ids, options)));
}
