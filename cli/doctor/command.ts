import type { Command } from '@commander-js/extra-typings';
import { answered, examples } from '../options.ts';
import { reported } from '../report.ts';

export function declareDoctor(program: Command): void {
  answered(program.command('doctor'))
    .summary('ask an installation what is wrong with it')
    .description(
      'Asks an installation what is wrong with it: whether Kafka and Redis can be reached (TLS, password), whether ' +
        "Kafka's user has its rights, whether the topics are right, whether Redis keeps everything, whether events are " +
        'counted, whether the clocks agree. Says what to do first. Exits with 1 when something must be done.\n\n' +
        'Kafka and Redis are those of KAFKA_BROKERS and REDIS_URL, else of the running npm start. With --stage they are ' +
        'those of the deployed functions, read with your AWS credentials. It changes nothing: it offers Kafka records ' +
        'that are too large to be taken, and Redis a key that lasts for a second.',
    )
    .option('--stage <stage>', 'ask the deployment footfall-<stage>')
    .addHelpText(
      'after',
      examples(
        ['Ask the running npm start', 'doctor'],
        ['Ask a deployment, from a machine that reaches its Kafka and Redis', 'doctor --stage prod'],
      ),
    )
    .action(reported(async (options) => (await import('./doctor.ts')).examine(options)));
}
