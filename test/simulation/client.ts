import { DomainError, type ErrorCode } from '../../core/errors.ts';
import type { Message } from '../../core/model/message.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import type { Conversation, Stored } from '../faults/stored.ts';
import { type Answer, Model } from '../support/model.ts';
import type { Request } from './plan.ts';
import { Crash } from './process.ts';

/** What the users of a history know: what they sent, what was answered, what they have seen. */
export class Client {
  readonly model = new Model();
  /** By user and conversation: the newest message that the user has seen, and all before it. */
  readonly #seen = new Map<string, Message>();
  readonly #signedUp = new Map<number, string>();
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
    await this.#attempt({ from, to, text, key: key === undefined ? undefined : text, conversation }, call);
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
    const answer = await this.model.send(request, () => answerOf(() => call(request.text, request.key)));
    if (typeof answer === 'object')
      this.#participants.set(answer.accepted.message_group_uuid, [request.from.user_uuid, request.to.user_uuid]);
    return answer;
  }

  read(me: RegisteredUser, message: Message, call: () => Promise<void>): Promise<void> {
    return this.model.read(me, message, () => answerOf(call));
  }

  /** Signs up one of a few users, who may have signed up already, under the handle of one of them. */
  async signUp(n: number, call: (input: object) => Promise<RegisteredUser>): Promise<void> {
    const input = {
      handle: `new${n}`,
      display_name: `New ${n}`,
      cognito_user_id: `sub${n}`,
      email: `new${n}@example.com`,
    };
    const { user_uuid } = await call(input);
    const known = this.#signedUp.get(n);
    if (known !== undefined && known !== user_uuid) throw new Error(`the handle new${n} has two users`);
    this.#signedUp.set(n, user_uuid);
  }

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

  wasSent = (text: string) => this.model.started.has(text);

  conversationOf = (one: RegisteredUser, other: RegisteredUser) =>
    [...this.#participants].find(([, users]) => users.includes(one.user_uuid) && users.includes(other.user_uuid))?.[0];

  violations = (stored: Stored) => this.model.violations(stored);
}

/** The stored items by conversation, as the invariants look at them. */
export function storedIn(items: Iterable<Record<string, unknown>>): Stored {
  const all = [...items].sort((one, other) => (String(one.sk) < String(other.sk) ? -1 : 1));
  const under = (prefix: string) => all.filter(({ pk }) => String(pk).startsWith(prefix));
  const rows = under('GRP#');
  const pairs = new Map(under('PAIR#').map((pair) => [String(pair.message_group_uuid), String(pair.pk).split('#')]));
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
  return { conversations, rows, receipts: under('SENT#') };
}

/** What a caller learns from a call: see {@link Answer}. @throws every error that shows a bug */
async function answerOf<Result>(call: () => Promise<Result>): Promise<Answer<Result>> {
  try {
    return { accepted: await call() };
  } catch (error) {
    if (isRefusal(error)) return 'rejected';
    if (isOutage(error)) return 'unknown';
    throw error;
  }
}

const retryable: ErrorCode[] = ['message_group_busy', 'throttled'];
/** Nothing was written, and the caller may try again. */
export const isRefusal = (error: unknown) => error instanceof DomainError && retryable.some((code) => error.is(code));

/** The connection broke, or the process ended: the caller does not know what happened. */
export function isOutage(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string };
  return error instanceof Crash || code === 'ECONNRESET' || name === 'TimeoutError';
}
