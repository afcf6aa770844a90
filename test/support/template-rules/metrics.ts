import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { getAtt, type Json, type Named, ofType, ref, root, type Template } from './template.ts';

/** A metric that an alarm or the dashboard uses. */
export interface Metric {
  where: string;
  namespace: string;
  name: string;
  dimensions: [name: string, value: Json][];
  /** Namespace, name, resources of the dimensions, statistic. */
  text: string;
}

function metric(where: string, { Namespace, MetricName, Dimensions = [] }: Json, statistic = ''): Metric {
  const dimensions = Dimensions.map(({ Name, Value }: Json) => [Name, Value]) as Metric['dimensions'];
  const resources = dimensions.map(([, value]) => value?.Ref ?? value?.['Fn::GetAtt']?.[0]).filter(Boolean);
  const text = [Namespace, MetricName, ...resources, statistic].join(' ').trim();
  return { where, namespace: Namespace, name: MetricName, dimensions, text };
}

/** @returns the metrics of an alarm: one, or those of its expression */
export function metricsOfAlarm({ id, Properties }: Named): Metric[] {
  const { Metrics, Statistic, ExtendedStatistic } = Properties;
  if (!Metrics) return [metric(id, Properties, ExtendedStatistic ?? Statistic)];
  return Metrics.flatMap(({ MetricStat }: Json) =>
    MetricStat ? [metric(id, MetricStat.Metric, MetricStat.Stat)] : [],
  );
}

/** @returns the metrics of the widgets; none if the body is not JSON */
export const metricsOfDashboard = ({ id, Properties }: Named): Metric[] =>
  widgetsOf(Properties).flatMap(({ metrics }) => expanded(metrics).map((row) => ofRow(id, row)));

/** @returns the properties of the widgets; none if the body is not JSON */
export function widgetsOf({ DashboardBody }: Json): { view?: string; metrics: Json[][] }[] {
  const text: string = DashboardBody?.['Fn::Sub'] ?? DashboardBody;
  try {
    return JSON.parse(text).widgets.map(({ properties }: Json) => properties);
  } catch {
    return [];
  }
}

/** Expands CloudWatch’s shorthand: `.` repeats the field of the row above, `...` all its fields. Drops the rows’ options. */
function expanded(rows: Json[][]): string[][] {
  let above: string[] = [];
  return rows.flatMap((row) => {
    const words = row.filter((word) => typeof word === 'string');
    if (words.length === 0) return []; // an expression
    if (words[0] !== '...') above = words.map((word, at) => (word === '.' ? (above[at] ?? word) : word));
    return [above];
  });
}

function ofRow(where: string, [Namespace, MetricName, ...rest]: string[]): Metric {
  const Dimensions = rest.flatMap((Name, at) => (at % 2 === 0 ? [{ Name, Value: unsubstituted(rest[at + 1]) }] : []));
  return metric(where, { Namespace, MetricName, Dimensions });
}

/** @returns what `Fn::Sub` would put into its place, as an alarm writes it */
function unsubstituted(word: string | undefined): Json {
  const [, id, attribute] = /^\$\{(\w+)(?:\.(\w+))?\}$/.exec(word ?? '') ?? [];
  if (!id) return word;
  return attribute ? getAtt(id, attribute) : ref(id);
}

/**
 * AWS’s metrics that alarms and the dashboard may use, and the resources that their dimensions name. CloudWatch takes any name, and an
 * alarm on a metric that does not exist never fires.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 * https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
 * https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
 */
const metricsOfAws: Record<string, { names: string[]; of: Record<string, string> }> = {
  'AWS/Lambda': {
    names: ['DestinationDeliveryFailures', 'Errors', 'Invocations', 'IteratorAge', 'Throttles'],
    of: { FunctionName: 'AWS::Lambda::Function' },
  },
  'AWS/ApiGateway': {
    names: ['4xx', '5xx', 'Count', 'IntegrationError', 'Latency'],
    of: { ApiId: 'AWS::ApiGatewayV2::Api' },
  },
  'AWS/DynamoDB': {
    names: ['ReadThrottleEvents', 'TransactionConflict', 'WriteThrottleEvents'],
    of: { TableName: 'AWS::DynamoDB::Table' },
  },
  'AWS/SQS': { names: ['ApproximateNumberOfMessagesVisible'], of: { QueueName: 'AWS::SQS::Queue' } },
  'AWS/Cognito': {
    names: ['SignUpSuccesses'],
    of: { UserPool: 'AWS::Cognito::UserPool', UserPoolClient: 'AWS::Cognito::UserPoolClient' },
  },
  'AWS/WAFV2': {
    names: ['BlockedRequests'],
    of: { WebACL: 'AWS::WAFv2::WebACL', Rule: 'ALL', Region: 'AWS::Region' },
  },
};

/** The metrics that exist for the whole account and region, without a dimension. */
const ofAccount = ['AWS/Lambda Throttles', 'AWS/SES Reputation.BounceRate', 'AWS/SES Reputation.ComplaintRate'];

/** Whether CloudWatch itself makes the metric, of the lines of a log. */
const isCounted = ({ namespace, name, dimensions }: Metric, template: Template) =>
  dimensions.length === 0 &&
  ofType(template, 'AWS::Logs::MetricFilter')
    .flatMap(({ Properties }) => Properties.MetricTransformations)
    .some(({ MetricNamespace, MetricName }) => MetricNamespace === namespace && MetricName === name);

/** @returns why AWS would never write a metric, if it would not */
export function withoutData(metric: Metric, template: Template): string | undefined {
  const { namespace, name, dimensions } = metric;
  if (isCounted(metric, template)) return undefined;
  const known = metricsOfAws[namespace];
  if (dimensions.length === 0 && ofAccount.includes(`${namespace} ${name}`)) return undefined;
  if (!known?.names.includes(name)) return 'AWS offers no such metric, or template-rules/metrics.ts lacks it';
  const given = Object.fromEntries(
    dimensions.map(([dimension, value]) => [dimension, typeOf(value, template.Resources)]),
  );
  if (isDeepStrictEqual(given, known.of)) return undefined;
  return `its dimensions name ${JSON.stringify(given)}, and must name ${JSON.stringify(known.of)}`;
}

/** The type of the resource that a dimension names; a web ACL has no attribute for the name of its metric. */
function typeOf(value: Json, resources: Template['Resources']): string {
  const id = value?.Ref ?? value?.['Fn::GetAtt']?.[0];
  const named = Object.values(resources).find(({ Properties }) => Properties?.VisibilityConfig?.MetricName === value);
  return resources[id]?.Type ?? named?.Type ?? id ?? String(value);
}

/** The metrics that the handlers write. */
export const emittedMetrics = new Set(
  readdirSync(join(root, 'handlers'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [
      ...readFileSync(join(root, 'handlers', file), 'utf8').matchAll(/(?:addMetric\(|\b(?:written|failed): )'(\w+)'/g),
    ])
    .map(([, name = '']) => name),
);
