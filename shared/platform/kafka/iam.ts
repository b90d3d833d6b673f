import type { SASLOptions } from 'kafkajs';

/**
 * Signs in to Amazon MSK as the AWS identity of this process: a function's role, or what AWS's own command would use.
 * kafkajs asks for a token at each connection, and again before the broker's session ends. Making one takes no request:
 * it is a signed URL, valid for 15 minutes or until the credentials end.
 * @throws what the SDK throws when the process has no credentials or no region
 */
export const iamSasl: SASLOptions = {
  mechanism: 'oauthbearer',
  oauthBearerProvider: async () => {
    const [{ generateAuthTokenFromCredentialsProvider: sign }, identity] = await Promise.all([
      import('aws-msk-iam-sasl-signer-js'),
      awsIdentity(),
    ]);
    const { token } = await sign({
      region: await identity.region(),
      awsCredentialsProvider: identity.credentials,
    });
    return { value: token };
  },
};

let known: ReturnType<typeof readIdentity> | undefined;

function awsIdentity() {
  known ??= readIdentity();
  return known;
}

/** Credentials and region as a client of the SDK finds them; this one is in Lambda's runtime. It sends nothing. */
async function readIdentity() {
  const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  return new SecretsManagerClient({}).config;
}
