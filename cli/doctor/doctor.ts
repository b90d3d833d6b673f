import { EXIT } from '../../local/command.ts';
import { readRun } from '../../local/run-file.ts';
import { withoutSecrets } from '../../local/without-secrets.ts';
import { type Config, readConfig } from '../../shared/platform/config.ts';
import { FootfallError } from '../../shared/platform/errors.ts';
import { secretOf } from '../../shared/platform/secrets.ts';
import { note, type Report } from '../report.ts';
import { type Installation, installationText, runningInstallation } from '../running-config.ts';
import { askApi, type Health } from './ask-api.ts';
import { askKafka } from './ask-kafka.ts';
import { askRedis } from './ask-redis.ts';
import { type Finding, findingLines, fine, inOrder, problem, worthKnowing } from './findings.ts';

/** The consumer group of `npm start`, as serverless.yml names it for the stage `dev`. */
const LAPTOP_GROUP = 'footfall-dev-aggregate';

/**
 * Asks an installation what is wrong with it. Asks go out together, so a server that hangs costs seconds.
 * @param options.stage of a deployment; without it the installation of the environment or the running `npm start`
 * @param options.url of the API; without it the deployment's functions, FOOTFALL_URL, or the running `npm start`
 * @returns a report that failed when something must be done
 * @throws FootfallError `no_installation` 400
 */
export async function examine(options: {
  stage?: string | undefined;
  url?: string | undefined;
}): Promise<Report> {
  const { findings, asked } = options.stage
    ? await examineStage(options.stage, options.url)
    : await examineInstallation(options.url);
  const ordered = inOrder(findings);
  const isWrong = ordered.some(({ level }) => level === 'problem');
  return {
    data: { asked, findings: ordered },
    lines: findingLines(ordered),
    exitCode: isWrong ? EXIT.failed : EXIT.done,
  };
}

interface Examined {
  asked: string;
  findings: Finding[];
}

async function examineInstallation(given: string | undefined): Promise<Examined> {
  let installation = runningInstallation();
  const isRun = installation.from === 'npm start';
  if (isRun) installation = withGroup(installation, LAPTOP_GROUP);
  const url = given || process.env.FOOTFALL_URL || (isRun ? readRun()?.FOOTFALL_URL : undefined);
  const asked = `${installationText(installation)}${url ? `; the API at ${withoutSecrets(url)}` : ''}`;
  note(`Asking ${asked}.`);
  const [servers, api] = await Promise.all([
    askServers(installation.config),
    url
      ? askApi(url)
      : { findings: [worthKnowing('health', 'No API was asked: name it with --url or FOOTFALL_URL.')] },
  ]);
  return { asked, findings: [...allOf(servers), ...api.findings] };
}

const withGroup = (installation: Installation, group: string): Installation => ({
  ...installation,
  config: { ...installation.config, aggregateGroup: installation.config.aggregateGroup ?? group },
});

async function examineStage(stage: string, url: string | undefined): Promise<Examined> {
  const deployment = `footfall-${stage}`;
  note(`Asking AWS about ${deployment}.`);
  const { askStage } = await import('./ask-stage.ts');
  const { findings, env } = await askStage(deployment);
  if (!env) return { asked: deployment, findings };
  let config: Config;
  try {
    config = readConfig(env);
  } catch (error) {
    if (!(error instanceof FootfallError)) throw error;
    const wrong = problem('configuration', `The functions of ${deployment} do not start. ${error.message}`);
    return { asked: deployment, findings: [...findings, wrong] };
  }
  const asked = `${installationText({ config, from: 'environment' })} of ${deployment}`;
  note(`Asking ${asked}.`);
  const [servers, api] = await Promise.all([askServers(config), askApi(url ?? `lambda:${deployment}`)]);
  const seen = api.health ? asSeenFromHere(servers, api.health) : servers;
  return { asked, findings: [...findings, ...allOf(seen), ...api.findings] };
}

/** Functions in a VPC reach servers that this machine does not. */
function asSeenFromHere(
  { secrets, kafka, redis }: Servers,
  health: Pick<Health, 'redis' | 'kafka'>,
): Servers {
  const seen = (name: string, status: 'up' | 'down', findings: readonly Finding[]) =>
    findings.map((one) => {
      if (one.about !== 'reach' || one.level !== 'problem' || status !== 'up') return one;
      const message = `The functions reach ${name}, this machine does not, so ${name} was not asked. Run the command in the VPC. (${one.message})`;
      return worthKnowing('reach', message);
    });
  return { secrets, kafka: seen('Kafka', health.kafka, kafka), redis: seen('Redis', health.redis, redis) };
}

/** What is found about each. */
interface Servers {
  secrets: Finding[];
  kafka: Finding[];
  redis: Finding[];
}

const allOf = ({ secrets, kafka, redis }: Servers): Finding[] => [...secrets, ...kafka, ...redis];

async function askServers(config: Config): Promise<Servers> {
  const secrets = await secretFindings(config);
  // Without its secret a server only refuses.
  if (secrets.some(({ level }) => level === 'problem')) return { secrets, kafka: [], redis: [] };
  const [kafka, redis] = await Promise.all([askKafka(config), askRedis(config)]);
  return { secrets, kafka, redis };
}

async function secretFindings({ kafka, redis }: Config): Promise<Finding[]> {
  const { sasl, ca, certificate } = kafka.secrets ?? {};
  const arns = [...new Set([sasl, ca, certificate, redis.secret].filter((arn) => arn !== undefined))];
  return Promise.all(
    arns.map(async (arn) => {
      try {
        await secretOf(arn).read();
        return fine('secrets', `The secret ${arn} can be read.`);
      } catch (error) {
        const message = `${(error as Error).message} Check secretsmanager:GetSecretValue, the key's policy, and the network.`;
        return problem('secrets', message);
      }
    }),
  );
}
