import { randomUUID } from 'node:crypto';
import { admitConnection } from '../../core/admit-connection.ts';
import { answerFrame } from '../../core/answer-frame.ts';
import { beginErasure } from '../../core/begin-erasure.ts';
import { blockUser } from '../../core/block-user.ts';
import { checkSignUp } from '../../core/check-sign-up.ts';
import { clearMessageGroup } from '../../core/clear-message-group.ts';
import { closeConnection } from '../../core/close-connection.ts';
import { completeSignUp } from '../../core/complete-sign-up.ts';
import { countUnread } from '../../core/count-unread.ts';
import { createReport } from '../../core/create-report.ts';
import { createTicket } from '../../core/create-ticket.ts';
import { createUser } from '../../core/create-user.ts';
import { deleteMessage } from '../../core/delete-message.ts';
import { type Deps, newDeps } from '../../core/deps.ts';
import { editMessage } from '../../core/edit-message.ts';
import { endConnections } from '../../core/end-connections.ts';
import { eraseUser } from '../../core/erase-user.ts';
import { exportUser } from '../../core/export-user.ts';
import { findUserForCaller } from '../../core/find-user.ts';
import { findUsers } from '../../core/find-users.ts';
import { finishErasure } from '../../core/finish-erasures.ts';
import { getMessageGroup } from '../../core/get-message-group.ts';
import { knownUsers } from '../../core/known-users.ts';
import { listMessageGroups } from '../../core/list-message-groups.ts';
import { listMessages } from '../../core/list-messages.ts';
import { markRead } from '../../core/mark-read.ts';
import { markUnread } from '../../core/mark-unread.ts';
import { grantOf } from '../../core/model/connection.ts';
import type { Message } from '../../core/model/message.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import { muteMessageGroup } from '../../core/mute-message-group.ts';
import { openConnection } from '../../core/open-connection.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { pushEvents } from '../../core/push-events.ts';
import { relayTyping } from '../../core/relay-typing.ts';
import { sendMessage } from '../../core/send-message.ts';
import type { Table } from '../../core/table/client.ts';
import { unblockUser } from '../../core/unblock-user.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { FakeSockets } from '../../test/support/fake-sockets.ts';
import { freshToken } from '../../test/support/fresh-token.ts';
import { unlimited } from '../../test/support/limits.ts';
import { importMessages } from '../data/import.ts';
import type { OperationName } from './budgets.ts';

/** One run of a function. */
type Run = () => Promise<unknown>;

/** Prepares an operation. @returns the function runs that are the operation; only these are measured */
type Operation = (given: Given) => Promise<Run[]>;

const text = 'Low tide is at six. Bring both cups, and the lantern, please';
const emoji = '🦀'.repeat(1024);

/** What the operations begin with, on one table. Each call of a function makes new users. */
function newGiven(table: Table) {
  /** A function that has just been started: it remembers nothing. */
  const startFunction = (): Deps => newDeps(table, { retryBudget: 30_000, limits: unlimited });
  const warm = startFunction();
  const user = (handle = `u${letters()}`, display_name = 'Ada North'): Promise<RegisteredUser> =>
    createUser(warm, { handle, display_name, cognito_user_id: randomUUID(), email: 'ada@example.com' });
  const pair = async () => ({ ada: await user(), bob: await user() });
  const longPair = async () => {
    const long = () => user(letters(30), '🦀'.repeat(40));
    return { ada: await long(), bob: await long() };
  };

  const conversationOf = ({ ada, bob }: { ada: RegisteredUser; bob: RegisteredUser }, message: string) => {
    const by = (from: RegisteredUser, deps: Deps) => ({
      /** Sends in the conversation. */
      sends: (again = message, key?: string) =>
        sendMessage(deps, from, { message: again, message_group_uuid: first.message_group_uuid }, key),
      reads: ({ created_at }: Message) =>
        markRead(deps, from, { message_group_uuid: first.message_group_uuid, created_at }),
      lists: (limit: number, after?: string) =>
        listMessages(deps, from, { message_group_uuid: first.message_group_uuid, limit, after }),
    });
    let first: Message;
    const start = async () => {
      first = await sendMessage(warm, ada, { message, handle: bob.handle });
      const projected = ({ created_at }: Message) =>
        projectInbox(warm, first.message_group_uuid, { sentAt: created_at });
      /** Lets `warm` remember the recipient, as it does for a minute after it has read them. */
      const meets = () => knownUsers(warm, [bob.user_uuid], Date.now() + 1_000);
      return { ada, bob, first, by, projected, meets };
    };
    return start();
  };
  return {
    warm,
    startFunction,
    user,
    pair,
    longPair,
    /** A conversation with one message of ada's. The process `warm` remembers its head. */
    conversation: async (message = text) => conversationOf(await pair(), message),
    longConversation: async (message = emoji) => conversationOf(await longPair(), message),
  };
}
type Given = ReturnType<typeof newGiven>;

/** Random letters: handles may begin with any of them. */
function letters(length = 8): string {
  const digits = randomUUID().replaceAll('-', '');
  return [...digits.slice(0, length)].map((digit) => 'abcdefghijklmnop'[Number.parseInt(digit, 16)]).join('');
}

/** A projection after messages were sent. */
const projection =
  (before: string, after: string, kind: 'conversation' | 'longConversation', count = 1): Operation =>
  async (given) => {
    const { ada, by, projected } = await given[kind](before);
    const sender = by(ada, given.startFunction());
    let last = await sender.sends(after);
    for (let n = 1; n < count; n++) last = await sender.sends(after);
    return [() => projected(last)];
  };

const page =
  (limit: number, kind: 'pair' | 'longPair'): Operation =>
  async (given) => {
    const { ada, bob } = await given[kind]();
    const message_group_uuid = await importMessages(given.warm, [ada, bob], {
      count: limit + 1,
      text: kind === 'pair' ? text : emoji,
    });
    return [() => listMessages(given.warm, ada, { message_group_uuid, limit })];
  };

const aDay = 86_400; // seconds
/** What a WebSocket needs: its connections, and the frames. */
const socketDeps = (deps: Deps) => ({
  ...deps,
  sockets: new FakeSockets(),
  frameOf: (event: object) => JSON.stringify(event),
});
const grantFor = ({ user_uuid }: RegisteredUser) => {
  const now = Math.floor(Date.now() / 1_000);
  return grantOf(user_uuid, { issued_at: now, expires_at: now + aDay }, now);
};
/** Opens WebSockets of a user. */
async function connect(given: Given, user: RegisteredUser, count = 1): Promise<void> {
  for (let n = 0; n < count; n++) await openConnection(socketDeps(given.warm), grantFor(user), randomUUID());
}

/**
 * A push of a new message to the recipient's devices.
 * @param isWarm whether the process remembers the participants, as it does for a minute after a push
 */
const pushToDevices =
  (devices: number, isWarm = true): Operation =>
  async (given) => {
    const { bob, first } = await given.conversation();
    await connect(given, bob, devices);
    const { message_group_uuid } = first;
    const process = socketDeps(given.startFunction());
    const push = () => pushEvents(process, [{ kind: 'message', message_group_uuid, message: first, isNew: true }]);
    if (isWarm) await push();
    return [push];
  };

export const operations: Record<OperationName, Operation> = {
  'send, head remembered': async (given) => {
    const { ada, by, meets } = await given.conversation();
    await meets();
    return [() => by(ada, given.warm).sends()];
  },
  'send, head not remembered': async ({ conversation, startFunction }) => {
    const { ada, by } = await conversation();
    return [() => by(ada, startFunction()).sends()];
  },
  'send to a handle, head remembered': async ({ conversation, warm }) => {
    const { ada, bob, meets } = await conversation();
    await meets();
    return [() => sendMessage(warm, ada, { message: text, handle: bob.handle })];
  },
  'send with Idempotency-Key, head remembered': async ({ conversation, warm }) => {
    const { ada, by, meets } = await conversation();
    await meets();
    return [() => by(ada, warm).sends(text, randomUUID())];
  },
  'repeat of a key': async ({ conversation, warm }) => {
    const { ada, by } = await conversation();
    const key = randomUUID();
    await by(ada, warm).sends(text, key);
    return [() => by(ada, warm).sends(text, key)];
  },
  'send that loses one race': async ({ conversation, warm, startFunction }) => {
    const { ada, bob, by, meets } = await conversation();
    await meets();
    await by(bob, startFunction()).sends(); // the head that `warm` remembers is outdated now
    return [() => by(ada, warm).sends()];
  },
  'first contact': async ({ pair, warm }) => {
    const { ada, bob } = await pair();
    return [() => sendMessage(warm, ada, { message: text, handle: bob.handle })];
  },
  'first contact with Idempotency-Key': async ({ pair, warm }) => {
    const { ada, bob } = await pair();
    return [() => sendMessage(warm, ada, { message: text, handle: bob.handle }, randomUUID())];
  },
  'projection of one message': projection(text, text, 'conversation'),
  'projection of ten messages in one batch': projection(text, text, 'conversation', 10),
  'projection after a first contact': async ({ conversation }) => {
    const { first, projected } = await conversation();
    return [() => projected(first)];
  },
  'projection of a record delivered again': async ({ conversation, warm }) => {
    const { ada, by, projected } = await conversation();
    const second = await by(ada, warm).sends();
    await projected(second);
    return [() => projected(second)];
  },
  'mark as read': async ({ conversation, warm }) => {
    const { bob, by, first } = await conversation();
    return [() => by(bob, warm).reads(first)];
  },
  'mark as read before the projection': async ({ conversation, warm, startFunction }) => {
    const { ada, bob, by } = await conversation();
    const second = await by(ada, startFunction()).sends();
    return [() => by(bob, warm).reads(second)];
  },
  'mark as read again': async ({ conversation, warm }) => {
    const { bob, by, first } = await conversation();
    await by(bob, warm).reads(first);
    return [() => by(bob, warm).reads(first)];
  },
  'edit a message': async ({ conversation, warm }) => {
    const { ada, first } = await conversation();
    const { message_group_uuid, created_at } = first;
    return [() => editMessage(warm, ada, { message_group_uuid, created_at, message: `${text}!` })];
  },
  'delete a message': async ({ conversation, warm }) => {
    const { ada, first } = await conversation();
    const { message_group_uuid, created_at } = first;
    return [() => deleteMessage(warm, ada, { message_group_uuid, created_at })];
  },
  'projection of an edited message': async ({ conversation, warm }) => {
    const { ada, first } = await conversation();
    const { message_group_uuid, created_at } = first;
    await editMessage(warm, ada, { message_group_uuid, created_at, message: `${text}!` });
    return [() => projectInbox(warm, message_group_uuid, { isChanged: true })];
  },
  'clear a conversation': async ({ conversation, warm }) => {
    const { bob, first } = await conversation();
    const { message_group_uuid, created_at } = first;
    return [() => clearMessageGroup(warm, bob, { message_group_uuid, created_at })];
  },
  'mute a conversation': async ({ conversation, warm }) => {
    const { bob, first } = await conversation();
    return [() => muteMessageGroup(warm, bob, { message_group_uuid: first.message_group_uuid })];
  },
  'mark as unread': async ({ conversation, warm }) => {
    const { bob, first } = await conversation();
    return [() => markUnread(warm, bob, { message_group_uuid: first.message_group_uuid })];
  },
  'block a user, conversation': async ({ conversation, warm }) => {
    const { ada, bob } = await conversation();
    return [() => blockUser(warm, bob, ada)];
  },
  'block a user, no conversation': async ({ pair, warm }) => {
    const { ada, bob } = await pair();
    return [() => blockUser(warm, bob, ada)];
  },
  'unblock a user': async ({ conversation, warm }) => {
    const { ada, bob } = await conversation();
    await blockUser(warm, bob, ada);
    return [() => unblockUser(warm, bob, ada)];
  },
  'report of a conversation with 20 messages': async ({ conversation, warm }) => {
    const { ada, bob, by, first } = await conversation();
    for (let n = 2; n <= 20; n++) await by(ada, warm).sends();
    return [() => createReport(warm, bob, { message_group_uuid: first.message_group_uuid, reason: 'spam' })];
  },
  'page of 20 messages': page(20, 'pair'),
  'page of 100 messages': page(100, 'pair'),
  'messages after a time, one new': async ({ conversation, warm, startFunction }) => {
    const { ada, bob, by, first } = await conversation();
    await by(ada, startFunction()).sends();
    return [() => by(bob, warm).lists(20, first.created_at)];
  },
  'inbox page of 20': async ({ user, warm }) => {
    const ada = await user();
    const writes = async () => sendMessage(warm, await user(), { message: text, handle: ada.handle });
    await Promise.all(Array.from({ length: 21 }, writes));
    return [() => listMessageGroups(warm, ada, { limit: 20 })];
  },
  'export, page of nine short conversations': async ({ user, warm }) => {
    const ada = await user();
    const writes = async () => sendMessage(warm, await user(), { message: text, handle: ada.handle });
    await Promise.all(Array.from({ length: 11 }, writes));
    return [() => exportUser(warm, ada, {})];
  },
  'export, page of 100 messages': async ({ pair, warm }) => {
    const { ada, bob } = await pair();
    await importMessages(warm, [ada, bob], { count: 300, text });
    const { next } = await exportUser(warm, ada, {});
    return [() => exportUser(warm, ada, next)];
  },
  'state of a conversation': async ({ conversation, warm }) => {
    const { ada, first } = await conversation();
    return [() => getMessageGroup(warm, ada, { message_group_uuid: first.message_group_uuid })];
  },
  'count of what is unread, 200 conversations': async ({ user, warm }) => {
    const ada = await user();
    const writes = async () => sendMessage(warm, await user(), { message: text, handle: ada.handle });
    for (let batch = 0; batch < 10; batch++) await Promise.all(Array.from({ length: 20 }, writes));
    return [() => countUnread(warm, ada)];
  },
  'search for users, 10 found by handle': async ({ user, startFunction }) => {
    const ada = await user();
    const prefix = letters(12);
    for (let n = 0; n < 11; n++) await user(`${prefix}_${n}`);
    return [() => findUsers(startFunction(), ada, { prefix })];
  },
  'search for users, 10 found by name': async ({ user, startFunction }) => {
    const ada = await user();
    const name = letters(12);
    for (let n = 0; n < 11; n++) await user(undefined, `Ada ${name} North`);
    return [() => findUsers(startFunction(), ada, { prefix: name })];
  },
  'user by handle': async ({ conversation, warm }) => {
    const { ada, bob } = await conversation();
    return [() => findUserForCaller(warm, ada, bob.handle)];
  },
  'who am I, user not remembered': async ({ user, startFunction }) => {
    const { cognito_user_id } = await user();
    return [() => whoAmI(startFunction(), cognito_user_id, freshToken)];
  },
  'who am I, user remembered': async ({ user, warm }) => {
    const { cognito_user_id } = await user();
    await whoAmI(warm, cognito_user_id, freshToken);
    return [() => whoAmI(warm, cognito_user_id, freshToken)];
  },
  'sign-up, both triggers': async ({ warm }) => {
    const profile = { handle: letters(12), display_name: 'Ada North', email: 'ada@example.com' };
    const confirmed = { ...profile, cognito_user_id: randomUUID(), isEmailVerified: true };
    return [() => checkSignUp(warm, profile), () => completeSignUp(warm, confirmed)];
  },
  'change of a display name': async ({ user, warm }) => {
    const ada = await user();
    return [() => updateProfile(warm, ada, { display_name: 'Ada South' })];
  },
  'change of a setting': async ({ user, warm }) => {
    const ada = await user();
    return [() => updateProfile(warm, ada, { read_receipts: false })];
  },
  'ticket for a WebSocket': async ({ user, warm }) => {
    const ada = await user();
    return [() => createTicket(warm, ada, freshToken)];
  },
  'connect of a WebSocket': async ({ user, warm }) => {
    const ada = await user();
    const { ticket } = await createTicket(warm, ada, freshToken);
    return [() => admitConnection(warm, ticket), () => openConnection(socketDeps(warm), grantFor(ada), randomUUID())];
  },
  'end of a WebSocket': async ({ user, warm }) => {
    const ada = await user();
    const id = randomUUID();
    await openConnection(socketDeps(warm), grantFor(ada), id);
    return [() => closeConnection(warm, ada.user_uuid, id)];
  },
  'ping by a WebSocket': async ({ user, warm }) => {
    const frame = { connection_id: randomUUID(), grant: grantFor(await user()), body: { action: 'ping' } };
    return [() => answerFrame(socketDeps(warm), frame)];
  },
  'typing, told to one device': async (given) => {
    const { ada, bob, first } = await given.conversation();
    await connect(given, bob);
    const { message_group_uuid } = first;
    return [() => relayTyping(socketDeps(given.startFunction()), ada.user_uuid, { message_group_uuid })];
  },
  'sign out everywhere, two WebSockets': async (given) => {
    const ada = await given.user();
    await connect(given, ada, 2);
    return [() => endConnections(socketDeps(given.warm), ada)];
  },
  'deletion of an account, one WebSocket': async (given) => {
    const ada = await given.user();
    await connect(given, ada);
    const { cognito_user_id } = ada;
    const userPool = { deleteUser: async () => true };
    const caller = { cognito_user_id, accessToken: '', token: freshToken };
    return [() => eraseUser({ ...socketDeps(given.warm), userPool }, caller)];
  },
  'erasure of a conversation with 20 messages': async ({ conversation, warm }) => {
    const { ada, by } = await conversation();
    for (let n = 2; n <= 20; n++) await by(ada, warm).sends();
    await beginErasure(socketDeps(warm), ada.user_uuid);
    return [() => finishErasure(socketDeps(warm), ada.user_uuid, Number.POSITIVE_INFINITY)];
  },
  'push of a message, one device': pushToDevices(1),
  'push of a message, two devices': pushToDevices(2),
  'push of a message, two devices, nothing remembered': pushToDevices(2, false),
  'push of a message, nobody connected': pushToDevices(0),
  'send of 1,024 emoji, longest names': async ({ longConversation, warm }) => {
    const { ada, by, meets } = await longConversation();
    await meets();
    return [() => by(ada, warm).sends()];
  },
  'send of 1,024 emoji with Idempotency-Key, longest names': async ({ longConversation, warm }) => {
    const { ada, by, meets } = await longConversation();
    await meets();
    return [() => by(ada, warm).sends(emoji, 'k'.repeat(128))];
  },
  'projection of 1,024 emoji over a short message, longest names': projection(text, emoji, 'longConversation'),
  'projection of a short message over 1,024 emoji, longest names': projection(emoji, text, 'longConversation'),
  'projection of 1,024 emoji over 1,024 emoji, longest names': projection(emoji, emoji, 'longConversation'),
  'first contact of 1,024 emoji, longest names': async ({ longPair, warm }) => {
    const { ada, bob } = await longPair();
    return [() => sendMessage(warm, ada, { message: emoji, handle: bob.handle })];
  },
  'mark as read of 1,024 emoji, longest names': async ({ longConversation, warm }) => {
    const { bob, by, first } = await longConversation();
    return [() => by(bob, warm).reads(first)];
  },
  'page of 20 messages of 1,024 emoji, longest names': page(20, 'longPair'),
};

export { newGiven };
