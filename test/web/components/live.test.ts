import { type QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isConnected } from '../../../web/src/data/connection-state.ts';
import { cachedRow, inboxKey } from '../../../web/src/data/inbox.ts';
import { endLive, goLive } from '../../../web/src/data/live.ts';
import { pollOptions } from '../../../web/src/data/polling.ts';
import { group, json, newClient, serve } from './service.tsx';
import './setup.ts';

// What a page does when its WebSocket opens, breaks, and brings an event.

let client: QueryClient;
let socket: EventTarget | undefined;
let polls: number;
let leave: () => void;

beforeEach(async () => {
  client = newClient();
  client.setQueryData(inboxKey, { pages: [{ rows: [group()], next: undefined }], pageParams: [''] });
  polls = 0;
  serve({
    'GET /sign-in.json': () => json({ realtime_url: 'wss://live' }),
    'POST /api/realtime/tickets': () => json({ url: 'wss://live', ticket: 't', expires_in: 60 }),
    'GET /api/message_groups?': () => {
      polls++;
      return json([group()]);
    },
  });
  class Socket extends EventTarget {
    constructor() {
      super();
      socket = this;
    }
    close() {}
  }
  vi.stubGlobal('WebSocket', Socket);
  leave = new QueryObserver(client, { ...pollOptions(client, undefined), refetchInterval: false }).subscribe(() => {});
  await vi.waitFor(() => expect(client.isFetching()).toBe(0));
  goLive(client);
  await vi.waitFor(() => expect(socket).toBeDefined());
});
afterEach(() => {
  endLive();
  leave();
  client.clear();
  socket = undefined;
});

const happens = (event: Event) => socket?.dispatchEvent(event);

test('polls once the WebSocket is open, since events before that are lost, and once it is closed', async () => {
  expect([isConnected(), polls]).toEqual([false, 1]);
  happens(new Event('open'));
  await vi.waitFor(() => expect([isConnected(), polls]).toEqual([true, 2]));
  happens(new Event('close'));
  await vi.waitFor(() => expect([isConnected(), polls]).toEqual([false, 3]));
});

test('applies the events that it brings, until the session ends', async () => {
  happens(new Event('open'));
  await vi.waitFor(() => expect(isConnected()).toBe(true));
  const bring = (revision: number, message: string) => {
    const data = JSON.stringify({ type: 'message_group.updated', message_group: group({ revision, message }) });
    happens(new MessageEvent('message', { data }));
  };
  bring(7, 'first');
  expect(cachedRow(client, 'g')?.message).toBe('first');
  endLive();
  expect(isConnected()).toBe(false);
  bring(8, 'second');
  expect(cachedRow(client, 'g')?.message).toBe('first');
});
