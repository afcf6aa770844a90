import { clearMessageGroup } from '../../core/clear-message-group.ts';
import { route } from './route.ts';

export const handler = route(async (deps, { me, path, body }) => {
  const { message_group_uuid } = path;
  await clearMessageGroup(deps, me, { ...(body as object), message_group_uuid });
  return { message_group_uuid };
});
