import type { Message, MessageGroup, MessageGroupState } from '../../../web/src/api/schema.ts';
import type { ServiceEvent } from '../../../web/src/data/events.ts';

// The service in memory: what it stores of the conversations of one user, what the routes of the client answer, and the events.

type Side = 'me' | 'other';

/** A conversation of the user with one other user, as the service stores it. */
export interface Conversation {
  uuid: string;
  other: string;
  messages: Message[];
  version: number;
  /** The version that the row reflects. */
  shownVersion: number;
  read: Record<Side, number>;
  cleared: string;
  muted: boolean;
  marked_unread: boolean;
  /** The inbox row, which the projector brings up to date after a while. */
  row: { created_at: string; message: string; unread_count: number; revision: number } | undefined;
}

interface Answer {
  status: number;
  body?: unknown;
  link?: string;
}

const pageSize = 4; // so that short conversations have several pages

export class Service {
  readonly conversations: Conversation[];
  readonly #now: () => number;
  readonly #emit: (event: ServiceEvent) => void;
  readonly #project: (run: () => void) => void;
  readonly #byKey = new Map<string, Message>();
  #lastTime = '';
  #count = 0;
  readonly #name: string;

  /**
   * @param name makes the UUIDs unique
   * @param emit receives each event
   * @param project calls its argument after a while: a projector is late
   */
  constructor(
    name: string,
    given: { now: () => number; emit: (event: ServiceEvent) => void; project: (run: () => void) => void },
  ) {
    this.#name = name;
    this.#now = given.now;
    this.#emit = given.emit;
    this.#project = given.project;
    this.conversations = ['bo', 'cy', 'di'].map((other) => ({
      uuid: `${name}-${other}`,
      other,
      messages: [],
      version: 0,
      shownVersion: 0,
      read: { me: 0, other: 0 },
      cleared: '',
      muted: false,
      marked_unread: false,
      row: undefined,
    }));
  }

  send(to: Conversation, side: Side, text: string): Message {
    const user = side === 'me' ? 'me' : to.other;
    const message: Message = {
      uuid: `${this.#name}-${++this.#count}`,
      user_uuid: user,
      handle: user,
      display_name: user,
      message: text,
      created_at: this.#time(),
      seq: to.messages.length + 1,
      sender_seq: sent(to, side) + 1,
      revision: 0,
    };
    to.messages.push(message);
    this.#tell('message.created', to, message);
    if (!to.row) this.#writeRow(to, message);
    else this.#projectLater(to);
    return message;
  }

  /** Changes the text of a message; deletes it, if there is no text. */
  change(of: Conversation, message: Message, text: string | undefined): Message {
    const index = of.messages.indexOf(message);
    if (index < 0 || message.deleted_at !== undefined) return message;
    const revision = message.revision + 1;
    const changed: Message =
      text === undefined
        ? { ...message, message: '', revision, deleted_at: this.#time() }
        : { ...message, message: text, revision, edited_at: this.#time() };
    of.messages[index] = changed;
    of.version++;
    this.#tell('message.updated', of, changed);
    this.#projectLater(of);
    return changed;
  }

  markRead(of: Conversation, side: Side, upTo: Message): void {
    const before = of.read[side];
    const isOwn = (upTo.user_uuid === 'me') === (side === 'me');
    of.read[side] = Math.max(before, isOwn ? upTo.seq - upTo.sender_seq : upTo.sender_seq);
    const hasChanged = of.read[side] !== before;
    if (hasChanged) {
      const user_uuid = side === 'me' ? 'me' : of.other;
      this.#emit({ type: 'message_group.read', message_group_uuid: of.uuid, user_uuid, read: of.read[side] });
    }
    if (side === 'me' && (hasChanged || of.marked_unread)) {
      of.marked_unread = false;
      this.#rewriteRow(of);
    }
  }

  clear(of: Conversation, upTo: Message): void {
    if (upTo.created_at <= of.cleared) return;
    of.cleared = upTo.created_at;
    this.#emit({ type: 'message_group.cleared', message_group_uuid: of.uuid, cleared: of.cleared });
    const before = of.read.me;
    this.markRead(of, 'me', upTo);
    if (of.read.me === before) this.#rewriteRow(of);
  }

  mark(of: Conversation, marks: Partial<Pick<Conversation, 'muted' | 'marked_unread'>>): void {
    Object.assign(of, marks);
    this.#rewriteRow(of);
  }

  /** Brings the row up to date, as the projector does after each change. */
  projectAll(): void {
    for (const each of this.conversations) this.#bringUpToDate(each);
  }

  inbox(): MessageGroup[] {
    return this.conversations
      .filter(({ row, cleared }) => row && row.created_at > cleared)
      .map((each) => rowOf(each))
      .sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  }

  visible({ messages, cleared }: Conversation): Message[] {
    return messages.filter(({ created_at }) => created_at > cleared);
  }

  /** Answers a request of the client. */
  answer(method: string, path: string, body: Record<string, string>, key: string | null): Answer {
    const [pathname = '', search] = path.split('?');
    const [, , kind, uuid, what] = pathname.split('/').map(decodeURIComponent);
    if (kind === 'realtime') return { status: 201, body: { url: 'wss://live', ticket: 't', expires_in: 60 } };
    if (method === 'POST') return { status: 200, body: this.#sendOnce(body, key ?? '') };
    if (uuid === undefined) return { status: 200, body: this.inbox() };
    const conversation = this.conversations.find((each) => each.uuid === uuid);
    if (!conversation?.row) return { status: 404 };
    if (kind === 'messages' && what) return this.#changed(method, conversation, what, body.message);
    if (kind === 'messages') return this.#page(conversation, new URLSearchParams(search));
    if (method === 'GET') return { status: 200, body: this.state(conversation) };
    const upTo = conversation.messages.find(({ created_at }) => created_at === body.created_at);
    if (what === 'mute') this.mark(conversation, { muted: method === 'PUT' });
    else if (what === 'unread') this.mark(conversation, { marked_unread: true });
    else if (!upTo) return { status: 404 };
    else if (what === 'read') this.markRead(conversation, 'me', upTo);
    else this.clear(conversation, upTo);
    return { status: 204 };
  }

  state(of: Conversation): MessageGroupState {
    const { version, cleared, read, messages } = of;
    const isHidden = (of.row?.created_at ?? '') <= cleared;
    const row = { ...rowOf(of), ...(isHidden && { message: '' }) };
    return { ...row, seq: messages.length, version, read: read.other, blocked: false, ...(cleared && { cleared }) };
  }

  #sendOnce({ message_group_uuid, handle, message = '' }: Record<string, string>, key: string) {
    const to = this.conversations.find(({ uuid, other }) => uuid === message_group_uuid || other === handle);
    if (!to) throw new Error('no such conversation');
    const stored = this.#byKey.get(key) ?? this.send(to, 'me', message);
    this.#byKey.set(key, stored);
    const now = to.messages[stored.seq - 1];
    return { ...now, message_group_uuid: to.uuid };
  }

  #changed(method: string, of: Conversation, at: string, text: string | undefined): Answer {
    const message = of.messages.find(({ created_at }) => created_at === at);
    if (!message) return { status: 404 };
    const changed = this.change(of, message, method === 'DELETE' ? undefined : text);
    if (method === 'DELETE') return { status: 204 };
    return changed === message
      ? { status: 422, body: { detail: 'deleted', errors: [{ code: 'message_deleted' }] } }
      : { status: 200, body: { ...changed, message_group_uuid: of.uuid } };
  }

  #page(of: Conversation, query: URLSearchParams): Answer {
    const all = this.visible(of);
    const after = query.get('after');
    const path = `/api/messages/${of.uuid}?`;
    if (after !== null) {
      const newer = all.filter(({ created_at }) => created_at > after);
      const rows = newer.slice(0, pageSize);
      const last = rows.at(-1)?.created_at ?? '';
      return {
        status: 200,
        body: rows,
        ...(newer.length > rows.length && { link: path + new URLSearchParams({ after: last }) }),
      };
    }
    const before = Number(query.get('cursor') ?? Number.POSITIVE_INFINITY);
    const older = all.filter(({ seq }) => seq < before);
    const rows = older.slice(-pageSize);
    return { status: 200, body: rows, ...(older.length > rows.length && { link: `${path}cursor=${rows[0]?.seq}` }) };
  }

  #tell(type: 'message.created' | 'message.updated', { uuid }: Conversation, message: Message): void {
    this.#emit({ type, message_group_uuid: uuid, message });
  }

  #projectLater(of: Conversation): void {
    this.#project(() => this.#bringUpToDate(of));
  }

  #bringUpToDate(of: Conversation): void {
    const newest = of.messages.at(-1);
    const isCurrent = of.row?.created_at === newest?.created_at && of.shownVersion === of.version;
    if (!newest || isCurrent) return;
    of.shownVersion = of.version;
    this.#writeRow(of, newest);
  }

  /** For a reason other than a message: the row shows what it showed. */
  #rewriteRow(of: Conversation): void {
    if (of.row) this.#writeRow(of, of.row);
  }

  #writeRow(of: Conversation, { created_at, message }: Pick<Message, 'created_at' | 'message'>): void {
    const unread_count = sent(of, 'other') - of.read.me;
    of.row = { created_at, message, unread_count, revision: (of.row?.revision ?? -1) + 1 };
    const isHidden = created_at <= of.cleared;
    const row = rowOf(of);
    this.#emit({
      type: 'message_group.updated',
      message_group: isHidden ? { ...row, message: '' } : row,
      ...(isHidden && { hidden: true }),
    });
  }

  /** Strictly increasing, with microseconds. */
  #time(): string {
    const of = (micros: number) =>
      new Date(Math.floor(micros / 1_000))
        .toISOString()
        .replace('Z', `${String(micros % 1_000).padStart(3, '0')}+00:00`);
    const last = this.#lastTime ? Date.parse(this.#lastTime) * 1_000 + Number(this.#lastTime.slice(23, 26)) : 0;
    this.#lastTime = of(Math.max(this.#now() * 1_000, last + 1));
    return this.#lastTime;
  }
}

const sent = ({ messages, other }: Conversation, side: Side) =>
  messages.filter(({ user_uuid }) => (user_uuid === other) === (side === 'other')).length;

function rowOf({ uuid, other, muted, marked_unread, row }: Conversation): MessageGroup {
  if (!row) throw new Error('no message yet');
  return { uuid, user_uuid: other, handle: other, display_name: other, muted, marked_unread, ...row };
}
