'use strict';

const { settings } = require('./settings.cjs');

/**
 * For serverless.yml: what log groups have beyond the framework's own settings. A production stage's outlive the stack,
 * and the key of KMS_KEY_ARN encrypts them; without one, CloudWatch's own does.
 */
module.exports = async ({ resolveConfigurationProperty }) => {
  const stage = await resolveConfigurationProperty(['provider', 'stage']);
  const { kmsKey, isTrial, leavesOut } = settings(process.env, stage);
  const names = Object.keys(await resolveConfigurationProperty(['functions']))
    .filter((name) => !(name === 'simulate' && leavesOut.simulate))
    .map((name) => `${name[0].toUpperCase()}${name.slice(1)}LogGroup`);
  const group = {
    ...(!isTrial && { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }),
    ...(kmsKey && { Properties: { KmsKeyId: kmsKey } }),
  };
  if (Object.keys(group).length === 0) return { Resources: {} };
  return { extensions: Object.fromEntries([...names, 'HttpApiLogGroup'].map((name) => [name, group])) };
};
