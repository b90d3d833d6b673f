import {
  type EventSourceMappingConfiguration,
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { type Finding, fine, problem } from './findings.ts';

/** The functions of every deployment: those of serverless.yml but `simulate`. */
export const FUNCTIONS = [
  ...['aggregate', 'analytics', 'collect', 'dashboard', 'deadLetters', 'privacy', 'sites', 'sweep', 'system'],
];
/** For all tries of one question to AWS, ms. */
const LIMIT_MS = 10_000;

/**
 * Asks AWS about a deployment: its functions and the mapping that feeds aggregate.
 * @param deployment such as `footfall-prod`. Credentials and region are found as AWS's own tools find them.
 * @returns the findings, and aggregate's environment when it could be read
 */
export async function askStage(
  deployment: string,
): Promise<{ findings: Finding[]; env?: Record<string, string> }> {
  const lambda = new LambdaClient({ maxAttempts: 2 });
  try {
    const answers = await Promise.all(FUNCTIONS.map((name) => functionOf(lambda, `${deployment}-${name}`)));
    const known = answers.flatMap((one) => (one.found ? [one.found] : []));
    const failures = [...new Set(answers.flatMap((one) => (one.failure ? [one.failure] : [])))];
    const missing = FUNCTIONS.filter((_, i) => answers[i]!.isMissing);
    const env = known.find(({ FunctionName }) => FunctionName === `${deployment}-aggregate`)?.Environment
      ?.Variables;
    const findings = [
      ...failures.map((message) => problem('stack', message)),
      ...missingFindings(deployment, missing),
      ...known.flatMap((one) => [...stateFindings(one)]),
      ...(env ? await mappingFindings(lambda, `${deployment}-aggregate`) : []),
    ];
    if (findings.length === 0)
      findings.push(fine('stack', `The functions of ${deployment} are active, and their mapping works.`));
    return { findings, ...(env && { env }) };
  } finally {
    lambda.destroy();
  }
}

interface FunctionAnswer {
  found?: FunctionConfiguration;
  isMissing?: true;
  failure?: string;
}

async function functionOf(lambda: LambdaClient, FunctionName: string): Promise<FunctionAnswer> {
  try {
    const abortSignal = AbortSignal.timeout(LIMIT_MS);
    return {
      found: await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }), { abortSignal }),
    };
  } catch (error) {
    const { name } = error as Error;
    if (name === 'ResourceNotFoundException') return { isMissing: true };
    return { failure: awsFailure(error as Error, 'lambda:GetFunctionConfiguration') };
  }
}

function awsFailure({ name, message }: Error, action: string): string {
  if (/AccessDenied|UnauthorizedOperation/.test(name))
    return `Your AWS credentials do not allow ${action}. Allow it for the deployment's functions.`;
  if (/Credentials|ExpiredToken|UnrecognizedClient|InvalidSignature/.test(name))
    return `AWS does not take your credentials (${message}). Sign in, or set AWS_PROFILE.`;
  if (/Region is missing/.test(message))
    return 'No AWS region is set. Set AWS_REGION to that of the deployment.';
  return `AWS did not answer (${message || name}). Check the network and AWS_REGION.`;
}

function missingFindings(deployment: string, missing: readonly string[]): Finding[] {
  if (missing.length === 0) return [];
  if (missing.length === FUNCTIONS.length) {
    const message = `There is no deployment ${deployment} in this account and region. Check --stage, AWS_REGION and AWS_PROFILE.`;
    return [problem('stack', message)];
  }
  return [problem('stack', `${deployment} lacks the functions ${missing.join(', ')}. Deploy it again.`)];
}

function* stateFindings(one: FunctionConfiguration): Generator<Finding> {
  const { FunctionName: name, State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = one;
  if (State !== undefined && State !== 'Active' && State !== 'Inactive')
    yield problem(
      'stack',
      `The function ${name} is ${State.toLowerCase()}: ${StateReason ?? 'no reason was given'}`,
    );
  if (LastUpdateStatus === 'Failed')
    yield problem(
      'stack',
      `The last change of ${name} failed: ${LastUpdateStatusReason ?? 'no reason was given'}`,
    );
}

async function mappingFindings(lambda: LambdaClient, FunctionName: string): Promise<Finding[]> {
  let mappings: EventSourceMappingConfiguration[];
  try {
    const abortSignal = AbortSignal.timeout(LIMIT_MS);
    const answer = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }), { abortSignal });
    mappings = answer.EventSourceMappings ?? [];
  } catch (error) {
    return [problem('stack', awsFailure(error as Error, 'lambda:ListEventSourceMappings'))];
  }
  if (mappings.length === 0)
    return [
      problem('counting', `Nothing feeds ${FunctionName}: it has no event source mapping. Deploy again.`),
    ];
  return mappings.flatMap(({ State, StateTransitionReason, LastProcessingResult, UUID }) => {
    if (State !== undefined && /Disabl/.test(State)) {
      const message = `The mapping of ${FunctionName} is ${State.toLowerCase()} (${StateTransitionReason ?? 'no reason'}). Enable it: aws lambda update-event-source-mapping --uuid ${UUID} --enabled`;
      return [problem('counting', message)];
    }
    if (!/^PROBLEM/.test(LastProcessingResult ?? '')) return [];
    return [
      problem(
        'counting',
        `The mapping of ${FunctionName} says: ${LastProcessingResult}. See "Nothing is counted" in docs/runbook.md.`,
      ),
    ];
  });
}
