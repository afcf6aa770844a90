import * as z from 'zod/mini';
import { appendMessage } from './append-message.ts';
import { type Deps, deadlineOf } from './deps.ts';
import { domainError } from './errors.ts';
import type { Account } from './model/account.ts';
import { uuid } from './model/id.ts';
import { type Message, messageText } from './model/message.ts';
import { code, parse } from './model/parse.ts';
import { toHandle } from './model/user.ts';
import { toIdempotentRequest } from './receipts.ts';
import { arrivalOf } from './refusals.ts';
import { startConversation } from './start-conversation.ts';
import { getHandleOwner, getPair } from './table/reads.ts';

export const inputSchema = z
  .object(
    {
      message: messageText,
      message_group_uuid: z.nullish(uuid('message_group_uuid_invalid')),
      handle: z.nullish(z.string(code('body_invalid'))),
    },
    code('body_invalid'),
  )
  .check(
    z.refine(
      ({ message_group_uuid, handle }) => (message_group_uuid == null) !== (handle == null),
      code('recipient_missing'),
    ),
  );

/**
 * Access patterns C and D: sends a message, in a conversation or to a user. A message to a user goes into the conversation of the pair; if
 * they have none, it starts one.
 * @param input `{message, message_group_uuid}` or `{message, handle}`, unchecked
 * @param idempotencyKey for 30 days, the same input with the same key returns the first message and writes nothing
 * @returns the message as stored
 * @throws DomainError `body_invalid`, `message_blank`, `message_exceed_max_chars`, `message_group_uuid_invalid`, `recipient_missing`,
 *   `handle_unknown`, `message_to_self`, `message_group_unknown`, `idempotency_key_invalid`, `idempotency_key_reused`,
 *   `recipient_unavailable`, `awaiting_reply`, `too_many_messages`, `too_many_conversations`, `message_group_busy`, `throttled`,
 *   `person_unknown`
 */
export async function sendMessage(deps: Deps, me: Account, input: unknown, idempotencyKey?: string): Promise<Message> {
  const { message: text, message_group_uuid, handle } = parse(inputSchema, input);
  const deadline = deadlineOf(deps); // of the whole send: a first contact that loses its race goes on with what is left
  const arrivedAt = arrivalOf(deps);
  if (message_group_uuid != null) {
    const request = toIdempotentRequest(me, idempotencyKey, { text, message_group_uuid });
    return appendMessage(deps, me, message_group_uuid, {
      text,
      recipient: 'message_group_uuid',
      request,
      arrivedAt,
      deadline,
    });
  }

  const recipientHandle = toHandle(handle as string);
  const request = toIdempotentRequest(me, idempotencyKey, { text, handle: recipientHandle });
  const recipient = recipientHandle && (await getHandleOwner(deps.table, recipientHandle));
  if (!recipient) throw domainError('handle_unknown', 'handle');
  if (recipient.user_uuid === me.user_uuid) throw domainError('message_to_self', 'handle');

  const message = { text, recipient: 'handle', request, arrivedAt, deadline } as const;
  const pair = await getPair(deps.table, me.user_uuid, recipient.user_uuid, { ConsistentRead: false });
  if (pair.message_group_uuid) return appendMessage(deps, me, pair.message_group_uuid, message);
  const outcome = await startConversation(deps, me, recipient, message, pair);
  return 'message' in outcome ? outcome.message : appendMessage(deps, me, outcome.existing, message);
}
