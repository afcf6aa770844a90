import { connectDevice } from '../../test/support/device.ts';
import { callerWith } from '../../test/support/new-user.ts';
import type { Stack } from '../../test/support/stack.ts';

/** Messages that are not counted: with the first ones, the stack loads its functions. */
export const uncounted = 5;

/** @returns for each of so many messages, sent one after another, the milliseconds from its request to its event on the other's device */
export async function timesToSocket(
  stack: Stack,
  { messages, progress }: { messages: number; progress: (doing: string) => void },
): Promise<number[]> {
  const sender = callerWith(stack, await stack.tokenFor('grahams'));
  const device = await connectDevice(stack, await stack.tokenFor('reef'));
  const times: number[] = [];
  for (let n = -uncounted; n < messages; n++) {
    progress(`to the socket: ${Math.max(0, n)}/${messages}`);
    const began = performance.now();
    const { uuid } = await sender.sends({ handle: 'reef' }, `Low tide is at ${n}.`);
    const { at } = await device.next(
      ({ type, message }) => type === 'message.created' && (message as { uuid: string }).uuid === uuid,
    );
    if (n >= 0) times.push(at - began);
  }
  device.socket.close();
  await device.ended;
  return times;
}
