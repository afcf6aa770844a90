import { examine, type Finding, repair } from '../../admin/doctor/examine.ts';
import { beginErasure } from '../../core/begin-erasure.ts';
import { blockUser } from '../../core/block-user.ts';
import { checkSignUp } from '../../core/check-sign-up.ts';
import { clearMessageGroup } from '../../core/clear-message-group.ts';
import { completeSignUp } from '../../core/complete-sign-up.ts';
import { countUnread } from '../../core/count-unread.ts';
import { createProfile } from '../../core/create-profile.ts';
import { createReport } from '../../core/create-report.ts';
import { createUser } from '../../core/create-user.ts';
import { deleteMessage } from '../../core/delete-message.ts';
import type { Deps } from '../../core/deps.ts';
import { editMessage } from '../../core/edit-message.ts';
import { DomainError, type ErrorCode } from '../../core/errors.ts';
import { type ExportPage, exportUser } from '../../core/export-user.ts';
import { findUserForCaller } from '../../core/find-user.ts';
import { findUsers } from '../../core/find-users.ts';
import { finishErasures } from '../../core/finish-erasures.ts';
import { getMessageGroup } from '../../core/get-message-group.ts';
import { listBlocks } from '../../core/list-blocks.ts';
import { listMessageGroups } from '../../core/list-message-groups.ts';
import { listMessages, type MessagePage } from '../../core/list-messages.ts';
import { markRead } from '../../core/mark-read.ts';
import { markUnread } from '../../core/mark-unread.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import type { Timestamp } from '../../core/model/time.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import { muteMessageGroup } from '../../core/mute-message-group.ts';
import { projectInbox } from '../../core/project-inbox.ts';
import { sendMessage } from '../../core/send-message.ts';
import type { Sockets } from '../../core/sockets/client.ts';
import { unblockUser } from '../../core/unblock-user.ts';
import { unmuteMessageGroup } from '../../core/unmute-message-group.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { freshToken } from '../support/fresh-token.ts';
import type { Client } from './client.ts';
import type { Request } from './plan.ts';
import { isOutage, isRefusal } from './process.ts';

/** Nobody is connected in a history. */
export const noSockets: Sockets = { post: async () => 'posted', end: async () => {} };

/** What a request is made with. */
export interface Situation {
  /** Calls the service: the process that serves the request may end on the way. */
  call: <Result>(verb: (deps: Deps) => Promise<Result>, options?: { isCommand?: boolean }) => Promise<Result>;
  request: Request;
  me: RegisteredUser;
  other: RegisteredUser;
  client: Client;
  /** A message that somebody knows, if there is one. */
  message: Message | undefined;
  /** The conversation of `me` and `other`, once somebody knows it. */
  conversation: string | undefined;
  /** How many doctors have begun so far. */
  doctors: () => number;
}

/**
 * A verb as users call it: it makes its call, and throws an Error that tells what is wrong with the answer. Which errors of the core
 * are right in any case stands in history.ts.
 */
export type Verb = (situation: Situation) => Promise<unknown>;

/** The verbs of the service, and the operator's programs that run beside them. A new verb of core/ needs an entry here. */
export const verbs = {
  sendToUser: ({ call, client, me, other, request }) =>
    client.send(me, other, request, undefined, (text, key) =>
      call((deps) => sendMessage(deps, me, { message: text, handle: spelling(other, request) }, key)),
    ),

  sendInConversation: ({ call, client, me, other, request, conversation }) =>
    client.send(me, other, request, conversation, (text, key) =>
      call((deps) =>
        sendMessage(
          deps,
          me,
          { message: text, ...(conversation ? { message_group_uuid: conversation } : { handle: other.handle }) },
          key,
        ),
      ),
    ),

  /** Sends something else under a key that was used already. */
  reuseKey: async ({ call, client, me, other, request: { choice } }) => {
    const sent = client.keyed(me);
    const request = sent[choice % sent.length];
    if (!request) return;
    const { text, key, to, conversation } = request;
    const elsewhere = client.conversationsOf(me).find((each) => each !== conversation);
    const otherRecipient = conversation
      ? elsewhere && { message_group_uuid: elsewhere }
      : other !== to && { handle: other.handle };
    const recipient = conversation ? { message_group_uuid: conversation } : { handle: to.handle };
    const input =
      choice % 2 === 0 && otherRecipient ? { message: text, ...otherRecipient } : { message: `${text}!`, ...recipient };
    await refused('idempotency_key_reused', () => call((deps) => sendMessage(deps, me, input, key)));
  },

  markRead: async ({ call, client, me, message }) => {
    if (!message) return;
    const { message_group_uuid, created_at } = message;
    const mark = () => call((deps) => markRead(deps, me, { message_group_uuid, created_at }));
    if (client.isParticipant(me, message)) return client.read(me, message, mark);
    await refused('message_group_unknown', mark);
  },

  /** Marks the newest message as read that there is to see: its sender may not have the answer yet. */
  readNewest: async ({ call, client, me, message }) => {
    if (!message || !client.isParticipant(me, message)) return;
    const { message_group_uuid } = message;
    const page = await call((deps) => listMessages(deps, me, { message_group_uuid, limit: 1 }));
    const [newest] = page.messages;
    if (!newest) return;
    const { created_at } = newest;
    await client.read(me, newest, () => call((deps) => markRead(deps, me, { message_group_uuid, created_at })));
  },

  clear: async ({ call, client, me, message }) => {
    if (!message) return;
    const { message_group_uuid, created_at } = message;
    const clear = () => call((deps) => clearMessageGroup(deps, me, { message_group_uuid, created_at }));
    if (client.isParticipant(me, message)) return client.clear(me, message, clear);
    await refused('message_group_unknown', clear);
  },

  mark: async ({ call, client, me, message, request: { choice } }) => {
    if (!message) return;
    const { message_group_uuid } = message;
    const verb = [muteMessageGroup, unmuteMessageGroup, markUnread][choice % 3] as typeof markUnread;
    const mark = () => call((deps) => verb(deps, me, { message_group_uuid }));
    if (client.isParticipant(me, message)) return mark();
    await refused('message_group_unknown', mark);
  },

  block: async ({ call, client, me, other, request: { choice } }) => {
    if (choice % 8 === 1) return refused('block_self', () => call((deps) => blockUser(deps, me, me)));
    const blocks = choice % 4 === 0;
    const verb = blocks ? blockUser : unblockUser;
    await client.block(me, other, blocks, () => call((deps) => verb(deps, me, other)));
  },

  /** Reports a conversation, or a message that the other user sent. */
  report: async ({ call, client, me, message, request: { choice } }) => {
    if (!message) return;
    const { message_group_uuid, created_at, sender } = message;
    const input = { message_group_uuid, reason: 'spam', ...(choice % 2 === 0 && { created_at }) };
    const report = () => call((deps) => createReport(deps, me, input));
    if (!client.isParticipant(me, message)) return refused('message_group_unknown', report);
    const isOwn = choice % 2 === 0 && sender.user_uuid === me.user_uuid;
    await (isOwn ? refused('report_self', report) : report()).catch((error) => {
      const isCleared = client.clearedBy(me, message_group_uuid).begun >= message.seq;
      if (!isCleared || !(error instanceof DomainError && error.is('message_unknown'))) throw error;
    });
  },

  listBlocks: async ({ call, me, request: { limit } }) => {
    const { blocks } = await call((deps) => listBlocks(deps, me, { limit }));
    if (blocks.length > limit || blocks.some(({ user }) => user.user_uuid === me.user_uuid))
      throw new Error(`${blocks.length} blocked users, of at most ${limit}`);
  },

  /** Erases one user of a history: the others go on. */
  erase: async ({ call, client, me, request: { choice } }) => {
    if (client.blocks.gone.size > 0 || choice % 2 === 0) return;
    await client.erase(me, () => call((deps) => beginErasure({ ...deps, sockets: noSockets }, me.user_uuid)));
  },

  /** Goes on with the erasures, as the function does that runs once a minute. */
  finishErasures: async ({ call, request: { choice } }) => {
    const { failures } = await call(
      (deps) => finishErasures({ ...deps, sockets: noSockets }, deps.table.runtime.millis() + 10 * choice),
      { isCommand: true },
    );
    for (const { error } of failures) if (!isRefusal(error) && !isOutage(error)) throw error;
  },

  edit: (situation) => changes(situation, true, (deps, me, input) => editMessage(deps, me, input)),

  delete: (situation) => changes(situation, false, (deps, me, { message: _, ...id }) => deleteMessage(deps, me, id)),

  /** Reads a whole conversation backwards, page by page. */
  readBack: async ({ call, client, me, message, request: { limit } }) => {
    if (!message) return;
    const { message_group_uuid } = message;
    const page = (cursor?: string) => call((deps) => listMessages(deps, me, { message_group_uuid, limit, cursor }));
    if (!client.isParticipant(me, message)) return refused('message_group_unknown', () => page());
    const newest = client.newestKnown(message_group_uuid);
    const cleared = client.clearedBy(me, message_group_uuid);
    const { answered } = cleared;
    const wrongIn = client.changesSoFar();
    const read: Message[] = [];
    let next: MessagePage['next'];
    do {
      const answer: MessagePage = await page(next && 'cursor' in next ? next.cursor : undefined);
      if (answer.finalGaps) throw new Error('a gap is called final');
      for (const wrong of answer.messages.map(wrongIn)) if (wrong) throw new Error(wrong);
      read.unshift(...answer.messages);
      next = answer.next;
    } while (next);
    const first = read[0]?.seq ?? cleared.begun + 1;
    if (read.some(({ seq }, n) => seq !== first + n)) throw new Error(`read ${read.map(({ seq }) => seq)}`);
    // While it is being cleared, the conversation may begin with any message up to there.
    if (first <= answered || first > cleared.begun + 1)
      throw new Error(`the conversation seems to begin with message ${first}, cleared up to ${answered}`);
    if (first + read.length <= newest)
      throw new Error(`read up to ${first + read.length - 1}, although ${newest} was known before`);
  },

  /** Reads an export: all that is there from its beginning to its end must be in it. */
  exportUser: async ({ call, client, me, request: { limit } }) => {
    const known = client.model.acknowledged().filter((message) => client.isParticipant(me, message));
    const clearedOf = (of: Message) => ({ ...client.clearedBy(me, of.message_group_uuid) });
    const before = new Map(known.map((message) => [message.message_group_uuid, clearedOf(message)]));
    const wrongIn = client.changesSoFar();
    const found = new Set<Uuid>();
    let cursor: string | undefined;
    for (let pages = 0; pages === 0 || cursor !== undefined; pages++) {
      if (pages > 500) throw new Error('the export does not end');
      const page: ExportPage = await call((deps) => exportUser(deps, me, { cursor }, limit));
      if (page.finalGaps.length > 0) throw new Error('a gap is called final');
      for (const entry of page.entries) {
        if (entry.type === 'report' && entry.report.reporter_uuid !== me.user_uuid)
          throw new Error('the export has a report of another user');
        if (entry.type !== 'message') continue;
        const { message } = entry;
        const wrong = wrongIn(message);
        if (wrong) throw new Error(wrong);
        const { answered = 0 } = before.get(message.message_group_uuid) ?? {};
        if (message.sender.user_uuid !== me.user_uuid && message.seq <= answered)
          throw new Error(`the export has message ${message.seq}, cleared up to ${answered}`);
        found.add(message.message_uuid);
      }
      cursor = page.next?.cursor;
    }
    if (client.mayBeGone(me)) return; // what was there at the beginning may have been erased
    for (const message of known) {
      const { begun, answered } = before.get(message.message_group_uuid) as { begun: number; answered: number };
      const mayBeCleared = begun !== answered || clearedOf(message).begun !== begun;
      const isCleared = message.sender.user_uuid !== me.user_uuid && message.seq <= answered;
      if (!mayBeCleared && !isCleared && !found.has(message.message_uuid))
        throw new Error(`the export lacks message ${message.seq} of ${message.message_group_uuid}`);
    }
  },

  /** Asks for what is newer than the newest message that the user has, as a client does that was away. */
  catchUp: async ({ call, client, me, message, request: { limit } }) => {
    if (!message || !client.isParticipant(me, message)) return;
    const { message_group_uuid } = message;
    const newest = client.newestKnown(message_group_uuid);
    const cleared = client.clearedBy(me, message_group_uuid);
    let from = client.seenBy(me, message_group_uuid) ?? message;
    for (let more = true; more; ) {
      const page = await call((deps) => listMessages(deps, me, { message_group_uuid, after: from.created_at, limit }));
      for (const next of page.messages) {
        if (next.seq !== from.seq + 1 && (next.seq <= from.seq || next.seq > cleared.begun + 1))
          throw new Error(`message ${next.seq} came after ${from.seq}`);
        from = next;
      }
      more = page.next !== undefined;
    }
    if (from.seq < newest && newest > cleared.begun)
      throw new Error(`it ended at ${from.seq}, although ${newest} was known before`);
    client.sees(me, from);
  },

  readState: async ({ call, client, me, message }) => {
    if (!message) return;
    const { message_group_uuid } = message;
    const state = () => call((deps) => getMessageGroup(deps, me, { message_group_uuid }));
    if (!client.isParticipant(me, message)) return refused('message_group_unknown', state);
    const newest = client.newestKnown(message_group_uuid);
    const { row, seq, read, cleared } = await state();
    if (row.message !== '' || cleared === undefined) client.shown(row.message, seq);
    if (seq < newest) throw new Error(`seq ${seq}, although ${newest} was known before`);
    if (row.unread_count < 0 || row.unread_count > seq || (read ?? 0) > seq)
      throw new Error(`${row.unread_count} unread of ${seq}`);
  },

  readInbox: async ({ call, client, me, request: { limit } }) => {
    const shown: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await call((deps) => listMessageGroups(deps, me, { limit, cursor }));
      if (new Set(page.rows.map(({ message_group_uuid }) => message_group_uuid)).size < page.rows.length)
        throw new Error('a page of the inbox shows a conversation twice');
      for (const { message, unread_count, other } of page.rows) {
        if (!client.wasSent(message)) throw new Error(`the inbox shows ${message}`);
        if (unread_count < 0) throw new Error(`${unread_count} unread`);
        if (other.user_uuid === me.user_uuid) throw new Error('the inbox names its owner');
        shown.push(message);
      }
      cursor = page.next?.cursor;
    } while (cursor);
    if (shown.length > 40) throw new Error('the inbox does not end');
  },

  countUnread: async ({ call, me, client }) => {
    const { unread_count, message_groups, more } = await call((deps) => countUnread(deps, me));
    const most = client.model.started.size;
    if (more || message_groups > unread_count || unread_count > most)
      throw new Error(`${unread_count} unread messages in ${message_groups} conversations, of ${most} messages`);
  },

  findUser: async ({ call, me, other, conversation }) => {
    const found = await call((deps) => findUserForCaller(deps, me, `@${other.handle.toUpperCase()}`));
    if (found.user.user_uuid !== other.user_uuid)
      throw new Error(`${found.user.handle} found instead of ${other.handle}`);
    if (conversation && found.message_group_uuid !== conversation)
      throw new Error(`${found.message_group_uuid} instead of ${conversation}`);
  },

  findUsers: async ({ call, client, me, other, request: { limit, choice } }) => {
    const prefix = [other.handle, `${other.handle} user`, 'us'][choice % 3] as string;
    const { rows } = await call((deps) => findUsers(deps, me, { prefix, limit }));
    if (client.mayBeGone(other)) return;
    const ids = rows.map(({ user_uuid }) => user_uuid);
    if (ids.length > limit || new Set(ids).size < ids.length) throw new Error(`${ids.length} users found`);
    if (prefix === other.handle && !ids.includes(other.user_uuid)) throw new Error(`${prefix} is not found`);
  },

  /** Signs up a user under a handle and with an identity that another one may have: in each of the ways that there are. */
  signUp: ({ call, client, request: { choice, limit, key } }) => {
    const isVerified = key !== 0 || limit === 1;
    return client.signUp({ n: choice % 3, identity: (choice >> 2) % 3, isVerified }, (input) =>
      call(async (deps) => {
        if (limit === 1) return createUser(deps, input);
        if (limit === 2) return completeSignUp(deps, { ...input, isEmailVerified: isVerified });
        const userPool = { emailOf: async () => ({ email: input.email, isVerified }) };
        return createProfile({ ...deps, userPool }, { ...input, accessToken: '', token: freshToken }, input);
      }),
    );
  },

  checkSignUp: async ({ call, client, other }) => {
    const check = () => call((deps) => checkSignUp(deps, { handle: other.handle, email: 'new@example.com' }));
    // While their handle is being reserved, neither item may be seen. The write of the new user decides then.
    await refused('handle_taken', check).catch((error) => {
      if (!client.mayBeGone(other)) throw error;
    });
  },

  updateProfile: async ({ call, me, request: { choice, limit } }) => {
    const display_name = `${me.display_name} the ${choice}th`;
    const read_receipts = choice % 2 === 0;
    const changes = [{ display_name }, { read_receipts }, { display_name, read_receipts }][limit % 3] as object;
    const after = await call((deps) => updateProfile(deps, me, changes));
    for (const [name, value] of Object.entries(changes))
      if (after[name as 'display_name'] !== value) throw new Error(`${name} is ${after[name as 'display_name']}`);
  },

  whoAmI: async ({ call, me }) => {
    const { user_uuid } = await call((deps) => whoAmI(deps, me.cognito_user_id, freshToken));
    if (user_uuid !== me.user_uuid) throw new Error(`${user_uuid} instead of ${me.user_uuid}`);
  },

  /** The operator sends the records of a failure again. */
  redrive: async ({ call, conversation }) => {
    if (conversation) await call((deps) => projectInbox(deps, conversation as never));
  },

  /** The operator repairs the table while it is in use. What it reports then may be out of date; what it writes must not be. */
  doctor: ({ call, doctors }) =>
    call(
      async (deps) => {
        const context = { ...deps, grace: 20 }; // milliseconds: longer than an item of a transaction is hidden
        for await (const diagnosis of examine(context, { segments: 2 })) {
          const wrong = diagnosis.findings.filter((finding) => !mayBe(finding, doctors() > 1));
          if (wrong.length > 0) throw new Error(`the doctor reports ${JSON.stringify(wrong)}`);
          await repair(context, diagnosis);
        }
      },
      { isCommand: true },
    ),
} satisfies Record<string, Verb>;

/**
 * Whether the doctor may find this in a sound table: rows that the projector has not written yet, or that another doctor is repairing.
 * @param isRepaired whether there is or was another doctor: it deletes a hidden row before the projector writes a new one
 */
const mayBe = ({ code, field }: Finding, isRepaired: boolean) =>
  code === 'inbox_row_misplaced' ||
  (code === 'inbox_row_missing' && isRepaired) ||
  (code === 'inbox_row_stale' && (field === 'last_message_at' || field === 'message')) ||
  (code === 'head_time_wrong' && field !== 'last_message_at');

/** Changes a message, which only its sender may. */
async function changes(
  { call, client, me, message }: Situation,
  isEdit: boolean,
  verb: (
    deps: Deps,
    me: RegisteredUser,
    input: { message_group_uuid: Uuid; created_at: Timestamp; message: string },
  ) => Promise<unknown>,
): Promise<void> {
  if (!message) return;
  const { message_group_uuid, created_at, sender } = message;
  const change = (text: string) => call((deps) => verb(deps, me, { message_group_uuid, created_at, message: text }));
  if (!client.isParticipant(me, message)) return refused('message_group_unknown', () => change('not mine'));
  if (sender.user_uuid === me.user_uuid) return client.change(me, message, isEdit, change);
  await refused('message_not_yours', () => change('not mine')).catch((error) => {
    const isCleared = client.clearedBy(me, message_group_uuid).begun >= message.seq;
    if (!isCleared || !(error instanceof DomainError && error.is('message_unknown'))) throw error;
  });
}

/** A handle as a user may write it. */
const spelling = ({ handle }: RegisteredUser, { choice }: Request) =>
  choice % 2 === 0 ? handle : `@${handle.toUpperCase()}`;

export type VerbName = keyof typeof verbs;

const often: VerbName[] = [
  'sendToUser',
  'sendInConversation',
  'sendInConversation',
  'sendInConversation',
  'markRead',
  'readNewest',
  'catchUp',
  'readBack',
];
/** Each verb as often as users call it. */
export const verbNames: readonly VerbName[] = [...(Object.keys(verbs) as VerbName[]), ...often, ...often];

/** @throws Error if the call succeeds; any other error of the call */
export async function refused(code: ErrorCode, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if ((error as { is?: (code: ErrorCode) => boolean }).is?.(code)) return;
    throw error;
  }
  throw new Error(`not refused by ${code}`);
}
