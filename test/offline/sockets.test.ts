import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ConnectionsGate } from '../support/connections-gate.ts';
import { connectDevice, type Device, statusOfConnect, ticketAddress } from '../support/device.ts';
import { eventually } from '../support/eventually.ts';
import { type Follower, follow, shownByApi } from '../support/follower.ts';
import { unlimited } from '../support/limits.ts';
import { type Stack, startStack } from '../support/stack.ts';

// The WebSocket API of the running stack, as clients use it.

let stack: Stack;
const gate = new ConnectionsGate();
const tokens: Record<string, string> = {};
const devices: Device[] = [];

beforeAll(async () => {
  const address = await gate.open();
  // The functions that call `@connections` reach it by way of the gate.
  const endpoint = /(?<=endpoint: )http:\/\/localhost:\$\{self:custom\.ports\.websocket\}/;
  stack = await startStack({ limits: unlimited, template: (yml) => yml.replace(endpoint, address) });
  gate.passTo(stack.ports.websocket);
  for (const handle of ['grahams', 'reef', 'bayko']) tokens[handle] = await stack.tokenFor(handle);
}, 90_000);
afterAll(async () => {
  await stack?.stop();
  await gate.close();
});
afterEach(async () => {
  for (const { socket } of devices) socket.terminate();
  devices.length = 0;
});

async function deviceOf(handle: string): Promise<Device> {
  const device = await connectDevice(stack, tokens[handle] as string);
  devices.push(device);
  return device;
}

async function api(handle: string, method: string, path: string, body?: object) {
  const response = await fetch(`${stack.httpUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${tokens[handle]}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
const send = async (from: string, to: string, message: string) =>
  (await api(from, 'POST', '/api/messages', { handle: to, message })).body;
const createdAs = (uuid: string) => (frame: Record<string, unknown>) =>
  frame.type === 'message.created' && (frame.message as { uuid: string }).uuid === uuid;

describe('connecting', () => {
  test('a ticket opens one connection; none, an unknown or a used one opens none', async () => {
    const address = await ticketAddress(stack, tokens.grahams as string);
    expect(address).toContain(`ws://localhost:${stack.ports.websocket}`);
    expect(await statusOfConnect(address)).toBe(101);
    expect(await statusOfConnect(address)).toBe(403);
    expect(await statusOfConnect(address.replace(/ticket=.*/, 'ticket=unknown'))).toBe(403);
    expect(await statusOfConnect(address.replace(/\?.*/, ''))).toBe(403); // 401 in AWS, without calling the function
  });

  // test/table/realtime.test.ts has 20: here each needs an instance of the function.
  test('of three tries with one ticket at the same moment, one succeeds', async () => {
    const address = await ticketAddress(stack, tokens.grahams as string);
    const statuses = await Promise.all(Array.from({ length: 3 }, () => statusOfConnect(address)));
    expect(statuses.toSorted()).toEqual([101, 403, 403]);
  });

  test('a caller without a token gets no ticket; one with the API’s page finds the address of the sockets', async () => {
    const path = `${stack.httpUrl}/api/realtime/tickets`;
    expect((await fetch(path, { method: 'POST' })).status).toBe(401);
    const settings = (await (await fetch(`${stack.httpUrl}/sign-in.json`)).json()) as { realtime_url: string };
    expect(settings.realtime_url).toBe(`ws://localhost:${stack.ports.websocket}`);
    const policy = (await fetch(stack.httpUrl)).headers.get('content-security-policy') ?? '';
    expect(/connect-src ([^;]*)/.exec(policy)?.[1]?.split(' ')).toContain(settings.realtime_url);
  });
});

describe('a connected device', () => {
  test('gets the answer to its ping, and a code for what it should not have sent; the connection stays', async () => {
    const device = await deviceOf('grahams');
    device.send('nonsense');
    await device.next(({ type, code }) => type === 'error' && code === 'body_invalid');
    device.send({ action: 'dance' });
    await device.next(({ type, code }) => type === 'error' && code === 'action_unknown');
    device.send({ action: 'typing', message_group_uuid: 'x' });
    await device.next(({ type, code }) => type === 'error' && code === 'message_group_uuid_invalid');
    device.send({ action: 'ping' });
    await device.next(({ type }) => type === 'pong');
  });

  test('a frame of 200 KB is answered, which AWS refuses', async () => {
    const device = await deviceOf('grahams');
    device.send({ action: 'dance', why: 'x'.repeat(200_000) });
    await device.next(({ type, code }) => type === 'error' && code === 'action_unknown');
  });

  test('gets what both users write, edit, read and delete, and no stranger does', async () => {
    const [writer, other, reader, stranger] = await Promise.all(['grahams', 'grahams', 'reef', 'bayko'].map(deviceOf));
    const sent = await send('grahams', 'reef', 'Are you there?');
    const of = ({ type, message }: Record<string, unknown>) => [type, (message as { message?: string })?.message];
    for (const device of [writer, other, reader] as Device[])
      expect(of(await device.next(createdAs(sent.uuid)))).toEqual(['message.created', 'Are you there?']);

    const group = sent.message_group_uuid;
    const path = `/api/messages/${group}/${encodeURIComponent(sent.created_at)}`;
    await api('reef', 'PUT', `/api/message_groups/${group}/read`, { created_at: sent.created_at });
    const read = await (other as Device).next(({ type }) => type === 'message_group.read');
    const state = (await api('grahams', 'GET', `/api/message_groups/${group}`)).body;
    expect(read).toMatchObject({ message_group_uuid: group, read: state.read });

    await api('grahams', 'PATCH', path, { message: 'Are you here?' });
    const revision = (n: number) => (frame: Record<string, unknown>) =>
      frame.type === 'message.updated' && (frame.message as { revision: number }).revision === n;
    expect(of(await (reader as Device).next(revision(1)))).toEqual(['message.updated', 'Are you here?']);
    await api('grahams', 'DELETE', path);
    expect(await (reader as Device).next(revision(2))).toMatchObject({ message: { message: '' } });
    (stranger as Device).send({ action: 'ping' });
    await (stranger as Device).next(({ type }) => type === 'pong');
    expect((stranger as Device).frames.map(({ type }) => type)).toEqual(['pong']);
  });

  test('tells the other that its user is writing, but not in a stranger’s conversation, nor while one blocks', async () => {
    const { message_group_uuid } = await send('grahams', 'reef', 'Hello');
    const [writer, reader, stranger] = await Promise.all(['grahams', 'reef', 'bayko'].map(deviceOf));
    const typing = { action: 'typing', message_group_uuid };
    (stranger as Device).send(typing);
    await (stranger as Device).next(({ type, code }) => type === 'error' && code === 'message_group_unknown');
    (writer as Device).send(typing);
    expect(await (reader as Device).next(({ type }) => type === 'typing')).toMatchObject({ message_group_uuid });

    const { user_uuid } = (await api('grahams', 'GET', `/api/message_groups/${message_group_uuid}`)).body;
    await api('grahams', 'PUT', `/api/blocks/${user_uuid}`);
    const before = (writer as Device).frames.length;
    (reader as Device).send(typing);
    (reader as Device).send({ action: 'ping' });
    await (reader as Device).next(({ type }) => type === 'pong');
    await api('grahams', 'DELETE', `/api/blocks/${user_uuid}`);
    const next = await send('reef', 'grahams', 'Later');
    await (writer as Device).next(createdAs(next.uuid));
    expect((writer as Device).frames.slice(before).map(({ type }) => type)).not.toContain('typing');
  });

  test('never misses the end: of 40 messages that come quickly, each comes', async () => {
    const device = await deviceOf('reef');
    const sent = [];
    for (let n = 0; n < 40; n++) sent.push(await send('grahams', 'reef', `message ${n}`));
    for (const { uuid } of sent) await device.next(createdAs(uuid));
  });
});

test('three devices of two users show 500 messages as they are in the end, edited and deleted ones too; one lost its connection', async () => {
  const first = await send('reef', 'bayko', 'Low tide is at seven.');
  const group = first.message_group_uuid;
  const handles = ['reef', 'reef', 'bayko'] as const;
  const followers = await Promise.all(handles.map((handle) => follow(stack, tokens[handle] as string, group)));
  const [phone, desk] = followers as [Follower, Follower];
  const pathOf = ({ created_at }: { created_at: string }) => `/api/messages/${group}/${encodeURIComponent(created_at)}`;
  const writes = async (from: string, to: string, afterEach: (n: number) => unknown) => {
    const sent = [];
    for (let n = 1; n <= 250; n++) {
      sent.push(await send(from, to, `${from} ${n}`));
      if (n % 20 === 0) await api(from, 'PATCH', pathOf(sent[n - 15]), { message: `${from} ${n - 14}, edited` });
      if (n % 50 === 0) await api(from, 'DELETE', pathOf(sent[n - 25]));
      await afterEach(n);
    }
  };
  try {
    await Promise.all([
      writes('bayko', 'reef', () => {}),
      writes('reef', 'bayko', async (n) => {
        if (n === 100) await phone.lose();
        if (n !== 150) return;
        expect(phone.shows().messages.length).toBeLessThan(desk.shows().messages.length - 50);
        await phone.connect();
      }),
    ]);
    for (const [index, follower] of followers.entries()) {
      const { seq, ...shown } = await shownByApi(stack, tokens[handles[index] as string] as string, group);
      expect(shown.messages.map((message) => message.seq)).toEqual(Array.from({ length: seq }, (_, n) => n + 1));
      expect(seq).toBeGreaterThan(500);
      await eventually(async () => expect(follower.shows()).toEqual(shown), 20_000);
    }
    const { messages } = desk.shows();
    expect([messages.filter((one) => one.edited_at).length, messages.filter((one) => one.deleted_at).length]).toEqual([
      24, 10,
    ]);
  } finally {
    for (const follower of followers) await follower.lose();
  }
}, 180_000);

test('a device whose posts are never answered changes nothing for sends, inboxes and other users', async () => {
  const [hanging, other] = (await Promise.all(['bayko', 'reef'].map(deviceOf))) as [Device, Device];
  const newest = async (handle: string) => (await api(handle, 'GET', '/api/message_groups')).body[0].message;
  gate.ignores = (frame) => frame.includes('Who gets this?');
  await send('grahams', 'bayko', 'Who gets this?');
  await eventually(async () => expect(gate.unanswered).toBeGreaterThan(0));

  for (const handle of ['grahams', 'bayko'])
    await eventually(async () => expect(await newest(handle)).toBe('Who gets this?'));
  await other.next(createdAs((await send('grahams', 'reef', 'Hello, reef.')).uuid));
  await send('grahams', 'bayko', 'And this?');
  await eventually(async () => expect(await newest('bayko')).toBe('And this?'));
  expect(JSON.stringify(hanging.frames)).not.toContain('Who gets this?');
  const connectedAgain = await deviceOf('bayko');
  await connectedAgain.next(createdAs((await send('grahams', 'bayko', 'Welcome back.')).uuid));
});

describe('signing out everywhere', () => {
  test('ends all connections, and refuses the tokens of before, for requests and for tickets that were asked with them', async () => {
    const [one, another] = await Promise.all(['bayko', 'bayko'].map(deviceOf));
    const underWay = await ticketAddress(stack, tokens.bayko as string);
    expect((await api('bayko', 'DELETE', '/api/realtime/connections')).status).toBe(204);
    await Promise.all([one?.ended, another?.ended]);
    expect(await statusOfConnect(underWay)).toBe(403);
    // Another function may remember the user for a minute; the one that has never met them refuses at once.
    expect((await api('bayko', 'GET', '/api/blocks')).body.errors).toEqual([{ code: 'token_invalid' }]);
    // Tokens tell whole seconds: one of the second of the sign-out counts as older.
    tokens.bayko = await eventually(async () => {
      const token = await stack.tokenFor('bayko');
      const response = await fetch(`${stack.httpUrl}/api/limits`, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status).toBe(200);
      return token;
    });
    await deviceOf('bayko');
  });
});
