import type { Mutation } from '../mutation.ts';
import { unconditional } from '../mutation.ts';

const test = 'test/table/standing.test.ts';
const known = 'core/known-users.ts';

/** What operators say of users. */
export const standings: Mutation[] = [
  {
    name: 'a suspended user is refused',
    file: 'core/who-am-i.ts',
    find: "  if (user.suspended_at) throw domainError('user_suspended');\n",
    replace: '',
    caughtBy: [test, 'a suspended user is refused within a minute'],
  },
  {
    name: 'a suspended user gets no message',
    file: 'core/append-message.ts',
    find: 'if (await cannotBeReached(deps, other, deadline)) throw',
    replace: 'if (!(await cannotBeReached(deps, other, deadline)) && !other) throw',
    caughtBy: [test, 'a suspended user gets no message'],
  },
  {
    name: 'a suspension that a process remembers may be over',
    file: known,
    find: 'return user !== undefined && isUnavailable(user);',
    replace: 'return user !== undefined && isUnavailable(known);',
    caughtBy: [test, 'a suspended user gets no message'],
  },
  {
    name: 'a suspended user gets no first message, and starts no conversation',
    file: 'core/table/conditions.ts',
    find: "all(isPresent, condition('attribute_not_exists(suspended_at)'))",
    replace: 'all(isPresent)',
    caughtBy: [test, 'a suspended user starts no conversation'],
  },
  {
    name: 'a first contact with a suspended user is refused as one with a blocked user',
    file: 'core/start-conversation.ts',
    find: "failures.other.item ? 'recipient_unavailable' : 'handle_unknown'",
    replace: "failures.other.item ? 'handle_unknown' : 'handle_unknown'",
    caughtBy: [test, 'a suspended user starts no conversation'],
  },
  {
    name: 'an operator says nothing of a user who does not exist',
    file: 'admin/table/standing.ts',
    find: 'changes, isPresent)',
    replace: `changes, isPresent && ${unconditional})`,
    caughtBy: [test, 'nothing is said of a user who does not exist'],
  },
];
