import { deleteMessage } from '../../core/delete-message.ts';
import { route } from './route.ts';

export const handler = route(async (deps, { me, path }) => {
  await deleteMessage(deps, me, path);
  return { message_group_uuid: path.message_group_uuid };
});
