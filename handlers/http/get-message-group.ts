import { getMessageGroup } from '../../core/get-message-group.ts';
import { route } from './route.ts';
import { messageGroupStateView } from './views.ts';

export const handler = route(async (deps, { me, path }) => ({
  body: messageGroupStateView(await getMessageGroup(deps, me, path)),
  message_group_uuid: path.message_group_uuid,
}));
