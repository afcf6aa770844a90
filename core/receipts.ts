import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Deps } from './deps.ts';
import { domainError } from './errors.ts';
import type { Message } from './model/message.ts';
import { code, parse } from './model/parse.ts';
import { toSeconds } from './model/time.ts';
import type { User } from './model/user.ts';
import { type Item, receiptOf } from './table/items.ts';
import { getMessage } from './table/reads.ts';
import type { ReceiptToStore } from './table/writes.ts';

const thirtyDays = 30 * 24 * 60 * 60; // seconds
export const keySchema = z
  .string(code('idempotency_key_invalid'))
  .regex(/^[\x21-\x7e]{1,128}$/, code('idempotency_key_invalid'));

/** A request with an idempotency key: the user who sent it, the key, and a hash of its body. */
export interface IdempotentRequest {
  user_uuid: User['user_uuid'];
  idempotency_key: string;
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
  return {
    user_uuid: me.user_uuid,
    idempotency_key: parse(keySchema, idempotencyKey),
    body_hash: createHash('sha256').update(JSON.stringify(body)).digest('base64url'),
  };
}

/** The receipt to store in the transaction of a message; undefined for a request without a key. */
export function receiptFor(
  deps: Deps,
  request: IdempotentRequest | undefined,
  message: Message,
): ReceiptToStore | undefined {
  if (!request) return undefined;
  const now = toSeconds(deps.now());
  const { user_uuid, ...identified } = request;
  const { message_group_uuid, created_at } = message;
  return { user_uuid, receipt: { ...identified, message_group_uuid, created_at, expires_at: now + thirtyDays }, now };
}

/**
 * @param item the receipt that an earlier request with the same key left
 * @returns the message that the earlier request stored
 * @throws DomainError `idempotency_key_reused` when that request had another body, `throttled`; Error when the message is missing
 */
export async function messageOfReceipt(deps: Deps, request: IdempotentRequest, item: Item): Promise<Message> {
  const receipt = receiptOf(item);
  if (receipt.body_hash !== request.body_hash) throw domainError('idempotency_key_reused');
  const message = await getMessage(deps.table, receipt.message_group_uuid, receipt.created_at);
  if (!message) throw new Error('a receipt names a message that does not exist');
  return message;
}
