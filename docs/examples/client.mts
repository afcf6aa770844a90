// What a client implements, and docs/realtime.md says why: it follows the inbox and one conversation, and prints what arrives. From the
// root of the repository, with the local stack running; Ctrl-C ends it:
//   ACCESS_TOKEN=$(bin/cognito token grahams) npx tsx docs/examples/client.mts http://localhost:3000 5ae290ed-55d1-47a0-bc6d-fe2bc2700399
import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import type { Frame } from '../../handlers/socket/frame-schemas.ts';
import type { MessageGroup, MessageGroupState, Ticket } from '../../web/src/api/schema.ts';

export type Message = Extract<Frame, { message: object }>['message'];
/** Calls the HTTP API. `next` is the path of the next page. */
export type Ask = (path: string, method?: string) => Promise<{ body: unknown; next?: string | undefined }>;

/** The messages of a conversation, from the oldest that was loaded to the newest, without a gap. */
export function openConversation(uuid: string, ask: Ask, show: (message: Message) => void) {
  const held = new Map<number, Message>(); // by `seq`
  let shownVersion: number | undefined;
  const newest = () => Math.max(0, ...held.keys());

  /** Takes a message of an event or of a page. @returns false if the client must ask the service */
  function take(message: Message, isOfPage = false): boolean {
    const same = held.get(message.seq);
    if (same && same.uuid !== message.uuid) held.clear(); // another history: the service was restored from a backup
    if (same && (held.size === 0 || same.revision >= message.revision)) return held.size > 0;
    const isNext = message.seq === newest() + 1 || (isOfPage && held.size === 0);
    if (!same && !isNext) return message.seq < newest(); // older than what was loaded; or, if false, a gap
    held.set(message.seq, message);
    show(message);
    return true;
  }

  function clear(upTo: string): void {
    for (const { seq, created_at } of held.values()) if (created_at <= upTo) held.delete(seq);
  }

  /** Reads pages while there is a next one. @returns false if they do not continue what is held */
  async function read(query: string, goesOn: (first: number) => boolean): Promise<boolean> {
    for (let path: string | undefined = `/api/messages/${uuid}${query}`; path !== undefined; ) {
      const { body, next }: Awaited<ReturnType<Ask>> = await ask(path);
      const page = body as Message[];
      if (!page.every((message) => take(message, true))) return false;
      path = goesOn(page[0]?.seq ?? 0) ? next : undefined;
    }
    return true;
  }

  /** Asks the service for whatever no event has told. */
  async function catchUp(): Promise<void> {
    const { seq, version, cleared } = (await ask(`/api/message_groups/${uuid}`)).body as MessageGroupState;
    if (cleared) clear(cleared);
    if (seq < newest()) held.clear();
    const last = held.get(newest());
    let continues = true;
    if (last && seq > last.seq) {
      const { created_at } = held.get(last.seq - 1) ?? last; // so that the answer repeats the newest one: is it still the same?
      continues = await read(`?after=${encodeURIComponent(created_at)}`, () => true);
    }
    const oldest = Math.min(...held.keys()); // Infinity if nothing is held: then one page is enough
    if (continues && (!last || version !== shownVersion)) continues = await read('', (first) => first > oldest);
    if (!continues) {
      held.clear();
      await read('', () => false);
    }
    shownVersion = version;
  }

  return { held, take, clear, catchUp };
}

const printable = (text: string) => text.replaceAll(/\p{Cc}/gu, ' '); // a message may contain commands for the terminal
const showMessage = ({ seq, handle, message, edited_at, deleted_at }: Message) =>
  console.log(`#${seq} ${handle}${deleted_at ? ' (deleted)' : edited_at ? ' (edited)' : ''}: ${printable(message)}`);

async function run(origin: string, uuid: string, token: string): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  // An app gets a new access token shortly before the old one ends, and connects with it before it closes the old connection.
  const ask: Ask = async (path, method = 'GET') => {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]);
    const response = await fetch(origin + path, { method, headers: { authorization: `Bearer ${token}` }, signal });
    if (!response.ok) throw new Error(`${method} ${path} is answered with ${response.status}`, { cause: response });
    return { body: await response.json(), next: /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] };
  };

  const conversation = openConversation(uuid, ask, showMessage);
  const revisions = new Map<string, number>(); // of the rows of the inbox
  const takeRow = ({ uuid, revision, handle, unread_count, message }: MessageGroup) => {
    if (revision <= (revisions.get(uuid) ?? -1)) return;
    revisions.set(uuid, revision);
    console.log(`inbox: ${handle}, ${unread_count} unread: ${printable(message)}`);
  };
  const take = (frame: Frame): boolean => {
    if (frame.type === 'message_group.updated') takeRow(frame.message_group);
    if (!('message_group_uuid' in frame) || frame.message_group_uuid !== uuid) return true;
    if (frame.type === 'message_group.cleared') conversation.clear(frame.cleared);
    return 'message' in frame ? conversation.take(frame.message) : true;
  };

  let asking = Promise.resolve();
  let isQueued = false; // what was asked before an event may be older than it, so one more is queued
  const askAll = async () => {
    isQueued = false;
    for (const row of (await ask('/api/message_groups')).body as MessageGroup[]) takeRow(row);
    await conversation.catchUp();
  };
  const catchUp = () => {
    if (!isQueued) asking = asking.catch(() => {}).then(askAll);
    isQueued = true;
    return asking;
  };

  const follow = ({ url, ticket }: Ticket) => {
    const socket = new WebSocket(`${url}?ticket=${ticket}`, { handshakeTimeout: 10_000 });
    stop.signal.onabort = () => socket.close();
    const sync = () => void catchUp().catch((error) => socket.emit('error', error));
    const timers = [setInterval(sync, 60_000), setInterval(ping, 240_000)];
    function ping() {
      socket.send('{"action":"ping"}');
      timers[2] = setTimeout(() => socket.terminate(), 10_000);
    }
    socket.on('open', sync).on('error', ({ message }) => {
      console.error(message);
      socket.close(); // the next connection begins with the same questions
    });
    socket.on('message', (data) => {
      const frame: Frame = JSON.parse(String(data));
      if (frame.type === 'pong') clearTimeout(timers[2]);
      else if (!take(frame)) sync();
    });
    return new Promise((ended) => socket.on('close', ended)).finally(() => timers.forEach(clearTimeout));
  };

  for (let attempt = 1; !stop.signal.aborted; attempt++) {
    let pause = Math.random() * Math.min(500 * 2 ** attempt, 30_000);
    try {
      const startedAt = Date.now();
      await follow((await ask('/api/realtime/tickets', 'POST')).body as Ticket);
      if (Date.now() - startedAt > 30_000) attempt = 0;
    } catch (error) {
      if (!stop.signal.aborted) console.error((error as Error).message);
      const { status, headers } = ((error as Error).cause ?? {}) as Partial<Response>;
      if (status === 401 || status === 403) throw error; // sign in again
      if (status === 404) await catchUp().catch(() => {}); // no WebSocket API here: the client polls
      pause = Math.max(pause, 1000 * Number(headers?.get('retry-after') ?? (status === 404 ? 5 : 0)));
    }
    await wait(pause, undefined, { signal: stop.signal }).catch(() => {});
  }
}

if (process.argv[1] === import.meta.filename)
  await run(process.argv[2] ?? '', process.argv[3] ?? '', process.env.ACCESS_TOKEN ?? '');
