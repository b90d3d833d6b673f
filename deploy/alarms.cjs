'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { METRICS, NAMESPACE } = require('../shared/platform/observe/metrics.ts');
const { settings } = require('./settings.cjs');

/** Seconds; the sweep measures once a minute. */
const MINUTE = 60;

/** Below this number of events in five minutes, the share of refused ones says nothing. */
const FEW_EVENTS = 100;

/** The CloudFormation name of an alarm: `numbers-are-late` becomes `AlarmNumbersAreLate`. */
const logicalId = (id) => `Alarm${id.replaceAll(/(^|-)([a-z])/g, (_, __, letter) => letter.toUpperCase())}`;

/**
 * All alarms of a stage. Each has a section with the same id in docs/runbook.md. `missing` says how missing data
 * counts:
 * - `breaching`: the metric must arrive every minute; its absence is the alarm.
 * - `ignore`: the sweep measures it, and its silence has an alarm of its own; until then the state stays.
 * - `notBreaching`: the metric only exists when something happens.
 * @param {object} options
 * @param {string} options.service the metrics' dimension
 * @param {string[]} options.functions names in serverless.yml
 * @param {object} options.thresholds from settings.cjs
 */
function alarmsOf({ service, functions, thresholds }) {
  const own = (metric, statistic, period = MINUTE) => ({
    Namespace: NAMESPACE,
    MetricName: metric.name,
    Dimensions: [{ Name: 'service', Value: service }],
    Statistic: statistic,
    Period: period,
  });
  const ofFunction = (name, metric, statistic) => ({
    Namespace: 'AWS/Lambda',
    MetricName: metric,
    Dimensions: [
      { Name: 'FunctionName', Value: { Ref: `${name[0].toUpperCase()}${name.slice(1)}LambdaFunction` } },
    ],
    Statistic: statistic,
    Period: MINUTE,
  });
  const ofApi = (metric) => ({
    Namespace: 'AWS/ApiGateway',
    MetricName: metric,
    Dimensions: [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }],
    Statistic: 'Sum',
    Period: MINUTE,
  });
  const each = (page, text, metric) =>
    functions.map((name) => ({
      id: `${page}-${name}`,
      page,
      text: `${name}: ${text}`,
      metric: ofFunction(name, metric, 'Sum'),
      above: 0,
      datapoints: [3, 5],
      missing: 'notBreaching',
    }));
  return [
    {
      id: 'numbers-are-late',
      text: `An accepted record has waited for more than ${thresholds.lagSeconds} s to be counted.`,
      metric: own(METRICS.lagMs, 'Maximum'),
      above: thresholds.lagSeconds * 1_000,
      datapoints: [3, 3],
      missing: 'ignore',
    },
    {
      id: 'nothing-is-counted',
      text: 'Records wait, and aggregate has applied no batch for five minutes.',
      expression: 'IF(waiting > 0 AND FILL(applied, 0) == 0, 1, 0)',
      metrics: { waiting: own(METRICS.lagEvents, 'Minimum'), applied: own(METRICS.batches, 'Sum') },
      above: 0,
      datapoints: [5, 5],
      missing: 'ignore',
    },
    {
      id: 'poller-is-behind',
      text: `Lambda’s own poller is more than ${thresholds.pollerLag} records behind.`,
      metric: ofFunction('aggregate', 'OffsetLag', 'Maximum'),
      above: thresholds.pollerLag,
      datapoints: [10, 10],
      missing: 'notBreaching',
    },
    {
      id: 'batches-fail',
      text: 'Batches fail repeatedly; their partitions wait.',
      metric: own(METRICS.failedBatches, 'Sum'),
      above: 0,
      datapoints: [3, 5],
      missing: 'notBreaching',
    },
    {
      id: 'dead-letters-grow',
      text: `More than ${thresholds.deadLetters} records in 15 minutes could not be counted as they are.`,
      metric: own(METRICS.deadLettered, 'Sum', 15 * MINUTE),
      above: thresholds.deadLetters,
      datapoints: [1, 1],
      missing: 'notBreaching',
    },
    {
      id: 'records-are-lost',
      text: 'Redis lost records that Kafka had already deleted. Shown for an hour.',
      metric: own(METRICS.recordsLost, 'Sum'),
      above: 0,
      datapoints: [1, 60],
      missing: 'notBreaching',
    },
    {
      id: 'healing-takes-long',
      text: `Redis lost data, and is not refilled after ${thresholds.healingMinutes} minutes.`,
      metric: own(METRICS.healingRecords, 'Minimum', 5 * MINUTE),
      above: 0,
      datapoints: [Math.ceil(thresholds.healingMinutes / 5), Math.ceil(thresholds.healingMinutes / 5)],
      missing: 'ignore',
    },
    {
      id: 'topic-was-made-again',
      text: 'Redis has applied more than Kafka has: new records are skipped.',
      metric: own(METRICS.ahead, 'Minimum'),
      above: 0,
      datapoints: [3, 3],
      missing: 'ignore',
    },
    {
      id: 'redis-is-full',
      text: `Redis uses more than ${thresholds.redisMemoryPercent} % of its memory limit.`,
      metric: own(METRICS.redisMemory, 'Maximum'),
      above: thresholds.redisMemoryPercent,
      datapoints: [5, 5],
      missing: 'ignore',
    },
    {
      id: 'sweep-does-not-run',
      text: 'Sweep does not run or does not complete: nothing is measured, and other alarms are blind.',
      metric: own(METRICS.sweeps, 'Sum'),
      below: 1,
      datapoints: [4, 5],
      missing: 'breaching',
    },
    {
      id: 'api-fails',
      text: `More than ${thresholds.errorPercent} % of requests are answered with 5xx.`,
      expression: 'IF(requests > 0, 100 * FILL(errors, 0) / requests, 0)',
      metrics: { errors: ofApi('5xx'), requests: ofApi('Count') },
      above: thresholds.errorPercent,
      datapoints: [3, 5],
      missing: 'notBreaching',
    },
    {
      id: 'shop-is-silent',
      text: 'A shop that usually sends has sent nothing for a while (ALARM_SILENCE_MINUTES).',
      metric: own(METRICS.silentSites, 'Maximum'),
      above: 0,
      datapoints: [3, 5],
      missing: 'ignore',
    },
    {
      id: 'refusals-rise',
      text: `More than ${thresholds.refusedPercent} % of the events are refused.`,
      // A share of few events says nothing.
      expression: `IF(FILL(accepted, 0) + FILL(refused, 0) >= ${FEW_EVENTS}, 100 * FILL(refused, 0) / (FILL(accepted, 0) + FILL(refused, 0)), 0)`,
      metrics: {
        accepted: own(METRICS.acceptedEvents, 'Sum', 5 * MINUTE),
        refused: own(METRICS.refusedEvents, 'Sum', 5 * MINUTE),
      },
      above: thresholds.refusedPercent,
      datapoints: [3, 3],
      missing: 'notBreaching',
    },
    ...each('function-fails', 'invocations fail or time out, or the function cannot start.', 'Errors'),
    ...each('function-is-throttled', 'invocations are refused: the concurrency is used up.', 'Throttles'),
  ].map((alarm) => ({ page: alarm.id, ...alarm }));
}

/**
 * The topic of a stage's alarms and its one subscriber. It is encrypted with a key of its own: CloudWatch may not use the
 * one that AWS keeps for SNS (AWS: "Key management", "Alarms that publish to an encrypted topic").
 */
function topicOf({ service, email, kmsKey }) {
  const account = { Ref: 'AWS::AccountId' };
  const root = { 'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, 'iam', '', account, 'root']] };
  const fromHere = { StringEquals: { 'aws:SourceAccount': account } };
  const cloudWatch = { Service: 'cloudwatch.amazonaws.com' };
  return {
    ...(!kmsKey && {
      AlarmKey: {
        Type: 'AWS::KMS::Key',
        Properties: {
          Description: `Encrypts the topic ${service}-alarms`,
          EnableKeyRotation: true,
          PendingWindowInDays: 7,
          KeyPolicy: {
            Version: '2012-10-17',
            // In a key's policy, the resource is that key.
            Statement: [
              { Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' },
              {
                Effect: 'Allow',
                Principal: cloudWatch,
                Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
                Resource: '*',
                Condition: fromHere,
              },
            ],
          },
        },
      },
    }),
    AlarmTopic: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: `${service}-alarms`, KmsMasterKeyId: kmsKey ?? { Ref: 'AlarmKey' } },
    },
    AlarmTopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'AlarmTopic' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: cloudWatch,
              Action: 'sns:Publish',
              Resource: { Ref: 'AlarmTopic' },
              Condition: fromHere,
            },
            {
              Effect: 'Deny',
              Principal: '*',
              Action: 'sns:Publish',
              Resource: { Ref: 'AlarmTopic' },
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    },
    ...(email && {
      AlarmSubscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'AlarmTopic' }, Protocol: 'email', Endpoint: email },
      },
    }),
  };
}

/** The headings of docs/runbook.md, by their anchors. */
function headings() {
  const text = readFileSync(join(__dirname, '../docs/runbook.md'), 'utf8');
  const titles = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  return new Map(titles.map((title) => [title.toLowerCase().replaceAll(' ', '-'), title]));
}

/**
 * The address of an alarm's page, in parts for CloudFormation. Without RUNBOOK_URL it is the page of the deployment's own
 * dashboard, which needs no key, no Redis and no Kafka.
 * @throws Error when the runbook has no such page
 */
function linkTo(page, { runbook, host }) {
  if (runbook) return [`${runbook}#${page}`];
  const title = headings().get(page);
  if (title === undefined) throw new Error(`docs/runbook.md has no page for the alarm ${page}.`);
  const api = host
    ? [host]
    : [{ Ref: 'HttpApi' }, '.execute-api.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }];
  return ['https://', ...api, `/#/system/runbook?page=${title.replaceAll(' ', '+')}`];
}

const withLink = (text, parts) => ({ 'Fn::Join': ['', [`${text} `, ...parts]] });

/** The CloudFormation resources (AWS: "AWS::CloudWatch::Alarm"). */
function resourcesOf(alarms, { service, topicArn, runbook, host, email, kmsKey }) {
  const topic = topicArn ?? { Ref: 'AlarmTopic' };
  const resources = topicArn ? {} : topicOf({ service, email, kmsKey });
  for (const {
    id,
    page,
    text,
    metric,
    metrics = {},
    expression,
    above,
    below,
    datapoints,
    missing,
  } of alarms) {
    const [needed, of] = datapoints;
    const parts = Object.entries(metrics).map(([name, { Statistic, Period, ...one }]) => ({
      Id: name,
      MetricStat: { Metric: one, Stat: Statistic, Period },
      ReturnData: false,
    }));
    resources[logicalId(id)] = {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: `${service}-${id}`,
        AlarmDescription: withLink(text, linkTo(page, { runbook, host })),
        ...(expression ? { Metrics: [{ Id: 'value', Expression: expression }, ...parts] } : metric),
        ComparisonOperator: below === undefined ? 'GreaterThanThreshold' : 'LessThanThreshold',
        Threshold: below ?? above,
        DatapointsToAlarm: needed,
        EvaluationPeriods: of,
        TreatMissingData: missing,
        AlarmActions: [topic],
        OKActions: [topic],
      },
    };
  }
  return resources;
}

/** For serverless.yml. Each function that has a trigger gets its own alarms. */
module.exports = async ({ resolveConfigurationProperty }) => {
  const { environment, alarms, domain } = settings(
    process.env,
    await resolveConfigurationProperty(['provider', 'stage']),
  );
  const service = environment.POWERTOOLS_SERVICE_NAME;
  const functions = Object.entries(await resolveConfigurationProperty(['functions']))
    .filter(([, { events = [] }]) => events.length > 0)
    .map(([name]) => name);
  const { thresholds } = alarms;
  return {
    Resources: resourcesOf(alarmsOf({ service, functions, thresholds }), {
      service,
      host: domain?.name,
      ...alarms,
    }),
  };
};
module.exports.alarmsOf = alarmsOf;
module.exports.linkTo = linkTo;
