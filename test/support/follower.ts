import { setTimeout as wait } from 'node:timers/promises';
import { type Message, openConversation } from '../../docs/examples/client.mts';
import type { Frame } from '../../handlers/socket/frame-schemas.ts';
import type { MessageGroup, MessageGroupState } from '../../web/src/api/schema.ts';
import { fetchByContract } from './contract.ts';
import { connectDevice, type Device } from './device.ts';
import type { Stack } from './stack.ts';

/** What a client shows of a conversation: its messages from the oldest, and its row of the inbox. */
export interface Shown {
  messages: Message[];
  row: MessageGroup | undefined;
}

/** A device that follows a conversation by the rules of docs/realtime.md, without the slow poll: what no event tells is missing. */
export interface Follower {
  shows(): Shown;
  /** Opens a connection, and asks for what no event has told. */
  connect(): Promise<void>;
  /** Ends the connection as a network does that fails. */
  lose(): Promise<void>;
}

export async function follow(stack: Stack, token: string, uuid: string): Promise<Follower> {
  const ask = asker(stack, token);
  const conversation = openConversation(uuid, ask, () => {});
  let row: MessageGroup | undefined;
  let device: Device | undefined;
  let asking = Promise.resolve();

  const takeRow = (one: MessageGroup) => {
    if (one.uuid === uuid && one.revision > (row?.revision ?? -1)) row = one;
  };
  const catchUp = () => {
    asking = asking.then(async () => {
      for (const one of (await ask('/api/message_groups')).body as MessageGroup[]) takeRow(one);
      await conversation.catchUp();
    });
    return asking;
  };
  const take = (frame: Frame) => {
    if (frame.type === 'message_group.updated') takeRow(frame.message_group);
    const isOfThis = 'message' in frame && frame.message_group_uuid === uuid;
    if (isOfThis && !conversation.take(frame.message)) void catchUp(); // what it throws fails the whole run
  };

  const follower = {
    shows: () => ({ messages: bySeq(conversation.held.values()), row }),
    async connect() {
      device = await connectDevice(stack, token, take);
      await catchUp();
    },
    async lose() {
      device?.socket.terminate();
      await device?.ended;
    },
  };
  await follower.connect();
  return follower;
}

/** What the API shows of a conversation to the user of a token: all of it. */
export async function shownByApi(stack: Stack, token: string, uuid: string): Promise<Shown & { seq: number }> {
  const ask = asker(stack, token);
  const messages: Message[] = [];
  for (let path: string | undefined = `/api/messages/${uuid}`; path; ) {
    const { body, next }: Awaited<ReturnType<typeof ask>> = await ask(path);
    messages.push(...(body as Message[]));
    path = next;
  }
  const rows = (await ask('/api/message_groups')).body as MessageGroup[];
  const { seq } = (await ask(`/api/message_groups/${uuid}`)).body as MessageGroupState;
  return { messages: bySeq(messages), row: rows.find((row) => row.uuid === uuid), seq };
}

const bySeq = (messages: Iterable<Message>) => [...messages].sort((one, other) => one.seq - other.seq);

const asker =
  ({ httpUrl }: Stack, token: string) =>
  async (path: string) => {
    const ask = () => fetchByContract(httpUrl + path, { headers: { authorization: `Bearer ${token}` } });
    let response = await ask();
    // A conversation into which both write without a pause may be too busy for a read: the client asks again when the service says.
    while (response.status === 503) {
      await wait(Number(response.headers.get('retry-after')) * 1_000);
      response = await ask();
    }
    if (!response.ok) throw new Error(`${path} is answered with ${response.status}`);
    return { body: await response.json(), next: nextOf(response) };
  };

const nextOf = ({ headers }: Response) => /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
