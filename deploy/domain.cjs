'use strict';

const { settings } = require('./settings.cjs');

/** For serverless.yml: the API under a name of its own (API_DOMAIN). Without one, nothing. */
module.exports = async ({ resolveConfigurationProperty }) => {
  const { domain } = settings(process.env, await resolveConfigurationProperty(['provider', 'stage']));
  return domain ? resourcesOf(domain) : { Resources: {} };
};

function resourcesOf({ name, certificate, zone }) {
  const ofDomain = (attribute) => ({ 'Fn::GetAtt': ['ApiDomain', attribute] });
  return {
    Resources: {
      ApiDomain: {
        Type: 'AWS::ApiGatewayV2::DomainName',
        Properties: {
          DomainName: name,
          DomainNameConfigurations: [
            { CertificateArn: certificate, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
          ],
        },
      },
      ApiDomainMapping: {
        Type: 'AWS::ApiGatewayV2::ApiMapping',
        DependsOn: 'HttpApiStage',
        Properties: { ApiId: { Ref: 'HttpApi' }, DomainName: { Ref: 'ApiDomain' }, Stage: '$default' },
      },
      ...(zone && {
        ApiDomainRecord: {
          Type: 'AWS::Route53::RecordSet',
          Properties: {
            HostedZoneId: zone,
            Name: name,
            Type: 'A',
            AliasTarget: {
              DNSName: ofDomain('RegionalDomainName'),
              HostedZoneId: ofDomain('RegionalHostedZoneId'),
            },
          },
        },
      }),
    },
    Outputs: {
      ApiDomainTarget: {
        Description: 'What a CNAME of the domain has to point to',
        Value: ofDomain('RegionalDomainName'),
      },
    },
  };
}
