import { connectDevice } from '../../test/support/device.ts';
import type { Stack } from '../../test/support/stack.ts';

/** Sends a message as a user of a token. @returns its uuid, and when the request began */
export async function sendTo(
  { httpUrl }: Stack,
  token: string,
  body: { handle: string; message: string },
): Promise<{ uuid: string; began: number }> {
  const began = performance.now();
  const response = await fetch(`${httpUrl}/api/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`a message was refused with ${response.status}`);
  const { uuid } = (await response.json()) as { uuid: string };
  return { uuid, began };
}

/** Messages that are not counted: with the first ones, the stack loads its functions. */
export const uncounted = 5;

/** @returns for each of so many messages, sent one after another, the milliseconds from its request to its event on the other's device */
export async function timesToSocket(
  stack: Stack,
  { messages, progress }: { messages: number; progress: (doing: string) => void },
): Promise<number[]> {
  const [sender, receiver] = await Promise.all(['grahams', 'reef'].map((handle) => stack.tokenFor(handle)));
  const device = await connectDevice(stack, receiver as string);
  const times: number[] = [];
  for (let n = -uncounted; n < messages; n++) {
    progress(`to the socket: ${Math.max(0, n)}/${messages}`);
    const { uuid, began } = await sendTo(stack, sender as string, { handle: 'reef', message: `Low tide is at ${n}.` });
    const { at } = await device.next(
      ({ type, message }) => type === 'message.created' && (message as { uuid: string }).uuid === uuid,
    );
    if (n >= 0) times.push(at - began);
  }
  device.socket.close();
  await device.ended;
  return times;
}
