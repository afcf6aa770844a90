import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { sendMessage } from '../../core/send-message.ts';
import { metrics } from '../middleware/telemetry.ts';
import { route } from './route.ts';
import { sentMessageView } from './views.ts';

export const handler = route(async (deps, { me, body, idempotencyKey }) => {
  const message = await sendMessage(deps, me, body, idempotencyKey);
  metrics.addMetric('MessagesSent', MetricUnit.Count, 1); // with those of repeated requests; alarms compare it with what follows
  return { body: sentMessageView(message, me), message_group_uuid: message.message_group_uuid };
});
