import { ApiError, SignedOutError } from '../api/errors.ts';
import type { Ticket } from '../api/request.ts';
import type { Frame } from './connection-state.ts';

// All in milliseconds.
const openTimeout = 15_000;
export const pingInterval = 4 * 60_000; // the service ends a connection after 10 minutes without a frame of the client
const pongTimeout = 10_000;
const renewalMargin = 45_000; // shorter than that of the access token, so that the ticket is requested with a renewed one
const longestConnection = 2 * 60 * 60_000; // API Gateway ends each connection then
const shortestConnection = 10_000; // one that ends sooner counts as a failed attempt, and none is renewed sooner
const longestPause = 30_000;
const rarePause = 5 * 60_000; // between attempts that will hardly succeed
const blockedAfter = 8; // attempts in which the service gave a ticket and no WebSocket opened: a proxy may block them
const tick = 30_000;
const asleepAfter = 90_000; // between two ticks; browsers let the timers of a hidden page run once a minute

/** What a connection does for its page. */
export interface Page {
  /** @returns undefined if the service has no WebSocket API @throws ApiError, SignedOutError */
  requestTicket(): Promise<Ticket | undefined>;
  /** Called when a WebSocket has opened, also with the one that replaces another. @param send sends a frame through it */
  onOpen(send: (frame: Frame) => void): void;
  /** Called when no WebSocket is open any more. */
  onClose(): void;
  /** Called with each frame of the service, which has a `type`. */
  onFrame(frame: { type: string }): void;
  /** Called when the computer has slept, or the page was frozen. */
  onAwake(): void;
}

/**
 * Keeps one WebSocket open: opens the next one before the service ends this one, and another one after a pause when it breaks. Pauses grow
 * and are random, so that many clients do not return at the same moment. A page that is online again, or visible again, does not wait.
 * Where WebSockets are blocked, tries rarely.
 */
export class Connection {
  readonly #page: Page;
  readonly #ended = new AbortController();
  #socket: WebSocket | undefined;
  #openedAt = 0;
  #heardAt = 0;
  #lastTick = Date.now();
  #isOpening = false;
  #failures = 0;
  #refusals = 0; // consecutive attempts that failed although the service had given a ticket
  #attempt: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setInterval> | undefined;
  #pong: ReturnType<typeof setTimeout> | undefined;
  readonly #ticks: ReturnType<typeof setInterval>;

  constructor(page: Page) {
    this.#page = page;
    this.#ticks = setInterval(() => this.#noticeSleep(), tick);
    const { signal } = this.#ended;
    addEventListener('online', () => this.#check(), { signal });
    addEventListener('focus', () => this.#return(), { signal });
    document.addEventListener('visibilitychange', () => this.#return(), { signal });
    void this.#open();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#ended.abort();
    clearInterval(this.#ticks);
    clearTimeout(this.#attempt);
    this.#drop();
  }

  async #open(): Promise<void> {
    clearTimeout(this.#attempt);
    if (this.#isOpening) return;
    if (!navigator.onLine) return this.#openAfter(longestPause); // at once when it is online again, see #check
    this.#isOpening = true;
    let hasTicket = false;
    try {
      const ticket = await this.#page.requestTicket();
      if (!ticket) return this.close();
      if (this.#ended.signal.aborted) return;
      hasTicket = true;
      this.#use(await openSocket(ticket, this.#ended.signal), ticket.endsAt);
    } catch (error) {
      if (error instanceof SignedOutError) return this.close();
      if (hasTicket) this.#refusals++;
      this.#tryLater(error);
    } finally {
      this.#isOpening = false;
    }
  }

  #tryLater(error?: unknown): void {
    if (this.#ended.signal.aborted) return;
    const refused = error instanceof ApiError && !error.isTransient;
    const bound =
      refused || this.#refusals >= blockedAfter ? rarePause : Math.min(longestPause, 1_000 * 2 ** this.#failures);
    const requested = error instanceof ApiError ? (error.retryAfter ?? 0) * 1_000 : 0;
    this.#failures++;
    this.#openAfter(requested + bound * (0.5 + Math.random() / 2));
  }

  #openAfter(milliseconds: number): void {
    clearTimeout(this.#attempt);
    this.#attempt = setTimeout(() => void this.#open(), milliseconds);
  }

  /** Replaces the WebSocket by this one. @param endsAt when the service ends it, in milliseconds since 1970 */
  #use(socket: WebSocket, endsAt: number): void {
    const before = this.#socket;
    this.#socket = socket;
    this.#openedAt = Date.now();
    this.#refusals = 0;
    this.#stopPings();
    this.#ping = setInterval(() => this.#sendPing(), pingInterval);
    socket.addEventListener('message', ({ data }) => this.#receive(socket, data));
    socket.addEventListener('close', () => this.#lose(socket));
    const lasts = Math.min(endsAt - Date.now(), longestConnection) - renewalMargin;
    this.#openAfter(Math.max(lasts, shortestConnection));
    this.#page.onOpen((frame) => socket.send(JSON.stringify(frame)));
    before?.close();
  }

  #receive(socket: WebSocket, data: unknown): void {
    if (this.#ended.signal.aborted) return;
    if (socket === this.#socket) this.#heard();
    const frame = parse(data);
    if (frame) this.#page.onFrame(frame);
  }

  #heard(): void {
    this.#heardAt = Date.now();
    clearTimeout(this.#pong);
    this.#pong = undefined;
  }

  /** A WebSocket has closed, or answers no more. One that was replaced may. */
  #lose(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    if (Date.now() - this.#openedAt >= shortestConnection) this.#failures = 0;
    this.#drop();
    this.#tryLater();
  }

  #drop(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    this.#stopPings();
    socket.close();
    this.#page.onClose();
  }

  #stopPings(): void {
    clearInterval(this.#ping);
    clearTimeout(this.#pong);
    this.#pong = undefined;
  }

  /** A broken connection may look open for minutes, until something is sent through it. */
  #sendPing(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.send(JSON.stringify({ action: 'ping' } satisfies Frame));
    this.#pong ??= setTimeout(() => this.#lose(socket), pongTimeout);
  }

  /** Connects at once, or finds out whether the connection still works. */
  #check(): void {
    if (this.#socket) this.#sendPing();
    else void this.#open();
  }

  /** The user is back. They may come and go often. */
  #return(): void {
    if (document.visibilityState === 'hidden') return;
    const isBlocked = this.#refusals >= blockedAfter;
    if (this.#socket ? Date.now() - this.#heardAt > tick : !isBlocked) this.#check();
  }

  #noticeSleep(): void {
    const hasSlept = Date.now() - this.#lastTick > asleepAfter;
    this.#lastTick = Date.now();
    if (!hasSlept) return;
    this.#check();
    this.#page.onAwake();
  }
}

/** @returns an open WebSocket @throws if it does not open in time, or at all */
function openSocket({ url, ticket }: Ticket, ended: AbortSignal): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url}?${new URLSearchParams({ ticket })}`);
    const fail = () => {
      clearTimeout(timer);
      socket.close();
      reject(new Error('The WebSocket did not open.')); // browsers do not tell pages why
    };
    const timer = setTimeout(fail, openTimeout);
    const settled = new AbortController();
    const once = { signal: settled.signal };
    ended.addEventListener('abort', fail, once);
    socket.addEventListener('close', fail, once);
    const open = () => {
      settled.abort();
      clearTimeout(timer);
      resolve(socket);
    };
    socket.addEventListener('open', open, once);
  });
}

function parse(data: unknown): { type: string } | undefined {
  try {
    const frame = JSON.parse(String(data)) as { type?: unknown } | null;
    return typeof frame?.type === 'string' ? (frame as { type: string }) : undefined;
  } catch {
    return undefined;
  }
}
