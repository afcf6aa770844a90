import type * as z from 'zod/mini';
import type { User } from '../../core/model/user.ts';
import type { Event } from '../../core/push-events.ts';
import { messageGroupView, messageView } from '../http/views.ts';
import type { eventSchema } from './frame-schemas.ts';

/** @returns an event as the devices of a user get it: what it shows has the form that the HTTP API gives it */
export function eventView(event: Event, me: User): z.output<typeof eventSchema> {
  switch (event.type) {
    case 'message.created':
    case 'message.updated': {
      const { type, message, seen } = event;
      return { type, message_group_uuid: message.message_group_uuid, message: messageView(message, me, seen) };
    }
    case 'message_group.updated': {
      const message_group = messageGroupView(event.row);
      return event.isHidden
        ? { type: event.type, message_group: { ...message_group, message: '' }, hidden: true }
        : { type: event.type, message_group };
    }
    default:
      return event;
  }
}
