import type { Head } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { Message } from '../model/message.ts';
import type { RegisteredUser } from '../model/user.ts';
import type { Item } from './items.ts';

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

/** Holds if no message was sent since the head was read. `sent` has a counter for each participant, so the sender still is one of them. */
export const sentIsUnchanged = ({ sent }: Pick<Head, 'sent'>) => condition('sent = :sent', { ':sent': sent });

/** Holds if no message was changed since the head was read, and the user is a participant. */
export const versionIsUnchanged = ({ version }: Pick<Head, 'version'>, user: Uuid) =>
  condition(
    `attribute_exists(sent.#user) AND ${version === undefined ? 'attribute_not_exists(version)' : 'version = :version'}`,
    version === undefined ? undefined : { ':version': version },
    { '#user': user },
  );

/** Holds if the inbox rows were not written since the head was read, and their owners are the participants. */
export const rowsAreUnchanged = ({ rows_rev, participants: [one, other] }: Head) =>
  condition(
    'rows_rev = :rev AND attribute_exists(sent.#one) AND attribute_exists(sent.#other)',
    { ':rev': rows_rev },
    { '#one': one.user_uuid, '#other': other.user_uuid },
  );

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
export const isAtRevision = ({ revision }: Pick<Message, 'revision'>) =>
  revision === undefined
    ? condition('attribute_exists(pk) AND attribute_not_exists(revision)')
    : condition('revision = :revision', { ':revision': revision });

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

/** Holds if the pair names this conversation. */
export const isOf = (conversation: Uuid) =>
  condition('message_group_uuid = :conversation', { ':conversation': conversation });

// Users, handles, identities

/** Holds if the key is free, or its item names one of these users. */
export const isFreeOrHeldBy = (user: unknown, other: unknown = user) =>
  condition('attribute_not_exists(pk) OR user_uuid IN (:user, :other)', { ':user': user, ':other': other });

export const isHeldBy = (user: Uuid) => condition('user_uuid = :user', { ':user': user });

/** Holds if the user still signs in with the identity that was read. */
export const identityIsUnchanged = ({ cognito_user_id }: Pick<RegisteredUser, 'cognito_user_id'>) =>
  condition('cognito_user_id = :before', { ':before': cognito_user_id });

/** Holds if the user still has the handle, name and identity that were read. */
export const userIsUnchanged = ({ handle, display_name, cognito_user_id }: Item) =>
  condition('handle = :handle AND display_name = :name AND cognito_user_id = :sub', {
    ':handle': handle,
    ':name': display_name,
    ':sub': cognito_user_id,
  });
