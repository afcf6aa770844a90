import type { Mutation } from '../mutation.ts';

const test = 'test/table/rollback.test.ts';
const command = 'test/table/doctor-command.test.ts';
const rules = 'admin/doctor/check-readability.ts';
const repairs = 'admin/table/repairs.ts';
const inEveryWay = 'a table that new routes have changed in every way';

/** What a table loses, and what it must not lose, before version 0.2 works on it again. */
export const rollbacks: Mutation[] = [
  {
    name: 'before a rollback names return to the head',
    file: rules,
    find: "changed: ['participants', 'cleared']",
    replace: "changed: ['cleared']",
    caughtBy: [test, inEveryWay],
  },
  {
    name: 'before a rollback names return to the rows',
    file: rules,
    find: 'row?.message_group_uuid === head.message_group_uuid &&',
    replace: 'row?.message_group_uuid === user_uuid &&',
    caughtBy: [test, 'names that a user has changed since a row was written'],
  },
  {
    name: 'before a rollback no head hides a row that is shown',
    file: rules,
    find: 'filter(([user]) => !isHidden(after, user as Uuid))',
    replace: 'filter(([user]) => !isHidden(after, user as Uuid) || user)',
    caughtBy: [test, inEveryWay],
  },
  {
    name: 'before a rollback what is cleared and hides no row stays cleared',
    file: rules,
    find: 'filter(([user]) => !isHidden(after, user as Uuid))',
    replace: "filter(([user]) => user === '' && !isHidden(after, user as Uuid))",
    caughtBy: [test, inEveryWay],
  },
  {
    name: 'before a rollback a hidden row leaves the place where it was',
    file: rules,
    find: 'items.inboxRowKey(next.user_uuid, before.inbox_at, isHidden(before, next.user_uuid))',
    replace: 'items.inboxRowKey(next.user_uuid, before.inbox_at)',
    caughtBy: [test, inEveryWay],
  },
  {
    name: 'before a rollback a shown row takes no place of another conversation',
    file: rules,
    find: 'const collided = !failures.head && (failures.row0 ?? failures.row1) !== undefined;',
    replace: 'const collided = Number(deadline) < 0;',
    caughtBy: [test, inEveryWay],
  },
  {
    name: 'before a rollback rows that have moved are read again',
    file: rules,
    find: 'if (head?.rows_rev === known.rows_rev)',
    replace: 'if (head && known)',
    caughtBy: [test, 'rows that move between two reads of a preparation'],
  },
  {
    name: 'before a rollback a block ends in the head',
    file: repairs,
    find: 'update(table, items.headKey(conversation), none, isHeadOf(users)),',
    replace: '',
    caughtBy: [test, inEveryWay],
  },
  {
    name: 'before a rollback a pair that has got a conversation stays',
    file: repairs,
    find: '[remove(table, key, pairIsUnchanged(pair))]',
    replace: '[remove(table, key, undefined)]',
    caughtBy: [test, 'a first contact during a preparation'],
  },
  {
    name: 'a rollback is prepared in AWS only after a confirmation',
    file: 'bin/commands/doctor.ts',
    find: 'if (forRollback) await confirm',
    replace: 'if (forRollback && !target.stage) await confirm',
    caughtBy: [command, 'bin/ddb doctor --repair --for-rollback confirms before it ends blocks'],
  },
  {
    name: 'a rollback is not prepared while violations are left',
    file: 'bin/commands/doctor.ts',
    find: 'if (found.remaining > 0 && !despiteViolations) {',
    replace: 'if (found.remaining > 0 && !despiteViolations && !forRollback) {',
    caughtBy: [command, 'bin/ddb doctor --repair --for-rollback prepares nothing while violations are left'],
  },
  {
    name: 'a repeated preparation of a rollback adds no search items',
    file: 'bin/commands/doctor.ts',
    find: "forRollback ? { ignores: 'search_differs' } : {}",
    replace: '{}',
    caughtBy: [command, 'bin/ddb doctor --repair --for-rollback lists the blocks that end'],
  },
];
