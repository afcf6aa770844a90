import type { Context, DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import type { Deps } from '../../core/deps.ts';

/** One invocation of the projector with the dependencies of one process. */
export type Projector = (deps: Deps, records: DynamoDBRecord[]) => Promise<DynamoDBBatchResponse>;

/** The pipeline of handlers/stream without its logs, where each invocation has its own dependencies. */
export async function loadProjector(): Promise<Projector> {
  process.env.TABLE_NAME ??= 'none-of-the-tests'; // the handlers open a table when they are loaded; no test uses it
  process.env.AWS_REGION ??= 'us-east-1';
  process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  process.env.POWERTOOLS_METRICS_NAMESPACE ??= 'test';
  const { consumer } = await import('../../handlers/stream/consumer.ts');
  const { projector } = await import('../../handlers/stream/project-inbox.ts');
  const { metrics } = await import('../../handlers/middleware/telemetry.ts');
  // Overlapping invocations share this object, and it warns about that.
  metrics.publishStoredMetrics = () => {
    metrics.clearMetrics();
    return metrics;
  };
  const context = { functionName: 'project-inbox', awsRequestId: 'test', getRemainingTimeInMillis: () => 15_000 };
  return async (deps, Records) => {
    const handler = consumer({ ...projector, handle: (_, ...of) => projector.handle(deps, ...of) });
    return (await handler({ Records }, context as unknown as Context)) as DynamoDBBatchResponse;
  };
}
