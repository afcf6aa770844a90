import type { Message } from '../api/schema.ts';

/** Messages of other users that have just arrived: each is dispatched once, as a CustomEvent `message` with an Arrival. */
export interface Arrival {
  message_group_uuid: string;
  message: Message;
}
export const incoming = new EventTarget();
