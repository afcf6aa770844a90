import { projectInbox } from '../../core/project-inbox.ts';
import { conversationOfNewMessage } from '../../core/table/stream-record.ts';
import { consumer } from './consumer.ts';

export const handler = consumer({ conversationOf: conversationOfNewMessage, project: projectInbox });
