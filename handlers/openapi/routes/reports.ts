import * as z from 'zod';
import { inputSchema } from '../../../core/create-report.ts';
import { createdReportSchema } from '../../http/view-schemas.ts';
import { made, ofBody, ofCaller, type Route } from '../route.ts';

const message_group_uuid = '5ae290ed-55d1-47a0-bc6d-fe2bc2700399';
const created_at = '2024-11-03T18:51:11.250731+00:00';

const { shape } = inputSchema;
const newReport = z
  .object({
    message_group_uuid: shape.message_group_uuid.check(
      z.meta({ description: 'The conversation.', examples: [message_group_uuid] }),
    ),
    created_at: shape.created_at.check(
      z.meta({
        description: 'The `created_at` of the reported message. Without it, the conversation as a whole is reported.',
        format: 'date-time',
        examples: [created_at],
      }),
    ),
    reason: shape.reason.check(z.meta({ description: 'What is wrong.', examples: ['harassment'] })),
    note: shape.note.check(
      z.meta({
        description: 'What else the operators should know, in at most 1024 code points.',
        examples: ['It began yesterday.'],
      }),
    ),
  })
  .meta({ id: 'NewReport', description: 'A report of the other participant of a conversation.' });

export const reports: Record<string, Route> = {
  'POST /api/reports': {
    operationId: 'createReport',
    tag: 'Conversations',
    summary: 'Report a conversation or a message',
    description:
      'To the operators of this service, who get copies of the last 20 messages: those up to the reported one, or to the newest. They are kept for 180 days, even if their senders delete them. The other participant does not learn of it. A blocked or cleared conversation can be reported, too. There is no idempotency key: a client that repeats the request makes a second report.',
    needsToken: true,
    body: {
      schema: newReport,
      examples: {
        'a message': { message_group_uuid, created_at, reason: 'harassment', note: 'It began yesterday.' },
        'a conversation': { message_group_uuid, reason: 'spam' },
      },
    },
    success: made(createdReportSchema, { uuid: '0c5a8c5e-94a1-4f0e-9a53-6d6c1f0f7c11' }, 'The report.'),
    errors: [
      ...ofCaller,
      ...ofBody,
      'message_group_uuid_invalid',
      'created_at_invalid',
      'message_group_unknown',
      'message_unknown',
      'report_self',
      'note_exceed_max_chars',
      'too_many_reports',
    ],
    besideMalformed: ['note_exceed_max_chars'],
  },
};
