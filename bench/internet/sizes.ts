import { marshall } from '@aws-sdk/util-dynamodb';
import { append, emptyHead, projectedAt } from '../../core/model/head.ts';
import type { Uuid } from '../../core/model/id.ts';
import { inboxRow } from '../../core/model/inbox.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { Handle, RegisteredUser } from '../../core/model/user.ts';
import * as items from '../../core/table/items.ts';
import { itemSize } from '../costs/rules.ts';
import { sum } from '../harness/statistics.ts';

// The sizes of typical items, in bytes, from the items as the service stores them: a message of sixty characters, handles of six, names
// of nine.

const ada: RegisteredUser = {
  user_uuid: '0a9c3a5e-51c3-4d0b-9a55-2f0f3a1f7c01' as Uuid,
  handle: 'ada_no' as Handle,
  display_name: 'Ada North',
  cognito_user_id: '5d2f0f3a-1f7c-4d0b-9a55-0a9c3a5e51c3',
  email: 'ada.north@example.com',
};
const bob = { ...ada, user_uuid: '7c01f0f3-4d0b-51c3-9a55-0a9c3a5e2f3a' as Uuid };
const now = '2026-12-31T23:59:59.561513+00:00' as Timestamp;
const text = 'Low tide is at six. Bring both cups, and the lantern, please';
export const textLength = text.length;
const sha256 = 'f'.repeat(64);

const { message, head } = append(emptyHead('2f3a0a9c-51c3-4d0b-9a55-7c01f0f33a5e' as Uuid, ada, bob), {
  sender: ada,
  message_uuid: '9a557c01-f0f3-4d0b-51c3-0a9c3a5e2f3a' as Uuid,
  message: text,
  idempotency_key_hash: sha256,
  now,
});
const sizeOf = (item: items.Item): number => itemSize(marshall(item, { removeUndefinedValues: true }));
const row = sizeOf(items.inboxRowItem(ada.user_uuid, inboxRow(head, message, ada.user_uuid, bob), now));

const perItem = 100; // bytes that DynamoDB counts for storage: see itemSize

/** What is read: without DynamoDB's own bytes. */
export const read = { message: sizeOf(items.messageItem(message)), row };

/** What is stored, for a message, a receipt, a conversation (head, pair and two rows) and a user (user, handle and identity). */
export const stored = {
  message: read.message + perItem,
  receipt:
    sizeOf(
      items.receiptItem(ada.user_uuid, {
        idempotency_key: ada.cognito_user_id,
        body_hash: sha256,
        message_group_uuid: head.message_group_uuid,
        created_at: now,
        expires_at: 1_800_000_000,
      }),
    ) + perItem,
  conversation:
    sizeOf(items.headItem(projectedAt(head, now))) +
    sizeOf(items.pairItem(ada.user_uuid, bob.user_uuid, head)) +
    2 * row +
    4 * perItem,
  user: sum(items.userItems(ada).map(sizeOf)) + 3 * perItem,
};
