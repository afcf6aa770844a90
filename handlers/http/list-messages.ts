import { listMessages } from '../../core/list-messages.ts';
import { route } from './route.ts';
import { messageView } from './views.ts';

export const handler = route(async (deps, { me, path, query }) => {
  const page = await listMessages(deps, me, { ...query, message_group_uuid: path.message_group_uuid });
  return {
    body: page.messages.map(messageView),
    next: page.next && { ...page.next, limit: page.limit },
    message_group_uuid: path.message_group_uuid,
  };
});
