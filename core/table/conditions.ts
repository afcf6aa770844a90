import type { Account } from '../model/account.ts';
import type { Grant } from '../model/connection.ts';
import type { Erasure } from '../model/erasure.ts';
import { type Head, participantIds } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { Message } from '../model/message.ts';
import type { Pair } from '../model/pair.ts';
import type { RegisteredUser } from '../model/user.ts';
import { type Item, usedBy } from './items.ts';

// Every condition under which this service and its operators' programs write. The condition is the rule: correctness never rests on
// an earlier read, and no write overwrites an item by accident.

/** A condition of a write, with its names and values. */
export interface Condition {
  ConditionExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

const condition = (
  ConditionExpression: string,
  ExpressionAttributeValues?: Record<string, unknown>,
  ExpressionAttributeNames?: Record<string, string>,
): Condition => ({
  ConditionExpression,
  ...(ExpressionAttributeValues && { ExpressionAttributeValues }),
  ...(ExpressionAttributeNames && { ExpressionAttributeNames }),
});

// Any item

export const keyIsFree = condition('attribute_not_exists(pk)');
export const keyIsTaken = condition('attribute_exists(pk)');

/** Holds if the item still is as it was read, attribute by attribute. */
export function isAsRead({ pk: _pk, sk: _sk, ...attributes }: Item): Condition {
  const names = Object.keys(attributes);
  return condition(
    ['attribute_exists(pk)', ...names.map((_, n) => `#a${n} = :a${n}`)].join(' AND '),
    names.length > 0 ? Object.fromEntries(names.map((name, n) => [`:a${n}`, attributes[name]])) : undefined,
    names.length > 0 ? Object.fromEntries(names.map((name, n) => [`#a${n}`, name])) : undefined,
  );
}

// Receipts

/** An expired receipt counts as deleted, whether or not DynamoDB has deleted it yet. @param now seconds since 1970 */
export const keyIsFreeOrExpired = (now: number) =>
  condition('attribute_not_exists(pk) OR expires_at <= :now', { ':now': now });

// Heads

/** Holds if all of the conditions, which name different things, hold. */
function all(...conditions: Condition[]): Condition {
  // DynamoDB rejects empty names and values.
  const merged = (part: 'ExpressionAttributeValues' | 'ExpressionAttributeNames') =>
    conditions.some((each) => each[part]) ? Object.assign({}, ...conditions.map((each) => each[part])) : undefined;
  return condition(
    conditions.map(({ ConditionExpression }) => ConditionExpression).join(' AND '),
    merged('ExpressionAttributeValues'),
    merged('ExpressionAttributeNames'),
  );
}

/** Holds if an attribute still has the value that was read; undefined if there was none. */
const isStill = (attribute: string, value: unknown) =>
  value === undefined
    ? condition(`attribute_not_exists(${attribute})`)
    : condition(`${attribute} = :${attribute}`, { [`:${attribute}`]: value });

/** Holds if neither participant blocks the other, and both are there. */
const bothMayWrite = condition('attribute_not_exists(blocked_by) AND attribute_not_exists(gone)');

/** Holds if a participant has not used their limit since the head was read. */
const limitIsUnchanged = (head: Head, user: Uuid) =>
  all(...Object.entries(usedBy(head, user)).map(([attribute, until]) => isStill(attribute, until)));

/**
 * Holds if no message was sent since the head was read, and both participants may write. `sent` has a counter for each participant, so
 * the sender still is one of them.
 */
export const maySend = (head: Head, sender: Uuid) =>
  all(isStill('sent', head.sent), limitIsUnchanged(head, sender), bothMayWrite);

/** Holds if the user is a participant. */
export const mayDelete = (user: Uuid) => condition('attribute_exists(sent.#user)', undefined, { '#user': user });

/** Holds if the user is a participant who has not used their limit since the head was read, and both participants may write. */
export const mayEdit = (head: Head, user: Uuid) => all(mayDelete(user), limitIsUnchanged(head, user), bothMayWrite);

/** Holds if the head is that of these users. */
export const isHeadOf = ([one, other]: readonly [Uuid, Uuid]) =>
  condition('attribute_exists(sent.#one) AND attribute_exists(sent.#other)', undefined, {
    '#one': one,
    '#other': other,
  });

/** Holds if the inbox rows were not written since the head was read, and their owners are the participants. */
export const rowsAreUnchanged = (head: Head) => all(isStill('rows_rev', head.rows_rev), isHeadOf(participantIds(head)));

/** Holds if no message was sent, and the inbox rows were not written, since the head was read. */
export const conversationIsUnchanged = ({ rows_rev, sent, last_message_at }: Head) =>
  condition('rows_rev = :rev AND sent = :sent AND last_message_at = :last', {
    ':rev': rows_rev,
    ':sent': sent,
    ':last': last_message_at,
  });

/** Holds if the head is that of other users. */
export const isNotOf = ([one, other]: [Uuid, Uuid]) =>
  condition('NOT (attribute_exists(sent.#one) AND attribute_exists(sent.#other))', undefined, {
    '#one': one,
    '#other': other,
  });

/** Holds if the user is no participant, or there is no such head. */
export const hasNoParticipant = (user: Uuid) =>
  condition('attribute_not_exists(sent.#user)', undefined, { '#user': user });

// Messages

/** Holds if the message was not changed since it was read. */
export const isAtRevision = ({ revision }: Pick<Message, 'revision'>) => all(keyIsTaken, isStill('revision', revision));

/** Holds if the key is free, or its item is this message as the service that this one follows stored it: without a number. */
export const isFreeOrUnnumbered = (message: Uuid) =>
  condition('attribute_not_exists(pk) OR (attribute_not_exists(seq) AND message_uuid = :message)', {
    ':message': message,
  });

/** Holds for a message or an inbox row of the service that this one follows: it has no numbers. */
export const isUnnumbered = condition(
  'attribute_exists(pk) AND attribute_not_exists(seq) AND attribute_not_exists(unread_count)',
);

// Inbox rows, pairs

/**
 * Holds if the place of an inbox row is free or has the conversation's own row; for a pair, if it names the conversation or does not exist.
 */
export const isFreeOrOf = (conversation: Uuid) =>
  condition('attribute_not_exists(pk) OR message_group_uuid = :conversation', { ':conversation': conversation });

/** Holds if the two users have no conversation: also if there is no pair. */
export const hasNoConversation = condition('attribute_not_exists(message_group_uuid)');

/** Holds if the two users have no conversation yet, and neither blocks the other: also if there is no pair. */
export const mayMeet = all(hasNoConversation, condition('attribute_not_exists(blocked_by)'));

/** Holds if the conversation of the pair, and who of the two blocks the other, are as they were read. */
export const pairIsUnchanged = ({ message_group_uuid, blocked_by = [] }: Pair) =>
  all(
    isStill('message_group_uuid', message_group_uuid),
    isStill('blocked_by', blocked_by.length > 0 ? new Set(blocked_by) : undefined),
  );

/** Holds if the pair names this conversation. */
export const isOf = (conversation: Uuid) =>
  condition('message_group_uuid = :conversation', { ':conversation': conversation });

// Users, handles, identities

/** Holds if the user was not erased, or does not exist. */
export const isNotGone = condition('attribute_not_exists(gone_at)');

/** Holds if the user exists, and was not erased. */
export const isPresent = all(keyIsTaken, isNotGone);

/** Holds if the user exists, is not suspended, and was not erased. */
export const isReachable = all(isPresent, condition('attribute_not_exists(suspended_at)'));

/** Holds if the user also has not signed out everywhere since the token of a connection was issued. */
export const mayConnect = ({ signed_in_at }: Grant) =>
  all(
    isReachable,
    condition('(attribute_not_exists(signed_out_at) OR signed_out_at < :since)', { ':since': signed_in_at }),
  );

/** Holds if the ticket is there and has not expired. @param now seconds since 1970 */
export const isValidTicket = (now: number) => condition('attribute_exists(pk) AND expires_at > :now', { ':now': now });

/** Holds if the user also has not used their limit of new conversations since they were read. */
export const mayStart = ({ conversations_until }: Account) =>
  all(isReachable, isStill('conversations_until', conversations_until));

/** Holds if the user exists, was not erased, and has not used their limit of reports since they were read. */
export const mayReport = ({ reports_until }: Account) => all(isPresent, isStill('reports_until', reports_until));

/** Holds if the report exists and is not resolved. */
export const isOpenReport = (report: Uuid) =>
  condition('report_uuid = :report AND attribute_not_exists(resolved_at)', { ':report': report });

/** Holds if the report exists and is resolved. */
export const isResolvedReport = (report: Uuid) =>
  condition('report_uuid = :report AND attribute_exists(resolved_at)', { ':report': report });

/** Holds if the key is free, or its item names one of these users. */
export const isFreeOrHeldBy = (user: unknown, other: unknown = user) =>
  condition('attribute_not_exists(pk) OR user_uuid IN (:user, :other)', { ':user': user, ':other': other });

export const isHeldBy = (user: Uuid) => condition('user_uuid = :user', { ':user': user });

/** Holds if the user still signs in with the identity that was read. */
export const identityIsUnchanged = ({ cognito_user_id }: Pick<RegisteredUser, 'cognito_user_id'>) =>
  condition('cognito_user_id = :before', { ':before': cognito_user_id });

/** Holds if the user still has the display name that was read. */
export const nameIsUnchanged = ({ display_name }: Pick<RegisteredUser, 'display_name'>) =>
  isStill('display_name', display_name);

/** Holds if the erasure has come as far as it was read. */
export const erasureIsUnchanged = ({ message_group_uuid, after, erased_at }: Erasure) =>
  all(
    keyIsTaken,
    isStill('message_group_uuid', message_group_uuid),
    // `after` is a reserved word of DynamoDB's expressions
    after === undefined
      ? condition('attribute_not_exists(#after)', undefined, { '#after': 'after' })
      : condition('#after = :after', { ':after': after }, { '#after': 'after' }),
    isStill('erased_at', erased_at),
  );

/** Holds if the user still has the handle, name and identity that were read, and was not erased. */
export const userIsUnchanged = ({ handle, display_name, cognito_user_id }: Item | RegisteredUser) =>
  all(
    isNotGone,
    condition('handle = :handle AND display_name = :name AND cognito_user_id = :sub', {
      ':handle': handle,
      ':name': display_name,
      ':sub': cognito_user_id,
    }),
  );
