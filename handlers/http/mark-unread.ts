import { markUnread } from '../../core/mark-unread.ts';
import { route } from './route.ts';

export const handler = route(async (deps, { me, path }) => {
  await markUnread(deps, me, path);
  return { message_group_uuid: path.message_group_uuid };
});
