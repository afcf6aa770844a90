import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Head } from '../model/head.ts';
import type { Uuid } from '../model/id.ts';
import type { InboxRow } from '../model/inbox.ts';
import type { Message } from '../model/message.ts';
import * as items from './items.ts';

/** What a record of the stream tells of a conversation. */
export type Change = { message_group_uuid: Uuid } & (
  | { kind: 'message'; message: Message; isNew: boolean }
  | {
      kind: 'row';
      row: InboxRow;
      isHidden: boolean;
      /** The text that the row showed before; undefined for a row that is new at its place. */
      textBefore: string | undefined;
    }
  | { kind: 'head'; before: Head; after: Head }
);

const image = z.record(z.string(), z.unknown());
const record = z.object({
  eventName: z.string(),
  dynamodb: z.object({
    Keys: z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) }),
    NewImage: z.optional(image),
    OldImage: z.optional(image),
  }),
});

const noId = '' as Uuid;

/**
 * What a record tells those who are connected: a message, an inbox row or a head that is new or has changed.
 * @returns undefined for any other record, for one of the service that this one follows, and for the head of a new conversation, which
 *   nobody has read or cleared yet
 * @throws ZodError for what is no record of a stream
 */
export function changeOf(of: unknown): Change | undefined {
  const { eventName, dynamodb } = z.parse(record, of);
  const { Keys, NewImage, OldImage } = dynamodb;
  if (!NewImage) return undefined;
  const { pk } = Keys;
  const item = itemOf(NewImage);
  const message_group_uuid = item.message_group_uuid as Uuid;
  if (pk.S.startsWith(items.messages(noId)))
    return items.isNumbered(item)
      ? { kind: 'message', message_group_uuid, message: items.messageOf(item), isNew: eventName === 'INSERT' }
      : undefined;
  const isHidden = pk.S.startsWith(items.hiddenRows(noId));
  if (isHidden || pk.S.startsWith(items.inbox(noId))) {
    if (!items.hasUnreadCount(item)) return undefined;
    const textBefore = OldImage && items.inboxRowOf(itemOf(OldImage)).message;
    return { kind: 'row', message_group_uuid, row: items.inboxRowOf(item), isHidden, textBefore };
  }
  if (pk.S === items.headKey(message_group_uuid).pk && OldImage)
    return { kind: 'head', message_group_uuid, before: items.headOf(itemOf(OldImage)), after: items.headOf(item) };
  return undefined;
}

const itemOf = (of: Record<string, unknown>): items.Item => unmarshall(of as Record<string, AttributeValue>);
