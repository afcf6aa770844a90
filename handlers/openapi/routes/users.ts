import * as z from 'zod';
import { inputSchema as blockInput } from '../../../core/blocks.ts';
import { inputSchema as findUsersInput } from '../../../core/find-users.ts';
import { handlePattern, registeredUserSchema } from '../../../core/model/user.ts';
import { blockedUserSchema, exportLineSchema, foundUserSchema, meSchema, userSchema } from '../../http/view-schemas.ts';
import {
  accepted,
  cursor,
  done,
  limit,
  limitParameter,
  linesPage,
  noStore,
  ofBody,
  ofCaller,
  ok,
  page,
  type Route,
} from '../route.ts';

/** The user of the examples, from the seeds of the local stack. */
export const reef = { uuid: 'f3325485-4b52-4625-8f34-0d323abdf0b7', handle: 'reef', display_name: 'Wriggle Reef' };
const me = { ...reef, read_receipts: true };

const handleInUrl = z
  .string()
  .regex(handlePattern)
  .meta({ param: { description: 'In any case, with or without the `@`.' }, examples: ['reef'] });

const block = (operationId: string, summary: string, description: string, done_: string): Route => ({
  operationId,
  tag: 'Users',
  summary,
  description: `${description} The request needs no body.`,
  needsToken: true,
  params: {
    path: z.object({
      user_uuid: blockInput.shape.user_uuid.check(
        z.meta({ param: { description: 'The user.' }, examples: [reef.uuid] }),
      ),
    }),
  },
  success: done(done_),
  errors: [...ofCaller, ...ofBody, 'user_uuid_invalid', 'user_unknown', 'block_self'],
});

const newName = registeredUserSchema.shape.display_name.check(z.meta({ examples: ['Wriggle Reef'] }));
const newReceipts = z.boolean().meta({
  description: 'Whether others see what the caller has read, and the caller what they have.',
  examples: [false],
});

export const users: Record<string, Route> = {
  'GET /api/blocks': {
    operationId: 'listBlocks',
    tag: 'Users',
    summary: 'List the users whom I block',
    description: 'In the order of their uuids.',
    needsToken: true,
    params: { query: z.object({ limit, cursor }) },
    success: page(
      z.array(blockedUserSchema),
      [{ ...reef, blocked_at: '2024-11-03T18:51:11.250731+00:00' }],
      'A page of the blocked users.',
    ),
    errors: [...ofCaller, 'limit_invalid', 'cursor_invalid'],
  },

  'PUT /api/blocks/{user_uuid}': block(
    'blockUser',
    'Block a user',
    'From the answer on, neither of the two can write to the other: both get `422 recipient_unavailable`. What they wrote stays readable.',
    'The user is blocked.',
  ),

  'DELETE /api/blocks/{user_uuid}': block(
    'unblockUser',
    'Unblock a user',
    'The two can write to each other again, unless the other user blocks, too.',
    'The user is not blocked.',
  ),

  'GET /api/users/{handle}/short': {
    operationId: 'findUser',
    tag: 'Users',
    summary: 'Find the user who has a handle',
    description: 'With the conversation that the caller has with them, if there is one.',
    needsToken: true,
    params: { path: z.object({ handle: handleInUrl }) },
    success: ok(foundUserSchema, { ...reef, message_group_uuid: '5ae290ed-55d1-47a0-bc6d-fe2bc2700399' }, 'The user.'),
    errors: [...ofCaller, 'handle_unknown'],
  },

  'GET /api/users': {
    operationId: 'findUsers',
    tag: 'Users',
    summary: 'Find users by the beginning of their handle or name',
    description:
      'By a handle, or by a word of a display name, whatever its case and accents; several words find the users who have all of them. There is no next page: if more users may match, the header `More-Results` says so, and a longer prefix finds them.',
    needsToken: true,
    params: {
      query: z.object({
        prefix: findUsersInput.shape.prefix.check(
          z.meta({
            param: {
              description: 'At least two letters or digits. A handle may have an `@` before it.',
            },
            examples: ['re'],
          }),
        ),
        limit: limitParameter(findUsersInput.shape.limit),
      }),
    },
    success: {
      ...ok(z.array(userSchema), [reef], 'The users.'),
      headers: z.object({
        ...noStore,
        'More-Results': z
          .literal('true')
          .optional()
          .meta({ header: { description: 'More users may match; absent if these are all.' } }),
      }),
    },
    errors: [...ofCaller, 'prefix_invalid', 'limit_invalid', 'prefix_too_short', 'too_many_searches'],
  },

  'GET /api/me': {
    operationId: 'whoAmI',
    tag: 'Users',
    summary: 'Get my profile',
    needsToken: true,
    success: ok(meSchema, me, 'The caller.'),
    errors: ofCaller,
  },

  'GET /api/me/export': {
    operationId: 'exportUser',
    tag: 'Users',
    summary: 'Export all that I wrote or can read',
    description: `Page by page, as JSON lines: the body of a page has one \`ExportLine\` on each line, and may be empty although \`Link\` leads to a next page. The order is: the caller; the users whom they block; their conversations, each followed by its messages, oldest first, and by the reports that the caller made on it. Messages are as in \`GET /api/messages/{message_group_uuid}\`; of what the caller cleared, their own messages are there.

All that is there from the first page to the last one is in the export, unless the caller clears the conversation meanwhile. A conversation in which a message is sent meanwhile may come twice: then the second is the later state. Lines with a \`type\` that you do not know may be added.`,
    needsToken: true,
    params: { query: z.object({ cursor }) },
    success: linesPage(
      exportLineSchema,
      { type: 'user', ...me, email: 'reef@example.com' },
      'A page of the export, one such object a line.',
    ),
    errors: [...ofCaller, 'cursor_invalid'],
  },

  'PATCH /api/me': {
    operationId: 'updateProfile',
    tag: 'Users',
    summary: 'Change my profile',
    description:
      'The display name, the settings, or both. Others see a new name within a minute. Without read receipts, neither participant of a conversation sees what the other has read.',
    needsToken: true,
    body: {
      schema: z
        .union([
          z.object({ display_name: newName, read_receipts: z.optional(newReceipts) }),
          z.object({ display_name: z.optional(newName), read_receipts: newReceipts }),
        ])
        .meta({ id: 'ProfileChange', description: 'The display name, the settings, or both.' }),
      examples: {
        'another name': { display_name: 'Wriggle Reef' },
        'no read receipts': { read_receipts: false },
      },
    },
    success: ok(meSchema, me, 'The caller, as they are now.'),
    errors: [...ofCaller, ...ofBody, 'person_invalid', 'display_name_misleading'],
    besideMalformed: ['person_invalid', 'display_name_misleading'],
  },

  'DELETE /api/me': {
    operationId: 'eraseUser',
    tag: 'Users',
    summary: 'Delete my account',
    description:
      'From the answer on, nobody finds the caller or can write to them, and every other route answers `403 user_gone`. What they wrote, their names and settings are erased within minutes; others keep what they wrote themselves. It cannot be undone. The handle can be taken again after 30 days. The last step deletes the caller from the user pool: if it fails, the request fails, the erasure goes on, and the same request tries that step again. The table’s stream holds what was erased for 24 hours more, its backups for 35 days. A report that is open keeps its copies until it is resolved. The request needs no body.',
    needsToken: true,
    success: accepted('The account is deleted, and what it held is being erased.'),
    errors: ['token_invalid', 'person_unknown', 'user_suspended', 'throttled', 'message_group_busy', ...ofBody],
  },

  'POST /api/me': {
    operationId: 'createProfile',
    tag: 'Users',
    summary: 'Create my profile',
    description:
      'For a caller who can sign in and has no profile yet, because another user took the handle during sign-up (until then every other route answers `403 person_unknown`). A caller whose profile already has this handle gets that profile.',
    needsToken: true,
    body: {
      schema: z
        .object({
          handle: registeredUserSchema.shape.handle.check(z.meta({ description: 'In any case.', examples: ['Reef'] })),
          display_name: z
            .optional(registeredUserSchema.shape.display_name)
            .meta({ description: 'Default: the handle.', examples: ['Wriggle Reef'] }),
        })
        .meta({ id: 'NewProfile', description: 'The handle and the display name.' }),
      examples: { 'both names': { handle: 'reef', display_name: 'Wriggle Reef' } },
    },
    success: ok(meSchema, me, 'The user.'),
    errors: [
      'token_invalid',
      'throttled',
      'message_group_busy',
      ...ofBody,
      'person_invalid',
      'handle_taken',
      'handle_reserved',
      'display_name_misleading',
      'identity_taken',
      'user_gone',
      'user_suspended',
      'email_unverified',
    ],
  },
};
