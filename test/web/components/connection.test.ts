import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError, SignedOutError } from '../../../web/src/api/errors.ts';
import type { Ticket } from '../../../web/src/api/request.ts';
import { Connection } from '../../../web/src/data/connection.ts';
import type { Frame } from '../../../web/src/data/connection-state.ts';
import './setup.ts';

// The connection with a WebSocket, timers, a clock and random numbers of the test.

const minutes = 60_000;

class FakeWebSocket extends EventTarget {
  static all: FakeWebSocket[] = [];
  readonly sent: unknown[] = [];
  isClosed = false;
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    FakeWebSocket.all.push(this);
  }
  send(data: string) {
    this.sent.push(JSON.parse(data));
  }
  close() {
    if (this.isClosed) return;
    this.isClosed = true;
    queueMicrotask(() => this.dispatchEvent(new Event('close')));
  }
  open() {
    this.dispatchEvent(new Event('open'));
  }
  receive(data: string) {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

let answer: () => Ticket | undefined;
let tickets: number;
let log: unknown[];
let send: (frame: Frame) => void;
let connection: Connection;

const newest = () => FakeWebSocket.all.at(-1) as FakeWebSocket;
const sockets = () => FakeWebSocket.all.length;
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
async function openNewest() {
  newest().open();
  await pass(0);
}
/** The service answers pings, unless it is dead. */
async function answerPings(milliseconds: number) {
  for (let passed = 0; passed < milliseconds; passed += 1_000) {
    await pass(1_000);
    if (newest().sent.length > 0) newest().receive('{"type":"pong"}');
  }
}

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeWebSocket);
  vi.spyOn(Math, 'random').mockReturnValue(1); // the longest pauses
  FakeWebSocket.all = [];
  log = [];
  tickets = 0;
  answer = () => ({ url: 'wss://live', ticket: `ticket ${tickets}`, endsAt: Date.now() + 60 * minutes });
  connection = new Connection({
    requestTicket: async () => {
      tickets++;
      return answer();
    },
    onOpen: (sender) => {
      send = sender;
      log.push('open');
    },
    onClose: () => log.push('close'),
    onFrame: (frame) => log.push(frame),
    onAwake: () => log.push('awake'),
  });
  await pass(0);
});
afterEach(() => {
  connection.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('a ticket opens a WebSocket, which sends and receives frames; what is no frame is ignored', async () => {
  expect(newest().url).toBe('wss://live?ticket=ticket+1');
  expect(log).toEqual([]);
  await openNewest();
  send({ action: 'typing', message_group_uuid: 'g' });
  expect(newest().sent).toEqual([{ action: 'typing', message_group_uuid: 'g' }]);
  for (const data of ['{"type":"typing"}', 'no JSON', 'null', '[]', '{"type":5}']) newest().receive(data);
  expect(log).toEqual(['open', { type: 'typing' }]);
});

test('a ping every four minutes keeps it open, and one without an answer ends it', async () => {
  await openNewest();
  await answerPings(20 * minutes);
  expect(newest().sent).toEqual(Array(5).fill({ action: 'ping' }));
  expect([sockets(), newest().isClosed]).toEqual([1, false]);
  await pass(4 * minutes + 9_000);
  expect(newest().isClosed).toBe(false);
  await pass(1_000);
  expect(newest().isClosed).toBe(true);
  expect(log.at(-1)).toBe('close');
});

test('the next one opens before the service ends this one', async () => {
  await openNewest();
  const [first] = FakeWebSocket.all;
  await answerPings(59 * minutes);
  expect(sockets()).toBe(1);
  await answerPings(20_000); // 45 seconds before the end
  expect([sockets(), first?.isClosed]).toEqual([2, false]);
  await openNewest();
  expect(first?.isClosed).toBe(true);
  expect(log.filter((each) => typeof each === 'string')).toEqual(['open', 'open']); // never without a connection
});

test('no connection outlives two hours', async () => {
  answer = () => ({ url: 'wss://live', ticket: 't', endsAt: Date.now() + 600 * minutes });
  newest().close();
  await pass(1_000);
  await openNewest();
  const before = sockets();
  await answerPings(119 * minutes);
  expect(sockets()).toBe(before);
  await answerPings(20_000);
  expect(sockets()).toBe(before + 1);
});

test('a renewal that fails leaves this one open, and is tried again', async () => {
  await openNewest();
  answer = () => {
    throw new ApiError('no', { status: 503 });
  };
  await answerPings(59 * minutes + 20_000);
  expect([tickets, sockets(), newest().isClosed]).toEqual([4, 1, false]); // again after 0, 1 and 3 seconds
});

test('pauses double up to half a minute', async () => {
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 7; attempt++) {
    await openNewest();
    const before = sockets();
    newest().close();
    const from = Date.now();
    while (sockets() === before) await pass(500);
    pauses.push((Date.now() - from) / 1_000);
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30]);
  await openNewest(); // one that stays open for a while ends the growth
  await pass(20_000);
  newest().close();
  const before = sockets();
  await pass(1_000);
  expect(sockets()).toBe(before + 1);
});

test('pauses are random, and never shorter than the service asks for', async () => {
  vi.mocked(Math.random).mockReturnValue(0);
  await openNewest();
  newest().close();
  await pass(499);
  expect(tickets).toBe(1);
  answer = () => {
    throw new ApiError('later', { status: 429, retryAfter: 20 });
  };
  await pass(1);
  expect(tickets).toBe(2);
  await pass(20_900);
  expect(tickets).toBe(2);
  await pass(100);
  expect(tickets).toBe(3);
});

test('a page that is online or visible again does not wait', async () => {
  await openNewest();
  newest().close();
  await pass(0);
  const offline = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  await pass(5 * minutes);
  expect(tickets).toBe(1);
  offline.mockReturnValue(true);
  dispatchEvent(new Event('online'));
  await pass(0);
  expect(tickets).toBe(2);
  newest().close();
  await pass(0);
  dispatchEvent(new Event('focus'));
  await pass(0);
  expect(tickets).toBe(3);
  newest().close();
  await pass(0);
  const hidden = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));
  await pass(0);
  expect(tickets).toBe(3);
  hidden.mockReturnValue('visible');
  document.dispatchEvent(new Event('visibilitychange'));
  await pass(0);
  expect(tickets).toBe(4);
});

test('after a sleep, the connection has to answer', async () => {
  await openNewest();
  await pass(30_000);
  vi.setSystemTime(Date.now() + 3 * minutes);
  await pass(30_000);
  expect(log).toEqual(['open', 'awake']);
  expect(newest().sent).toEqual([{ action: 'ping' }]);
  await pass(10_000);
  expect(log).toEqual(['open', 'awake', 'close']);
  await pass(1_000);
  expect(sockets()).toBe(2);
});

test('where WebSockets are blocked, it tries rarely, not at each focus, and at once on another network', async () => {
  for (let attempt = 1; attempt < 8; attempt++) {
    newest().close();
    const before = sockets();
    while (sockets() === before) await pass(500);
  }
  newest().close();
  const before = tickets;
  await pass(4 * minutes);
  dispatchEvent(new Event('focus'));
  await pass(0);
  expect(tickets).toBe(before);
  await pass(minutes);
  expect(tickets).toBe(before + 1);
  newest().close();
  await pass(0);
  dispatchEvent(new Event('online'));
  await pass(0);
  expect(tickets).toBe(before + 2);
  expect(log).toEqual([]);
});

test('one that does not open within 15 seconds counts as refused', async () => {
  await pass(14_900);
  expect(newest().isClosed).toBe(false);
  await pass(200);
  expect(newest().isClosed).toBe(true);
  await pass(1_000);
  expect(sockets()).toBe(2);
});

test('closing ends all of it, also what is only opening', async () => {
  connection.close();
  expect(newest().isClosed).toBe(true);
  newest().open();
  await pass(60 * minutes);
  dispatchEvent(new Event('online'));
  await pass(0);
  expect([tickets, log]).toEqual([1, []]);
});

test('closing an open one ends it', async () => {
  await openNewest();
  connection.close();
  newest().receive('{"type":"typing"}');
  await pass(60 * minutes);
  expect([newest().isClosed, tickets, log]).toEqual([true, 1, ['open', 'close']]);
});

test.each([
  ['the session has ended', new SignedOutError()],
  ['the service has no WebSocket API', undefined],
])('no further attempt when %s', async (_, error) => {
  await openNewest();
  newest().close();
  answer = () => {
    if (error) throw error;
    return undefined;
  };
  await pass(1_000);
  expect(tickets).toBe(2);
  await pass(60 * minutes);
  expect(tickets).toBe(2);
});
