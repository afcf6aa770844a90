import { DomainError } from '../../core/errors.ts';
import type { Message } from '../../core/model/message.ts';
import type { RegisteredUser, User } from '../../core/model/user.ts';
import type { Conversation, Stored } from '../faults/stored.ts';
import { type Answer, Model, type SendRequest } from '../support/model.ts';
import { Blocks, isBlocked } from './blocks.ts';
import type { Request } from './plan.ts';
import { isOutage, isRefusal } from './process.ts';

type Keyed = SendRequest & { key: string; from: RegisteredUser; to: RegisteredUser; conversation: string | undefined };
type SignUp = Record<'handle' | 'display_name' | 'cognito_user_id' | 'email', string>;

/** What the users of a history know: what they sent, what was answered, what they have seen. */
export class Client {
  readonly model = new Model();
  readonly blocks = new Blocks();
  /** By user and conversation: the newest message that the user has seen, and all before it. */
  readonly #seen = new Map<string, Message>();
  /** By handle and by identity: the user. */
  readonly #signedUp = new Map<string, string>();
  readonly #cleared = new Map<string, { begun: number; answered: number }>();
  readonly #shown: { text: string; seq: number }[] = [];
  /** By message_uuid: the text that was sent. */
  readonly #originals = new Map<string, string>();
  #edits = 0;
  readonly #participants = new Map<string, string[]>();

  /** Sends a message, again under the same key if the request has one. */
  async send(
    from: RegisteredUser,
    to: RegisteredUser,
    { key }: Pick<Request, 'key'>,
    conversation: string | undefined,
    call: (text: string, key: string | undefined) => Promise<Message>,
  ): Promise<void> {
    const place = conversation ? 'in' : 'to';
    const label = key === undefined ? `#${this.model.started.size}` : `key${key}`;
    const text = `${from.handle}_${place}_${to.handle}_${label}`;
    // Two users may use the same key.
    const ownKey = key === undefined ? undefined : `${place}_${to.handle}_${label}`;
    await this.#attempt({ from, to, text, key: ownKey, conversation }, call);
  }

  /** Sends every keyed message again whose answer never came. */
  async sendAgain(
    call: (
      request: { from: RegisteredUser; to: RegisteredUser; conversation?: string | undefined },
      text: string,
      key: string,
    ) => Promise<Message>,
  ): Promise<void> {
    for (const request of this.model.unacknowledged()) {
      if (this.mayBeGone(request.from, request.to)) continue;
      const { from, to, text, key } = request as {
        from: RegisteredUser;
        to: RegisteredUser;
        text: string;
        key: string;
        conversation?: string;
      };
      const answer = await this.#attempt(request as never, () => call(request as never, text, key));
      if (typeof answer === 'string')
        throw new Error(`${text} from ${from.handle} to ${to.handle} was sent again in vain`);
    }
  }

  async #attempt(
    request: {
      from: RegisteredUser;
      to: RegisteredUser;
      text: string;
      key: string | undefined;
      conversation: string | undefined;
    },
    call: (text: string, key: string | undefined) => Promise<Message>,
  ): Promise<Answer<Message>> {
    const isRepeated = this.model.started.has(request.text);
    const answer = await this.model.send(request, () =>
      answerOf(
        () => this.blocks.guard(request.from, request.to, isRepeated, () => call(request.text, request.key)),
        (error) => isBlocked(error) || this.isOfErasure(error, request.from, request.to),
      ),
    );
    if (typeof answer === 'object') {
      this.#participants.set(answer.accepted.message_group_uuid, [request.from.user_uuid, request.to.user_uuid]);
      this.#originals.set(answer.accepted.message_uuid, request.text);
    }
    return answer;
  }

  block(me: RegisteredUser, other: RegisteredUser, isBlocked: boolean, call: () => Promise<void>): Promise<void> {
    return this.blocks.change(me, other, isBlocked, () =>
      answerOf(call, (error) => this.isOfErasure(error, me, other)),
    );
  }

  read(me: RegisteredUser, message: Message, call: () => Promise<void>): Promise<void> {
    return this.model.read(me, message, () => answerOf(call));
  }

  /** Clears a conversation up to a message. */
  async clear(me: RegisteredUser, message: Message, call: () => Promise<void>): Promise<void> {
    const cleared = this.clearedBy(me, message.message_group_uuid);
    cleared.begun = Math.max(cleared.begun, message.seq);
    await this.model.read(
      me,
      message,
      async () => {
        const answer = await answerOf(call);
        if (typeof answer === 'object') cleared.answered = Math.max(cleared.answered, message.seq);
        return answer;
      },
      true,
    );
  }

  /** Erases a user: from the beginning on, whatever concerns them may be refused. */
  async erase(user: RegisteredUser, call: () => Promise<void>): Promise<void> {
    this.blocks.gone.add(user.user_uuid);
    await answerOf(call);
  }

  /** Whether the erasure of one of these users explains an error. */
  isOfErasure = (error: unknown, ...users: Pick<User, 'user_uuid'>[]) =>
    this.mayBeGone(...users) && error instanceof DomainError && ofErasure.some((code) => error.is(code));

  mayBeGone = (...users: Pick<User, 'user_uuid'>[]) => users.some(({ user_uuid }) => this.blocks.gone.has(user_uuid));

  /** The participants of the conversation of a message. */
  participantsOf = ({ message_group_uuid }: Pick<Message, 'message_group_uuid'>) =>
    (this.#participants.get(message_group_uuid) ?? []).map((user_uuid) => ({
      user_uuid: user_uuid as User['user_uuid'],
    }));

  /** The highest numbers of a message up to which a user cleared the conversation, or began to. */
  clearedBy(user: RegisteredUser, conversation: string): { begun: number; answered: number } {
    const id = `${user.user_uuid} ${conversation}`;
    const cleared = this.#cleared.get(id) ?? { begun: 0, answered: 0 };
    this.#cleared.set(id, cleared);
    return cleared;
  }

  /** The sends of a user that were answered and had a key. */
  keyed = (user: RegisteredUser): Keyed[] =>
    this.model.sends
      .filter(({ subject, answer }) => subject.from === user && subject.key !== undefined && typeof answer === 'object')
      .map(({ subject }) => subject as Keyed);

  conversationsOf = (user: RegisteredUser) =>
    [...this.#participants].filter(([, users]) => users.includes(user.user_uuid)).map(([conversation]) => conversation);

  /** A newest message, and its number, as they were shown together. A deleted one tells nothing. */
  shown(text: string, seq: number): void {
    if (text !== '') this.#shown.push({ text: originalIn(text), seq });
  }

  /**
   * Edits a message of the user's, or deletes it.
   * @param call gets a text that no other edit has
   */
  async change(
    me: RegisteredUser,
    message: Message,
    isEdit: boolean,
    call: (text: string) => Promise<unknown>,
  ): Promise<void> {
    const { message_uuid, message_group_uuid, seq } = message;
    const original = this.#originals.get(message_uuid) ?? message.message;
    const change = this.model.changes.get(message_uuid) ?? {
      original,
      texts: new Set(),
      deletion: 'none',
      revision: 0,
    };
    this.model.changes.set(message_uuid, change);
    const text = `${original}~${this.#edits++}`;
    if (isEdit) change.texts.add(text);
    else if (change.deletion === 'none') change.deletion = 'begun';
    const answer = await answerOf(async () => {
      try {
        const other = { user_uuid: this.#otherThan(me, message_group_uuid) } as User;
        return await (isEdit ? this.blocks.guard(me, other, false, () => call(text)) : call(text));
      } catch (error) {
        const isAllowed =
          error instanceof DomainError &&
          ((isEdit && isBlocked(error)) ||
            this.isOfErasure(error, me) ||
            (error.is('message_deleted') && change.deletion !== 'none') ||
            (error.is('message_unknown') && this.clearedBy(me, message_group_uuid).begun >= seq));
        if (!isAllowed) throw error;
        return 'refused';
      }
    });
    if (answer === 'rejected' || (typeof answer === 'object' && answer.accepted === 'refused'))
      change.texts.delete(text);
    else if (typeof answer === 'object' && isEdit)
      change.revision = Math.max(change.revision, (answer.accepted as Message).revision ?? 0);
    else if (typeof answer === 'object') change.deletion = 'answered';
  }

  /** What a list must show of the changes that are answered by now. */
  changesSoFar(): (shown: Message) => string | undefined {
    const known = new Map([...this.model.changes].map(([id, { revision, deletion }]) => [id, { revision, deletion }]));
    return ({ message_uuid, message, revision = 0 }) => {
      const { revision: least = 0, deletion } = known.get(message_uuid) ?? {};
      if (deletion === 'answered' && message !== '') return `${message} is shown although it was deleted`;
      return revision < least ? `${message} is shown in revision ${revision} after ${least}` : undefined;
    };
  }

  /** Signs up one of a few users, who may have signed up already, under one of a few handles. */
  async signUp(
    { n, identity, isVerified }: { n: number; identity: number; isVerified: boolean },
    call: (input: SignUp) => Promise<User | DomainError>,
  ): Promise<void> {
    const input = {
      handle: `new${n}`,
      display_name: `New ${n}`,
      cognito_user_id: `sub${identity}`,
      email: `new${identity}@example.com`,
    };
    const [ofHandle, ofIdentity] = [this.#signedUp.get(input.handle), this.#signedUp.get(input.cognito_user_id)];
    const answer = await call(input).catch((error: unknown) => {
      if (error instanceof DomainError) return error;
      throw error;
    });
    if (!(answer instanceof DomainError)) {
      if (!isVerified) throw new Error('an unverified address is stored');
      for (const name of [input.handle, input.cognito_user_id]) {
        const known = this.#signedUp.get(name);
        if (known !== undefined && known !== answer.user_uuid) throw new Error(`${name} has two users`);
        this.#signedUp.set(name, answer.user_uuid);
      }
    } else if (answer.is('email_unverified')) {
      if (isVerified) throw answer;
    } else if (!answer.is('handle_taken') && !answer.is('identity_taken')) throw answer;
    else if (ofHandle !== undefined && ofHandle === ofIdentity) throw answer;
  }

  #otherThan = (user: RegisteredUser, conversation: string) =>
    this.#participants.get(conversation)?.find((each) => each !== user.user_uuid);

  isParticipant = (user: RegisteredUser, { message_group_uuid }: Message) =>
    this.#participants.get(message_group_uuid)?.includes(user.user_uuid) === true;

  /** The highest number of a message of the conversation that was answered so far. */
  newestKnown = (conversation: string) =>
    Math.max(
      0,
      ...this.model
        .acknowledged()
        .filter(({ message_group_uuid }) => message_group_uuid === conversation)
        .map(({ seq }) => seq),
    );

  seenBy = (user: RegisteredUser, conversation: string) => this.#seen.get(`${user.user_uuid} ${conversation}`);
  sees(user: RegisteredUser, message: Message): void {
    this.#seen.set(`${user.user_uuid} ${message.message_group_uuid}`, message);
  }

  wasSent = (text: string) => text === '' || this.model.started.has(originalIn(text));

  conversationOf = (one: RegisteredUser, other: RegisteredUser) =>
    [...this.#participants].find(([, users]) => users.includes(one.user_uuid) && users.includes(other.user_uuid))?.[0];

  violations(stored: Stored): string[] {
    const seqs = new Map(
      stored.conversations.flatMap(({ messages }) => messages.map((item) => [this.model.originalOf(item), item.seq])),
    );
    const wrong = this.#shown.filter(({ text, seq }) => seqs.get(text) !== seq);
    return [...this.model.violations(stored), ...wrong.map(({ text, seq }) => `${text} was shown as message ${seq}`)];
  }
}

/** How a request is refused that concerns a user who was erased. */
const ofErasure = [
  'user_gone',
  'user_unknown',
  'person_unknown',
  'handle_unknown',
  'recipient_unavailable',
  'message_deleted',
] as const;

/** The text that a message was sent with, by a text of it that was shown. */
const originalIn = (text: string) => text.split('~')[0] as string;

/** The stored items by conversation, as the invariants look at them. */
export function storedIn(items: Iterable<Record<string, unknown>>): Stored {
  const all = [...items].sort((one, other) => (String(one.sk) < String(other.sk) ? -1 : 1));
  const under = (prefix: string) => all.filter(({ pk }) => String(pk).startsWith(prefix));
  const rows = [...under('GRP#'), ...under('HIDDEN#')];
  const begun = under('PAIR#').filter(({ message_group_uuid }) => message_group_uuid !== undefined);
  const pairs = new Map(begun.map((pair) => [String(pair.message_group_uuid), String(pair.pk).split('#')]));
  const ids = new Set([
    ...pairs.keys(),
    ...[...under('HEAD#'), ...under('MSG#')].map(({ pk }) => String(pk).split('#')[1] as string),
  ]);
  for (const { message_group_uuid } of rows) ids.add(String(message_group_uuid));
  const conversations = [...ids].map((conversation): Conversation => {
    const [, one = '', other = ''] = pairs.get(conversation) ?? [];
    return {
      conversation,
      participants: [one, other],
      head: all.find(({ pk }) => pk === `HEAD#${conversation}`),
      messages: all.filter(({ pk }) => pk === `MSG#${conversation}`),
      rows: rows.filter(({ message_group_uuid }) => message_group_uuid === conversation),
    };
  });
  return { conversations, rows, receipts: under('SENT#'), pairs: under('PAIR#'), blocks: under('BLOCK#') };
}

/**
 * What a caller learns from a call: see {@link Answer}.
 * @param mayRefuse other errors that say that nothing was written
 * @throws every error that shows a bug
 */
async function answerOf<Result>(
  call: () => Promise<Result>,
  mayRefuse = (_: unknown) => false,
): Promise<Answer<Result>> {
  try {
    return { accepted: await call() };
  } catch (error) {
    if (isRefusal(error) || mayRefuse(error)) return 'rejected';
    if (isOutage(error)) return 'unknown';
    throw error;
  }
}
