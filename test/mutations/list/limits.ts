import type { Mutation } from '../mutation.ts';

const test = 'test/table/limits.test.ts';
const unit = 'test/unit/limits.test.ts';
const conditions = 'core/table/conditions.ts';
const refusals = 'core/refusals.ts';
const model = 'core/model/limits.ts';

/** The limits that keep one user from flooding another. */
export const limiting: Mutation[] = [
  {
    name: 'a message counts against the limit of its sender',
    file: 'core/append-message.ts',
    find: 'head: withUsed(head, me.user_uuid, until) };',
    replace: 'head: until ? head : withUsed(head, me.user_uuid, until) };',
    caughtBy: [test, 'messages of one user in one conversation sent one after another'],
  },
  {
    name: 'a first message counts against the limit of its sender',
    file: 'core/start-conversation.ts',
    find: 'newMessage, spendMessage(deps, empty, me, arrivedAt));',
    replace: 'newMessage, 0 * spendMessage(deps, empty, me, arrivedAt));',
    caughtBy: [test, 'messages of one user in one conversation sent one after another'],
  },
  {
    name: 'a message counts only what its head said it had used',
    file: conditions,
    find: "all(isStill('sent', head.sent), limitIsUnchanged(head, sender), bothMayWrite)",
    replace: "all(isStill('sent', head.sent), bothMayWrite)",
    caughtBy: [test, 'messages of one user in one conversation and edits at once'],
  },
  {
    name: 'an edit counts only what its head said it had used',
    file: conditions,
    find: 'all(mayDelete(user), limitIsUnchanged(head, user), bothMayWrite)',
    replace: 'all(mayDelete(user), bothMayWrite)',
    caughtBy: [test, 'messages of one user in one conversation and edits at once'],
  },
  {
    name: 'an edit counts against the limit of its sender',
    file: 'core/table/writes.ts',
    find: '...(!isDeletion && items.usedBy(head.after, user_uuid)),',
    replace: '...(isDeletion && items.usedBy(head.after, user_uuid)),',
    caughtBy: [test, 'messages of one user in one conversation sent one after another'],
  },
  {
    name: 'a deletion counts against no limit',
    file: 'core/change-message.ts',
    find: 'const until = changed.deleted_at ? undefined : spendMessage(',
    replace: 'const until = spendMessage(',
    caughtBy: [test, 'messages of one user in one conversation sent one after another'],
  },
  {
    name: 'what is over the limit does not wait for its turn',
    file: 'core/append-message.ts',
    find: '    if (remembered) spendMessage(deps, remembered, me, arrivedAt); // before it waits\n',
    replace: '',
    caughtBy: [test, 'messages of one user in one conversation that are over the limit do not wait'],
  },
  {
    name: 'a request that loses to its own user is over the limit',
    file: refusals,
    find: 'if (this.#overtook >= limits.overtaken_by)',
    replace: 'if (this.#overtook >= limits.overtaken_by + 9)',
    caughtBy: [test, 'messages of one user in one conversation that four others of the same user overtake'],
  },
  {
    name: 'all messages of its own user that overtook one attempt count',
    file: refusals,
    find: 'isEdited ? 1 : sent;',
    replace: 'isEdited || sent > 0 ? 1 : 0;',
    caughtBy: [test, 'messages of one user in one conversation that four others of the same user overtake'],
  },
  {
    name: 'a request that loses to the other user is not over the limit',
    file: refusals,
    find: 'isEdited ? 1 : sent;',
    replace: 'isEdited ? 1 : Math.max(1, sent);',
    caughtBy: [test, 'messages of one user in one conversation that four others of the same user overtake'],
  },
  {
    name: 'messages to a user who has not answered are limited',
    file: refusals,
    find: "return isLimited ? 'awaiting_reply' : undefined;",
    replace: "return isLimited && !head ? 'awaiting_reply' : undefined;",
    caughtBy: [test, 'messages before the other user has answered are limited'],
  },
  {
    name: 'a trusted user may write before they are answered',
    file: refusals,
    find: 'const isLimited = !me.trusted && sentBeforeReply',
    replace: 'const isLimited = sentBeforeReply',
    caughtBy: [test, 'messages before the other user has answered are not limited'],
  },
  {
    name: 'a trusted user may start conversations',
    file: refusals,
    find: '  if (starter.trusted) return starter;\n',
    replace: '',
    caughtBy: [test, 'conversations that a user starts are not limited'],
  },
  {
    name: 'a conversation counts against the limit of its starter',
    file: conditions,
    find: "all(isReachable, isStill('conversations_until', conversations_until))",
    replace: 'conversations_until === undefined ? isReachable : isReachable',
    caughtBy: [test, 'conversations that a user starts at once'],
  },
  {
    name: 'a process remembers what a starter has used',
    file: 'core/start-conversation.ts',
    find: 'if (after.conversations_until) memory.conversationsUntil.set(me.user_uuid, after.conversations_until);',
    replace: '',
    caughtBy: [test, 'conversations that a user starts take one transaction each'],
  },
  {
    name: 'a rate ends at its burst',
    file: model,
    find: 'return until <= full ?',
    replace: 'return until <= full + interval_ms ?',
    caughtBy: [unit, 'a rate lets through a burst'],
  },
  {
    name: 'a request counts by when it arrived',
    file: model,
    find: 'used > full + longestRequest ? full',
    replace: 'used > full ? full',
    caughtBy: [unit, 'a rate counts a request by when it arrived'],
  },
  {
    name: 'a clock that was ahead closes no conversation for hours',
    file: model,
    find: 'used > full + longestRequest ? full : ',
    replace: 'used > full + longestRequest * 1e9 ? full : ',
    caughtBy: [unit, 'a rate is not closed for hours'],
  },
];
