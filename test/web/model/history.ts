import {
  InfiniteQueryObserver,
  notifyManager,
  type Query,
  type QueryClient,
  QueryObserver,
} from '@tanstack/react-query';
import type { Message, MessageGroup, MessageGroupState } from '../../../web/src/api/schema.ts';
import { accessToken } from '../../../web/src/api/session.ts';
import { forget } from '../../../web/src/api/storage.ts';
import { clearUpTo, markUnread, setMuted } from '../../../web/src/data/conversation-changes.ts';
import { cachedRow, cachedState, inboxKey, inboxOptions, newestFirst } from '../../../web/src/data/inbox.ts';
import { type Arrival, incoming } from '../../../web/src/data/incoming.ts';
import { endLive, goLive } from '../../../web/src/data/live.ts';
import { deleteMessage, editMessage } from '../../../web/src/data/message-changes.ts';
import { send } from '../../../web/src/data/outbox.ts';
import type { PagedList } from '../../../web/src/data/paged-list.ts';
import { pollOptions } from '../../../web/src/data/polling.ts';
import { newQueryClient } from '../../../web/src/data/query-client.ts';
import { markRead, oldestFirst, threadKey, threadOptions } from '../../../web/src/data/thread.ts';
import { sign } from '../../support/tokens.ts';
import { Clock } from './clock.ts';
import { type Conversation, Service } from './service.ts';

// One history: a user reads and writes on this page and on another device, other users write, and the network loses, doubles, delays and
// reorders what the service tells, and breaks the connection. In the end the page must show what the service has stored.

/** Who does something: the user on this page, the user on another device, or the other user of the conversation. */
export type Actor = 'page' | 'device' | 'other';
export type Action =
  | { does: 'send' | 'edit' | 'delete' | 'read' | 'clear' | 'mute' | 'unmute' | 'mark unread'; by: Actor; in: number }
  | { does: 'open'; in: number }
  | { does: 'close' | 'load older' | 'break' | 'block' }
  | { does: 'wait'; milliseconds: number };

/** How the network treats events and requests: probabilities. */
export interface Network {
  loses: number;
  doubles: number;
  fails: number;
  /** The longest delay, in milliseconds. */
  delay: number;
  seed: number;
}

const token = sign({ sub: 'me' });
const neverAborted = new AbortController().signal;
let count = 0;

export async function run(actions: readonly Action[], network: Network): Promise<string[]> {
  const history = new History(network);
  try {
    await history.begin();
    for (const action of actions) await history.act(action);
    return await history.end();
  } finally {
    history.dispose();
    await new Promise((resolve) => setImmediate(resolve)); // the test runner, too, needs the event loop
  }
}

class History {
  readonly #clock = new Clock();
  readonly #client: QueryClient = newQueryClient();
  readonly #service: Service;
  readonly #undo: (() => void)[] = [];
  readonly #opened = new Set<Conversation>();
  readonly #arrived: Arrival[] = [];
  readonly #violations: string[] = [];
  #network: Network;
  #random: () => number;
  #open: { conversation: Conversation; thread: InfiniteQueryObserver; leave: () => void } | undefined;
  #leaveIdle = () => {};
  #text = 0;

  constructor(network: Network) {
    this.#network = network;
    this.#random = randomNumbers(network.seed);
    this.#undo.push(this.#clock.install(), this.#install());
    this.#service = new Service(`${++count}`, {
      now: () => this.#clock.now,
      emit: (event) => this.#deliver(JSON.stringify(event)),
      project: (run) => setTimeout(run, this.#delay()),
    });
    for (const [index, each] of this.#service.conversations.entries())
      for (let n = 0; n < index * 3; n++) this.#service.send(each, n % 2 ? 'me' : 'other', `first ${n}`);
    this.#service.projectAll();
    this.#client.setQueryData(['me'], { uuid: 'me', handle: 'me' });
    const inbox = new InfiniteQueryObserver(this.#client, inboxOptions as never);
    this.#undo.push(inbox.subscribe(() => {}));
    this.#undo.push(this.#client.getQueryCache().subscribe(({ query }) => this.#checkStep(query)));
  }

  async begin(): Promise<void> {
    await accessToken(); // or only the first history of a process would begin with a request for one
    this.#poll(undefined);
    goLive(this.#client);
  }

  async act(action: Action): Promise<void> {
    const { conversations } = this.#service;
    switch (action.does) {
      case 'wait':
        return this.#clock.pass(action.milliseconds);
      case 'open':
        return this.#show(conversations[action.in]);
      case 'close':
        return this.#show(undefined);
      case 'load older':
        if (this.#open?.thread.getCurrentResult().hasNextPage)
          this.#open.thread.fetchNextPage({ cancelRefetch: false }).catch(() => undefined);
        return;
      case 'break':
        return this.#socket?.fail();
      case 'block':
        this.#blockedUntil = this.#clock.now + 20_000;
        return this.#socket?.fail();
      default: {
        const conversation = conversations[action.in] as Conversation;
        if (action.by === 'page') this.#onPage(action.does, this.#open?.conversation ?? conversation);
        else this.#elsewhere(action.does, conversation, action.by === 'device' ? 'me' : 'other');
      }
    }
  }

  /** What the user does on this page, which knows only what it has cached. */
  #onPage(does: string, conversation: Conversation): void {
    const client = this.#client;
    const { uuid, other } = conversation;
    const cached = this.#cached(conversation);
    const mine = cached.filter((each) => each.user_uuid === 'me' && !each.deleted_at);
    const newest = cached.at(-1);
    const any = mine[Math.floor(this.#random() * mine.length)];
    const ignore = (done: Promise<unknown>) => void done.catch(() => undefined);
    if (does === 'send') {
      const isKnown = cachedRow(client, uuid) !== undefined;
      send(client, { handle: other, ...(isKnown && { message_group_uuid: uuid }) }, this.#next());
    } else if (does === 'edit' && any) ignore(editMessage(client, uuid, any, this.#next()));
    else if (does === 'delete' && any) deleteMessage(client, uuid, any);
    else if (does === 'read' && newest) ignore(markRead(client, uuid, newest));
    else if (does === 'clear' && newest) ignore(clearUpTo(client, uuid, newest));
    else if (does === 'mark unread' && cachedRow(client, uuid)) ignore(markUnread(client, uuid));
    else if (/mute/.test(does) && cachedRow(client, uuid)) ignore(setMuted(client, uuid, does === 'mute'));
  }

  #elsewhere(does: string, of: Conversation, side: 'me' | 'other'): void {
    const theirs = this.#service.visible(of).filter((each) => (each.user_uuid === 'me') === (side === 'me'));
    const any = theirs[Math.floor(this.#random() * theirs.length)];
    const newest = of.messages.at(-1);
    if (does === 'send') this.#service.send(of, side, this.#next());
    else if (does === 'edit' && any) this.#service.change(of, any, this.#next());
    else if (does === 'delete' && any) this.#service.change(of, any, undefined);
    else if (!newest) return;
    else if (does === 'read') this.#service.markRead(of, side, newest);
    else if (side === 'other') return;
    else if (does === 'clear') this.#service.clear(of, newest);
    else if (does === 'mark unread') this.#service.mark(of, { marked_unread: true });
    else if (/mute/.test(does)) this.#service.mark(of, { muted: does === 'mute' });
  }

  /** @returns what the page shows wrongly once all is quiet */
  async end(): Promise<string[]> {
    const { loses, fails } = this.#network;
    this.#network = { ...this.#network, fails: 0, delay: 50 };
    await this.#clock.pass(20_000); // longer than what is under way, and each undo
    const isPrompt = loses === 0 && fails === 0; // no slow poll is needed then
    if (isPrompt && this.#open) this.#check(this.#open.conversation, false);
    if (isPrompt) this.#checkInbox();
    await this.#clock.pass(75_000); // longer than each pause, and a slow poll
    this.#checkInbox();
    const { conversation } = this.#open ?? {};
    if (conversation) this.#check(conversation);
    for (const each of this.#opened) {
      if (each === conversation) continue;
      this.#show(each);
      await this.#clock.pass(3_000); // two polls, the second one after what the first has found
      this.#check(each);
    }
    const uuids = this.#arrived.map(({ message }) => message.uuid);
    if (new Set(uuids).size < uuids.length) this.#violations.push('a message was announced twice');
    if (this.#arrived.some(({ message }) => message.user_uuid === 'me'))
      this.#violations.push('an own message was announced');
    return this.#violations;
  }

  dispose(): void {
    this.#open?.leave();
    this.#leaveIdle();
    endLive();
    this.#client.clear();
    forget('me');
    this.#clock.clear();
    for (const undo of this.#undo.reverse()) undo();
  }

  readonly #checked = new WeakMap<Query, unknown>();
  readonly #latest = new Map<string, number | string>();

  /** At no moment does the page show a gap, or go back to what is older than what it has shown. */
  #checkStep(query: Query): void {
    const { data } = query.state;
    if (data === undefined || this.#checked.get(query) === data) return;
    this.#checked.set(query, data);
    const [kind, uuid] = query.queryKey;
    if (kind === inboxKey[0])
      for (const { uuid, created_at, revision } of newestFirst(data as PagedList<MessageGroup>))
        this.#expectLater(`row of ${uuid}`, `${created_at} ${String(revision).padStart(9, '0')}`);
    else if (kind === 'message_group') this.#expectLater(`read of ${uuid}`, (data as MessageGroupState).read);
    else if (kind === threadKey()[0])
      oldestFirst(data as PagedList<Message>).forEach((message, index, all) => {
        const before = all[index - 1];
        if (before && message.seq !== before.seq + 1) this.#violations.push(`${uuid}: a gap before ${message.seq}`);
        this.#expectLater(message.uuid, message.revision);
      });
  }

  #expectLater(what: string, now: number | string | undefined): void {
    if (now === undefined) return;
    const before = this.#latest.get(what);
    if (before !== undefined && before > now) this.#violations.push(`${what} went back from ${before} to ${now}`);
    this.#latest.set(what, now);
  }

  #checkInbox(): void {
    const shown = newestFirst(this.#client.getQueryData(inboxKey) as PagedList<MessageGroup>);
    const [is, expected] = [JSON.stringify(shown.map(sorted)), JSON.stringify(this.#service.inbox().map(sorted))];
    if (is !== expected) this.#violations.push(`the inbox is ${is}\n instead of ${expected}`);
  }

  #check(of: Conversation, withRead = true): void {
    if (!of.row) return;
    const shown = this.#cached(of);
    const stored = this.#service.visible(of);
    const from = stored.findIndex(({ seq }) => seq === shown[0]?.seq);
    const list = this.#client.getQueryData<PagedList<Message>>(threadKey(of.uuid));
    const isWhole = list?.pages.at(-1)?.next === undefined;
    const brief = ({ seq, message, revision, deleted_at }: Message) =>
      `${seq} ${message} ${revision} ${deleted_at !== undefined}`;
    const [is, expected] = [
      shown.map(brief).join(),
      stored
        .slice(isWhole ? 0 : from)
        .map(brief)
        .join(),
    ];
    if (is !== expected) this.#violations.push(`${of.uuid} is ${is}\n instead of ${expected}`);
    const read = cachedState(this.#client, of.uuid)?.read;
    if (withRead && read !== of.read.other)
      this.#violations.push(`${of.uuid}: ${read} read instead of ${of.read.other}`);
  }

  #cached({ uuid }: Conversation): Message[] {
    const list = this.#client.getQueryData<PagedList<Message>>(threadKey(uuid));
    return list ? oldestFirst(list) : [];
  }

  #show(conversation: Conversation | undefined): void {
    this.#open?.leave();
    this.#open = undefined;
    if (conversation?.row) {
      this.#opened.add(conversation);
      const thread = new InfiniteQueryObserver(this.#client, threadOptions(conversation.uuid) as never);
      this.#open = { conversation, thread, leave: thread.subscribe(() => {}) };
    }
    this.#poll(this.#open?.conversation.uuid); // after the thread, as on the page
  }

  #poll(open: string | undefined): void {
    this.#leaveIdle();
    this.#leaveIdle = new QueryObserver(this.#client, pollOptions(this.#client, open)).subscribe(() => {});
  }

  #next = () => `text ${++this.#text}`;
  #delay = () => Math.floor(this.#random() * this.#network.delay);

  // The network.

  #socket: FakeSocket | undefined;
  #blockedUntil = 0;

  #deliver(data: string): void {
    const socket = this.#socket;
    if (!socket || this.#random() < this.#network.loses) return;
    setTimeout(() => socket.receive(data), this.#delay());
    if (this.#random() < this.#network.doubles) setTimeout(() => socket.receive(data), this.#delay());
  }

  async #fetch(path: string, { method = 'GET', body, headers }: RequestInit = {}) {
    const pass = () => new Promise<void>((resolve) => setTimeout(resolve, this.#delay()));
    if (path === '/session') return answer(200, { access_token: token, expires_in: 3_600 });
    if (path === '/sign-in.json') return answer(200, { realtime_url: 'wss://live' });
    await pass();
    if (this.#random() < this.#network.fails) throw new Error('the request was lost');
    const key = (headers as Record<string, string> | undefined)?.['idempotency-key'] ?? null;
    const { status, body: found, link } = this.#service.answer(method, path, body ? JSON.parse(String(body)) : {}, key);
    await pass();
    if (this.#random() < this.#network.fails) throw new Error('the answer was lost');
    return answer(status, found, link);
  }

  #install(): () => void {
    const originals = { fetch: globalThis.fetch, WebSocket: globalThis.WebSocket };
    const { any, timeout } = AbortSignal;
    const { random } = Math;
    Math.random = this.#random; // or no seed would repeat a history
    const open = (socket: FakeSocket) => {
      if (this.#clock.now < this.#blockedUntil) return socket.fail();
      this.#socket = socket;
      socket.dispatchEvent(new Event('open'));
    };
    const delay = this.#delay;
    class Socket extends FakeSocket {
      constructor() {
        super();
        setTimeout(() => open(this), delay());
      }
    }
    Object.assign(globalThis, { fetch: this.#fetch.bind(this), WebSocket: Socket });
    // The originals start timers of the machine, and no request of a history lasts that long.
    AbortSignal.timeout = () => neverAborted;
    AbortSignal.any = ([first]) => first as AbortSignal;
    notifyManager.setScheduler(queueMicrotask);
    const note = (event: Event) => this.#arrived.push((event as CustomEvent<Arrival>).detail);
    incoming.addEventListener('message', note);
    return () => {
      Object.assign(globalThis, originals);
      Object.assign(AbortSignal, { any, timeout });
      Math.random = random;
      incoming.removeEventListener('message', note);
    };
  }
}

class FakeSocket extends EventTarget {
  #isClosed = false;
  send(data: string): void {
    if (JSON.parse(data).action === 'ping') queueMicrotask(() => this.receive('{"type":"pong"}'));
  }
  receive(data: string): void {
    if (!this.#isClosed) this.dispatchEvent(new MessageEvent('message', { data }));
  }
  close(): void {
    this.fail();
  }
  fail(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    queueMicrotask(() => this.dispatchEvent(new Event('close')));
  }
}

const answer = (status: number, body: unknown, link?: string) => ({
  ok: status < 400,
  status,
  headers: { get: (name: string) => (name === 'link' && link ? `<${link}>; rel="next"` : null) },
  json: async () => body,
});

/** In one order of fields, so that two can be compared as text. */
const sorted = (row: MessageGroup) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Random numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
