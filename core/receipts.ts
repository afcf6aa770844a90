import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import type { Message } from './model/message.ts';
import { code, parse } from './model/parse.ts';
import { toSeconds } from './model/time.ts';
import type { User } from './model/user.ts';
import { getNamedMessage } from './table/confirmed-reads.ts';
import { type Item, receiptKey, receiptOf } from './table/items.ts';
import { getItem } from './table/reads.ts';
import type { ReceiptToStore } from './table/writes.ts';

const thirtyDays = 30 * 24 * 60 * 60; // seconds
export const keySchema = z
  .string(code('idempotency_key_invalid'))
  .check(z.regex(/^[\x21-\x7e]{1,128}$/, code('idempotency_key_invalid')));

/** A request with an idempotency key: the user who sent it, the key and its hash, and a hash of the body. */
export interface IdempotentRequest {
  user_uuid: User['user_uuid'];
  idempotency_key: string;
  /** As in the message: see {@link Message}. */
  idempotency_key_hash: string;
  body_hash: string;
}

/**
 * @param idempotencyKey 1–128 visible ASCII characters, unchecked; undefined if the request has none
 * @param body the parsed input, so that the same request in another spelling has the same hash
 * @returns undefined for a request without a key
 * @throws DomainError `idempotency_key_invalid`
 */
export function toIdempotentRequest(
  me: User,
  idempotencyKey: string | undefined,
  body: unknown,
): IdempotentRequest | undefined {
  if (idempotencyKey === undefined) return undefined;
  const key = parse(keySchema, idempotencyKey);
  return {
    user_uuid: me.user_uuid,
    idempotency_key: key,
    idempotency_key_hash: hash('sha256', key, 'hex'),
    body_hash: hash('sha256', JSON.stringify(body), 'base64url'),
  };
}

/** The receipt of a request, to store in the transaction of its message; undefined for a request without an idempotency key. */
export function receiptFor(
  deps: Deps,
  request: IdempotentRequest | undefined,
  message: Message,
): ReceiptToStore | undefined {
  if (!request) return undefined;
  const now = toSeconds(deps.now());
  const { user_uuid, idempotency_key, body_hash } = request;
  const { message_group_uuid, created_at } = message;
  const expires_at = now + thirtyDays;
  return { user_uuid, receipt: { idempotency_key, body_hash, message_group_uuid, created_at, expires_at }, now };
}

/** @returns the receipt that an earlier request with the same key left, if it is still valid */
export async function findReceipt(
  deps: Deps,
  { user_uuid, idempotency_key }: IdempotentRequest,
): Promise<Item | undefined> {
  const item = await getItem(deps.table, receiptKey(user_uuid, idempotency_key));
  return item && receiptOf(item).expires_at > toSeconds(deps.now()) ? item : undefined;
}

/**
 * @param item the receipt that an earlier request with the same key left
 * @returns the message that the earlier request stored
 * @throws DomainError `idempotency_key_reused` when that request had another body, `throttled`, `message_group_busy`; Error when the
 *   message is missing
 */
export async function messageOfReceipt(
  deps: Deps,
  request: IdempotentRequest,
  item: Item,
  deadline: number,
): Promise<Message> {
  const receipt = receiptOf(item);
  if (receipt.body_hash !== request.body_hash) throw domainError('idempotency_key_reused');
  const { message_group_uuid, created_at } = receipt;
  const message = await getNamedMessage(deps.table, message_group_uuid, created_at, deadline);
  if (!message) throw new Error('a receipt names a message that does not exist');
  return message;
}
