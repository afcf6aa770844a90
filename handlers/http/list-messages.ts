import { listMessages } from '../../core/list-messages.ts';
import { logger } from '../middleware/telemetry.ts';
import { route } from './route.ts';
import { messageView } from './views.ts';

export const handler = route(async (deps, { me, path, query }) => {
  const page = await listMessages(deps, me, { ...query, message_group_uuid: path.message_group_uuid });
  // The doctor finds this damage only when an operator runs it; this log line says that a user has met it.
  if (page.finalGaps) logger.error('messages missing', { ...path, before_seq: page.finalGaps });
  return {
    body: page.messages.map((message) => messageView(message, me, page.seen)),
    next: page.next && { ...page.next, limit: page.limit },
    message_group_uuid: path.message_group_uuid,
  };
});
