import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import { finishErasures } from '../../core/finish-erasures.ts';
import { toSeconds } from '../../core/model/time.ts';
import { deps } from '../deps.ts';
import { base } from '../middleware/base.ts';
import { loggable, logger, metrics } from '../middleware/telemetry.ts';
import { sockets } from '../sockets.ts';

/** A step that has begun may take so long: it tries again for 6 seconds. In milliseconds. */
const longestStep = 10_000;

/** Goes on with the erasures of users, once a minute. The next run goes on where this one stops, for whatever reason it does. */
export const handler = middy<ScheduledEvent, void>()
  .use(base())
  .handler(async (_event, context) => {
    const until = deps.table.runtime.millis() + context.getRemainingTimeInMillis() - longestStep;
    const { open, failures } = await finishErasures({ ...deps, sockets }, until);
    const now = toSeconds(deps.now());
    const oldest = Math.max(0, ...open.map(({ gone_at }) => now - toSeconds(gone_at)));
    metrics.addMetric('ErasureAge', MetricUnit.Seconds, oldest);
    for (const { user_uuid, error } of failures)
      logger.error('erasure not finished', { user_uuid, cause: loggable(error) });
    if (open.length > 0) logger.info('erasures', { open: open.length, failed: failures.length, oldest_s: oldest });
  });
