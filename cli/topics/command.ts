import type { Command } from '@commander-js/extra-typings';
import { wholeNumber } from '../../local/command.ts';
import { examples, json } from '../options.ts';
import { reported } from '../report.ts';

const work = () => import('./topics.ts');

export function declareTopics(program: Command): void {
  const topics = program
    .command('topics')
    .summary('make and check the topics in Kafka')
    .description(
      'Makes and checks the four topics of an installation: partitions, replication, retention, cleanup policy and ' +
        'min.insync.replicas. Kafka is that of KAFKA_BROKERS, else of the running npm start. The names and partitions ' +
        'are those of EVENTS_TOPIC, DLQ_TOPIC, SIGNALS_TOPIC, SITES_TOPIC and EVENTS_PARTITIONS.',
    )
    .addHelpText(
      'after',
      examples(
        ['Make the topics that are missing', 'topics create'],
        ['Say what is wrong with them; 1 when something is', 'topics check'],
      ),
    );

  topics
    .command('create')
    .summary('make the topics that are missing')
    .description(
      'Makes the topics that are missing, with their exact settings, then checks all four. Never changes a topic that ' +
        'exists. Exits with 1 when one of those is wrong.',
    )
    .option(
      '--replication <n>',
      'copies of each record (default: 3, or the number of brokers when there are fewer)',
      wholeNumber(1, 10),
    )
    .option(
      '--retention-days <n>',
      'days for which events, dead letters and signals are kept',
      wholeNumber(7, 36_500),
      7,
    )
    .addOption(json)
    .action(reported(async (options) => (await work()).makeTopics(options)));

  topics
    .command('check')
    .summary('say what is wrong with the topics')
    .description('Says in a sentence what is wrong with each topic. Exits with 1 when something is.')
    .addOption(json)
    .action(reported(async () => (await work()).checkTopics()));
}
