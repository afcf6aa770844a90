import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { createReport } from '../../core/create-report.ts';
import { metrics } from '../middleware/telemetry.ts';
import { route } from './route.ts';
import { reportView } from './views.ts';

export const handler = route(async (deps, { me, body }) => {
  const report = await createReport(deps, me, body);
  metrics.addMetric('NewReports', MetricUnit.Count, 1); // the alarm for operators: resources/operations.yml
  return { status: 201, body: reportView(report) };
});
