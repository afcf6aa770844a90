import { sendMessage } from '../../core/send-message.ts';
import { route } from './route.ts';
import { sentMessageView } from './views.ts';

export const handler = route(async (deps, { me, body, idempotencyKey }) => {
  const message = await sendMessage(deps, me, body, idempotencyKey);
  return { body: sentMessageView(message, me), message_group_uuid: message.message_group_uuid };
});
