import { always, type Mutation, unconditional } from '../mutation.ts';

const users = 'test/table/users.test.ts';
const imports = 'test/table/import-conversation.test.ts';
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
    caughtBy: [users, 'creating a user stores three items'],
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
    find: 'items.pairItem(one, other, conversation), keyIsFree',
    replace: `items.pairItem(one, other, conversation), ${unconditional}`,
    caughtBy: [imports, 'two concurrent imports'],
  },
  {
    name: 'an import does not overwrite a conversation that a user sends into',
    file: 'admin/table/imports.ts',
    find: 'before ? conversationIsUnchanged(before) : keyIsFree',
    replace: `before ? ${unconditional} : keyIsFree`,
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
