import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, type Named, root } from './template.ts';

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
export function metricsOfDashboard(id: string, { DashboardBody }: Json): Metric[] {
  const text: string = DashboardBody?.['Fn::Sub'] ?? DashboardBody;
  try {
    const { widgets } = JSON.parse(text.replaceAll(/\$\{[^}]+\}/g, 'filled-in'));
    return widgets.flatMap(({ properties }: Json) => expanded(properties.metrics).map((row) => ofRow(id, row)));
  } catch {
    return [];
  }
}

/** Expands CloudWatch’s shorthand: `.` repeats the field of the row above, `...` all its fields. Drops the rows’ options. */
function expanded(rows: Json[][]): string[][] {
  let above: string[] = [];
  return rows.map((row) => {
    const words = row.filter((word) => typeof word === 'string');
    if (words[0] !== '...') above = words.map((word, at) => (word === '.' ? (above[at] ?? word) : word));
    return above;
  });
}

function ofRow(where: string, [Namespace, MetricName, ...rest]: string[]): Metric {
  const Dimensions = rest.flatMap((Name, at) => (at % 2 === 0 ? [{ Name, Value: rest[at + 1] }] : []));
  return metric(where, { Namespace, MetricName, Dimensions });
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
