import { always, type Mutation, unconditional } from '../mutation.ts';

const users = 'test/table/users.test.ts';
const signUp = 'test/table/sign-up.test.ts';
const imports = 'test/table/import-conversation.test.ts';
const originals = 'test/table/import-originals.test.ts';
const commands = 'test/unit/commands.test.ts';

export const usersAndImports: Mutation[] = [
  {
    name: 'a new user takes no handle or Cognito id of another user',
    file: 'core/table/users.ts',
    find: 'put(table, handleItem, keyIsFree)',
    replace: `put(table, handleItem, ${unconditional})`,
    caughtBy: [users, 'creating a user twice with one handle'],
  },
  {
    name: 'creating a user again returns the same user',
    file: 'core/create-user.ts',
    find: 'if (existing?.handle === user.handle) return existing;',
    replace: '',
    caughtBy: [users, 'creating a user stores all items'],
  },
  {
    name: 'an unverified address is not stored at sign-up',
    file: 'core/complete-sign-up.ts',
    find: "  if (!isEmailVerified) return domainError('email_unverified');\n",
    replace: '',
    caughtBy: [signUp, 'completing a sign-up stores nothing while the address is unverified'],
  },
  {
    name: 'an unverified address is not stored with a profile',
    file: 'core/create-profile.ts',
    find: "  if (!address.isVerified) throw domainError('email_unverified');\n",
    replace: '',
    caughtBy: [signUp, 'a signed-in caller without a profile cannot create one while the pool'],
  },
  {
    name: 'a Cognito id replaces the one that was read',
    file: 'core/table/conditions.ts',
    find: "condition('cognito_user_id = :before', ",
    replace: `condition('${always('cognito_user_id = :before')}', `,
    caughtBy: [users, 'linking a Cognito id eight times'],
  },
  {
    name: 'an identity is not taken from a user who has just got it',
    file: 'core/table/conditions.ts',
    find: "'attribute_not_exists(pk) OR user_uuid IN (:user, :other)'",
    replace: "'attribute_not_exists(pk) OR attribute_exists(pk) OR user_uuid IN (:user, :other)'",
    caughtBy: [users, 'linking a Cognito id that another user gets just before'],
  },
  {
    name: 'an identity is not taken from its rightful user',
    file: 'admin/users/link-identity.ts',
    find: "    if (holder !== undefined && holder !== user_uuid) throw domainError('identity_taken', 'cognito_user_id');\n",
    replace: '',
    caughtBy: [users, 'linking a Cognito id of another user is rejected'],
  },
  {
    name: 'a user whose Cognito id is in the pool keeps it',
    file: 'admin/users/update-cognito-ids.ts',
    find: 'if (present) {',
    replace: 'if (present && !present) {',
    caughtBy: [users, 'updating the Cognito ids from the pool does not link a user to another'],
  },
  {
    name: 'an identity that a user signs in with is given to nobody else',
    file: 'admin/users/update-cognito-ids.ts',
    find: 'return presentIds.has(sub) ?',
    replace: 'return presentIds.has(handle) ?',
    caughtBy: [users, 'updating the Cognito ids from the pool takes no id'],
  },
  {
    name: 'the previous identity is deleted in the same transaction',
    file: 'admin/table/identities.ts',
    find: 'oldIdentity: dropsOld ?',
    replace: 'oldIdentity: dropsOld && !dropsOld ?',
    caughtBy: [users, 'linking a Cognito id replaces the previous one'],
  },
  {
    name: 'an import does not create a second conversation of a pair',
    file: 'admin/table/imports.ts',
    find: 'pairIsUnchanged(blocked_by ? { blocked_by } : {})',
    replace: `blocked_by ? ${unconditional} : ${unconditional}`,
    caughtBy: [imports, 'two concurrent imports'],
  },
  {
    name: 'an import does not overwrite a conversation that a user sends into',
    file: 'admin/table/imports.ts',
    find: 'changes, conversationIsUnchanged(before)',
    replace: `changes, ${unconditional}`,
    caughtBy: [imports, 'an import stops when a user sends'],
  },
  {
    name: 'an import moves rows on from their actual places',
    file: 'admin/import/import-conversation.ts',
    find: '    rowsAt = place;\n',
    replace: '',
    caughtBy: [imports, 'the next batch removes a row'],
  },
  {
    name: 'an imported row does not overwrite another row',
    file: 'admin/import/import-conversation.ts',
    find: 'if (Object.keys(others).length > 0 || !(row0 ?? row1)) return undefined;',
    replace: 'return undefined;',
    caughtBy: [imports, 'an imported row whose sort key is taken'],
  },
  {
    name: 'an import puts no message before those that are there',
    file: 'admin/import/import-originals.ts',
    find: "if (!isNewer) return leftOut('newer_messages');",
    replace: '',
    caughtBy: [originals, 'left out, with everything else imported, is a conversation that has newer messages'],
  },
  {
    name: 'an import leaves the unread counts as they are',
    file: 'admin/import/import-originals.ts',
    find: 'head ? unreadCount(head, otherThan(head, sender.user_uuid).user_uuid) : 0',
    replace: '0',
    caughtBy: [originals, 'a conversation of the original service that has grown'],
  },
  {
    name: 'an imported message takes no place of another one',
    file: 'admin/table/imports.ts',
    find: 'isFreeOrUnnumbered(message.message_uuid)),',
    replace: `${unconditional}),`,
    caughtBy: [originals, 'left out, with everything else imported, is a conversation whose keys are taken'],
  },
  {
    name: 'a conversation with a user who is unknown here is left out as a whole',
    file: 'admin/import/merge-originals.ts',
    find: 'if (unknown.length > 0) return { unknown };',
    replace: '',
    caughtBy: ['test/unit/originals.test.ts', 'merging leaves out a conversation with a user who is unknown here'],
  },
  {
    name: 'a production stage needs --force',
    file: 'bin/console/target.ts',
    find: 'isProduction(target) && !force',
    replace: 'isProduction(target) && force',
    caughtBy: [commands, 'the confirmation of a destructive command in AWS does not suffice for production'],
  },
  {
    name: 'the operator must answer yes',
    file: 'bin/console/target.ts',
    find: "if (answer !== 'yes') throw",
    replace: "if (answer === 'no') throw",
    caughtBy: [
      commands,
      'the confirmation of a destructive command in AWS is given at the terminal by "yes" alone: "y"',
    ],
  },
];
