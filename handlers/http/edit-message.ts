import { editMessage } from '../../core/edit-message.ts';
import { route } from './route.ts';
import { sentMessageView } from './views.ts';

export const handler = route(async (deps, { me, path, body }) => {
  const { message_group_uuid, created_at } = path;
  const message = await editMessage(deps, me, { ...(body as object), message_group_uuid, created_at });
  return { body: sentMessageView(message, me), message_group_uuid };
});
