import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonPackage } from '../../local/services/python.ts';
import { footfallDir } from '../../local/services/services.ts';

/** Programs that judge a CloudFormation template. Each is installed into the cache at its first use. */

const run = promisify(execFile);

const CFN_LINT = { name: 'cfn-lint', version: '1.58.0' };
const CHECKOV = { name: 'checkov', version: '3.3.30' };

/** @throws one sentence when Python is missing */
const install = ({ name, version }: { name: string; version: string }) =>
  pythonPackage(
    { name, requirement: name, version },
    { cacheDir: join(footfallDir, 'cache'), env: process.env, log: console.log },
  );

async function runPackage(
  wanted: { name: string; version: string },
  args: readonly string[],
): Promise<string> {
  const { name } = wanted;
  const python = await install(wanted);
  const program = [...python.args, join(python.bin, name)];
  const { stdout } = await run(python.command, [...program, ...args], {
    env: python.env,
    maxBuffer: 64 << 20,
  }).catch((failed) => {
    // Findings are an exit code too.
    if (!failed.stdout) throw failed;
    return failed as { stdout: string };
  });
  return stdout;
}

/** The rules of cfn-lint that a template breaks, each as `E3002 what is wrong`. */
export async function lintFindings(template: string): Promise<string[]> {
  // W3005: the framework writes a DependsOn next to a Ref that says the same; harmless, and not ours to change.
  const args = ['--format', 'json', '--ignore-checks', 'W3005', '--', template];
  const found = JSON.parse(await runPackage(CFN_LINT, args)) as {
    Rule: { Id: string };
    Message: string;
  }[];
  return found.map(({ Rule, Message }) => `${Rule.Id} ${Message}`);
}

/** The folder with AWS's schemas of the types of resources, which cfn-lint carries. */
export async function lintSchemas(): Promise<string> {
  const { env } = await install(CFN_LINT);
  return join(env.PYTHONPATH!, 'cfnlint', 'data', 'schemas');
}

/**
 * The checks of checkov that a template fails, each as `CKV_AWS_18 AWS::S3::Bucket.Name`.
 * @param config a configuration of checkov, with checks to skip
 */
export async function checkovFindings(template: string, config?: string): Promise<string[]> {
  const args = ['--file', template, '--framework', 'cloudformation', '--output', 'json'];
  const out = await runPackage(CHECKOV, [...args, ...(config ? ['--config-file', config] : [])]);
  const { results } = JSON.parse(out) as {
    results: { failed_checks: { check_id: string; resource: string }[] };
  };
  return results.failed_checks.map(({ check_id, resource }) => `${check_id} ${resource}`);
}
