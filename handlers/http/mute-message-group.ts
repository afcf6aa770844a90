import { muteMessageGroup } from '../../core/mute-message-group.ts';
import { route } from './route.ts';

export const handler = route(async (deps, { me, path }) => {
  await muteMessageGroup(deps, me, path);
  return { message_group_uuid: path.message_group_uuid };
});
