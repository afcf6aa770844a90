import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Frame } from '../../handlers/socket/frame-schemas.ts';
import { expectFrame } from './frames.ts';
import type { Stack } from './stack.ts';

/** A frame that a device got, and when, by `performance.now()`. */
export type Received = Record<string, unknown> & { type: string; at: number };

/** A device of a user: a WebSocket to the running stack. */
export interface Device {
  socket: WebSocket;
  /** Everything that it got so far. */
  frames: Received[];
  /** Waits for the first frame that the condition accepts, among those that came and those to come. */
  next(accepts: (frame: Received) => boolean, atMost?: number): Promise<Received>;
  send(frame: object | string): void;
  /** Resolves when the connection has ended. */
  ended: Promise<void>;
}

/** Asks for a ticket. @returns the address that opens one connection */
export async function ticketAddress({ httpUrl }: Stack, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${httpUrl}/api/realtime/tickets`, { method: 'POST', headers });
  const { url, ticket } = (await response.json()) as { url: string; ticket: string };
  return `${url}?ticket=${ticket}`;
}

/** @returns the status with which the connection was refused; 101 if it was opened (and is ended then) */
export async function statusOfConnect(address: string): Promise<number> {
  const socket = new WebSocket(address);
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy();
      resolve(statusCode);
    });
    socket.on('error', reject);
  });
}

/** Connects a device of the user of a token. @param onFrame is called with each frame, from the first one on */
export async function connectDevice(
  stack: Stack,
  token: string,
  onFrame: (frame: Frame) => void = () => {},
): Promise<Device> {
  const socket = new WebSocket(await ticketAddress(stack, token));
  const frames: Received[] = [];
  const waiting = new Set<(frame: Received) => void>();
  socket.on('message', (data) => {
    const at = performance.now();
    const frame = expectFrame(String(data)); // what it throws fails the whole run
    const received = { ...frame, at };
    frames.push(received);
    for (const waiter of waiting) waiter(received);
    onFrame(frame);
  });
  const ended = once(socket, 'close').then(() => undefined);
  await once(socket, 'open');
  return {
    socket,
    frames,
    ended,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    next: (accepts, atMost = 10_000) => {
      const known = frames.find(accepts);
      if (known) return Promise.resolve(known);
      return new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer);
          waiting.delete(waiter);
        };
        const waiter = (frame: Received) => {
          if (!accepts(frame)) return;
          stop();
          resolve(frame);
        };
        const timer = setTimeout(() => {
          stop();
          reject(new Error(`no such frame within ${atMost} ms, but ${JSON.stringify(frames.map(({ type }) => type))}`));
        }, atMost);
        waiting.add(waiter);
      });
    },
  };
}
