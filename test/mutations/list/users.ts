import { always, type Mutation, unconditional } from '../mutation.ts';

const people = 'test/table/users.test.ts';
const loading = 'test/table/import-conversation.test.ts';
const commands = 'test/unit/commands.test.ts';

export const peopleAndLoads: Mutation[] = [
  {
    name: 'a new person takes nobody’s handle or sign-in',
    file: 'core/table/users.ts',
    find: 'put(table, handleItem, keyIsFree)',
    replace: `put(table, handleItem, ${unconditional})`,
    caughtBy: [people, 'a new person of two who want one handle'],
  },
  {
    name: 'a new person asked for again is the same',
    file: 'core/create-user.ts',
    find: 'if (existing?.handle === user.handle) return existing;',
    replace: '',
    caughtBy: [people, 'a new person is three items'],
  },
  {
    name: 'a Cognito id replaces the one that was read',
    file: 'core/table/conditions.ts',
    find: "condition('cognito_user_id = :before', ",
    replace: `condition('${always('cognito_user_id = :before')}', `,
    caughtBy: [people, 'another Cognito id set by eight at once'],
  },
  {
    name: 'an identity is taken from nobody who got it meanwhile',
    file: 'core/table/conditions.ts',
    find: "'attribute_not_exists(pk) OR user_uuid IN (:user, :other)'",
    replace: "'attribute_not_exists(pk) OR attribute_exists(pk) OR user_uuid IN (:user, :other)'",
    caughtBy: [people, 'another Cognito id that becomes another’s just before'],
  },
  {
    name: 'an identity is taken from nobody who has a right to it',
    file: 'admin/users/link-identity.ts',
    find: "    if (isForeign && !mayDisplace(holder)) throw domainError('identity_taken', 'cognito_user_id');\n",
    replace: '',
    caughtBy: [people, 'another Cognito id that is another’s is refused'],
  },
  {
    name: 'the identity before goes with the same transaction',
    file: 'admin/table/identities.ts',
    find: 'oldIdentity: dropsOld ?',
    replace: 'oldIdentity: dropsOld && !dropsOld ?',
    caughtBy: [people, 'another Cognito id opens, and the one before no longer does'],
  },
  {
    name: 'two have one conversation, whatever is loaded',
    file: 'admin/table/imports.ts',
    find: 'items.pairItem(one, other, conversation), keyIsFree',
    replace: `items.pairItem(one, other, conversation), ${unconditional}`,
    caughtBy: [loading, 'loaded twice at once it is there once'],
  },
  {
    name: 'a loaded conversation that somebody writes into is not written over',
    file: 'admin/table/imports.ts',
    find: 'before ? conversationIsUnchanged(before) : keyIsFree',
    replace: `before ? ${unconditional} : keyIsFree`,
    caughtBy: [loading, 'whoever writes into it meanwhile'],
  },
  {
    name: 'rows move on from where they sit, while loading too',
    file: 'admin/import/import-conversation.ts',
    find: '    rowsAt = place;\n',
    replace: '',
    caughtBy: [loading, 'the row of an earlier batch'],
  },
  {
    name: 'a loaded row takes nobody’s place',
    file: 'admin/import/import-conversation.ts',
    find: 'if (Object.keys(others).length > 0 || !(row0 ?? row1)) return undefined;',
    replace: 'return undefined;',
    caughtBy: [loading, 'a taken place is left to whoever sits there'],
  },
  {
    name: 'a production stage takes force',
    file: 'bin/console/target.ts',
    find: 'isProduction(target) && !force',
    replace: 'isProduction(target) && force',
    caughtBy: [commands, 'consent in AWS is no way into production'],
  },
  {
    name: 'whoever is asked must say yes',
    file: 'bin/console/target.ts',
    find: "if (answer !== 'yes') throw",
    replace: "if (answer === 'no') throw",
    caughtBy: [commands, 'consent in AWS "y" at the terminal'],
  },
];
