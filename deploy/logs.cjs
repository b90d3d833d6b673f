'use strict';

const { settings } = require('./settings.cjs');

/** For serverless.yml: encrypts all log groups with the key of KMS_KEY_ARN. Without one, CloudWatch uses its own. */
module.exports = async ({ resolveConfigurationProperty }) => {
  const stage = await resolveConfigurationProperty(['provider', 'stage']);
  const { kmsKey, leavesOut } = settings(process.env, stage);
  if (!kmsKey) return { Resources: {} };
  const names = Object.keys(await resolveConfigurationProperty(['functions']))
    .filter((name) => !(name === 'simulate' && leavesOut.simulate))
    .map((name) => `${name[0].toUpperCase()}${name.slice(1)}LogGroup`);
  const encrypted = { Properties: { KmsKeyId: kmsKey } };
  return { extensions: Object.fromEntries([...names, 'HttpApiLogGroup'].map((name) => [name, encrypted])) };
};
