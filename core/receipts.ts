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
const keySchema = z
  .string(code('idempotency_key_invalid'))
  .regex(/^[\x21-\x7e]{1,128}$/, code('idempotency_key_invalid'));

/** A request that wants to be answered once, however often it comes: whose it is, its key, and a fingerprint of what it asks. */
export interface IdempotentRequest {
  user_uuid: User['user_uuid'];
  idempotency_key: string;
  body_hash: string;
}

/**
 * @param idempotencyKey 1–128 visible ASCII characters, or undefined: then there is nothing to remember
 * @param body what the request asks, after parsing: the same wish in another spelling is the same body
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

/** The receipt that goes with a message into one transaction. */
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
 * The first answer to a request whose receipt is already there.
 * @throws DomainError `idempotency_key_reused` when the key came with another body
 */
export async function firstAnswer(deps: Deps, request: IdempotentRequest, item: Item): Promise<Message> {
  const receipt = receiptOf(item);
  if (receipt.body_hash !== request.body_hash) throw domainError('idempotency_key_reused');
  const message = await getMessage(deps.table, receipt.message_group_uuid, receipt.created_at);
  if (!message) throw new Error('a receipt names a message that is not there');
  return message;
}
