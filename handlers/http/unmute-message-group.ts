import { unmuteMessageGroup } from '../../core/unmute-message-group.ts';
import { route } from './route.ts';

export const handler = route(async (deps, { me, path }) => {
  await unmuteMessageGroup(deps, me, path);
  return { message_group_uuid: path.message_group_uuid };
});
