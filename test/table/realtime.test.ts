import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DynamoDBRecord } from 'aws-lambda';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { setStanding } from '../../admin/users/standing.ts';
import { admitConnection } from '../../core/admit-connection.ts';
import { answerFrame } from '../../core/answer-frame.ts';
import { closeConnection } from '../../core/close-connection.ts';
import { createProfile } from '../../core/create-profile.ts';
import { createTicket, hashOf } from '../../core/create-ticket.ts';
import { newMemory } from '../../core/deps.ts';
import { endIfOver } from '../../core/end-connection.ts';
import { endConnections } from '../../core/end-connections.ts';
import type { Grant, Token } from '../../core/model/connection.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Message } from '../../core/model/message.ts';
import { fromMicros, type Timestamp } from '../../core/model/time.ts';
import type { User } from '../../core/model/user.ts';
import { openConnection } from '../../core/open-connection.ts';
import type { Pushed } from '../../core/push.ts';
import { type Event, pushEvents } from '../../core/push-events.ts';
import { relayTyping, type Typing } from '../../core/relay-typing.ts';
import { openTable, type Table } from '../../core/table/client.ts';
import { connections, type Key, userKey } from '../../core/table/items.ts';
import { systemRuntime } from '../../core/table/runtime.ts';
import { changeOf } from '../../core/table/stream-changes.ts';
import { updateProfile } from '../../core/update-profile.ts';
import { whoAmI } from '../../core/who-am-i.ts';
import { eventSchema } from '../../handlers/socket/frame-schemas.ts';
import { eventView } from '../../handlers/socket/frames.ts';
import { type EventSource, eventSources } from '../../offline/stream/event-sources.ts';
import { dynamodbEndpoint } from '../support/database.ts';
import { FakeSockets } from '../support/fake-sockets.ts';
import { followStream } from '../support/followed-stream.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { dump, localConfig, newTable, partition } from '../support/table.ts';

const { functions } = parse(readFileSync(resolve(import.meta.dirname, '../../serverless.yml'), 'utf8'), {
  logLevel: 'silent', // CloudFormation's tags
});
const [source] = eventSources({ pushEvents: functions.pushEvents }) as [EventSource];

let table: Table;
let s: Scenario;
let written: () => Promise<DynamoDBRecord[]>;
let now = Date.now();
const seconds = () => Math.floor(now / 1_000);
const later = (more: number) => {
  now += more * 1_000;
};

beforeAll(async () => {
  const opened = await newTable(dynamodbEndpoint, { withStream: true });
  // Its time passes when a test says so.
  table = { ...opened, runtime: { ...systemRuntime, millis: () => now } };
  s = scenario(table);
  written = await followStream(table, dynamodbEndpoint);
});

let sockets: FakeSockets;
let ada: User;
let bob: User;
let p: ReturnType<typeof newProcess>;
beforeEach(async () => {
  sockets = new FakeSockets();
  p = newProcess();
  [ada, bob] = [await s.given.user(), await s.given.user()];
});

/** A process with nothing in its memory, with the dependencies of every verb. */
function newProcess() {
  const deps = { ...s.deps, memory: newMemory(table.runtime), sockets };
  return {
    ...deps,
    frameOf: (event: Event, me: User) => JSON.stringify(eventSchema.parse(eventView(event, me))),
  };
}

const token = (more: Partial<Token> = {}): Token => ({
  issued_at: seconds(),
  expires_at: seconds() + 3_600,
  ...more,
});
const ticketOf = async (user: User, of = token()) => (await createTicket(p, user, of)).ticket;
const grantOf = async (user: User, of = token()) => (await admitConnection(p, await ticketOf(user, of))) as Grant;

let opened = 0;
/** A device that connects. @returns its connection */
async function connects(user: User, of = token()): Promise<string> {
  const id = `connection-${++opened}`;
  await openConnection(p, await grantOf(user, of), id);
  return id;
}
const connected = async ({ user_uuid }: User) => (await partition(table, connections(user_uuid))).map(({ sk }) => sk);
const subOf = async ({ user_uuid }: User) =>
  String((await partition(table, userKey(user_uuid).pk))[0]?.cognito_user_id);
const suspend = ({ user_uuid }: User) =>
  setStanding(s.deps, user_uuid, { suspended_at: '2024-02-29T12:00:00.000000+00:00' as Timestamp });

/** What a function of the push consumer gets of all that was written since the last call. */
const changes = async () =>
  (await written()).filter((record) => source.wants(record)).flatMap((one) => changeOf(one) ?? []);
/** Pushes all that was written since the last push. */
const pushed = async (by = p): Promise<Pushed> => pushEvents(by, await changes());
/** The table with a count of the keys that are read through it, by the kind of item. */
function countedReads() {
  let kinds: string[] = [];
  const counting = openTable(table.name, localConfig(dynamodbEndpoint));
  counting.client.middlewareStack.add(
    (next) => (args) => {
      const { Key, RequestItems, ExpressionAttributeValues } = args.input as ReadInput;
      const keys = [Key, ...(RequestItems?.[table.name]?.Keys ?? []), { pk: ExpressionAttributeValues?.[':pk'] }];
      kinds.push(...keys.flatMap((key) => (key?.pk ? [String(key.pk).split('#')[0] as string] : [])));
      return next(args);
    },
    { step: 'initialize', name: 'counted' },
  );
  return {
    table: { ...counting, runtime: table.runtime },
    /** Those since this was asked last. */
    counted: () => {
      const counts: Record<string, number> = {};
      for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
      kinds = [];
      return counts;
    },
  };
}
interface ReadInput {
  Key?: Key;
  RequestItems?: Record<string, { Keys: Key[] }>;
  ExpressionAttributeValues?: Record<string, unknown>;
}
const nothing = { posted: 0, failed: 0, ended: 0 };

describe('a ticket', () => {
  test('opens one connection, for a minute', async () => {
    expect(await createTicket(p, ada, token())).toEqual({ ticket: expect.any(String), expires_in: 60 });
    const ticket = await ticketOf(ada);
    later(59);
    expect(await admitConnection(p, ticket)).toMatchObject({ user_uuid: ada.user_uuid });
    expect(await admitConnection(p, ticket)).toBeUndefined();
  });

  test('opens nothing once it has expired, or if it is unknown', async () => {
    const ticket = await ticketOf(ada);
    later(60);
    expect(await admitConnection(p, ticket)).toBeUndefined();
    for (const unknown of ['', 'unknown', hashOf(ticket)]) expect(await admitConnection(p, unknown)).toBeUndefined();
  });

  test('opens one connection when 20 try at the same moment', async () => {
    const ticket = await ticketOf(ada);
    const admitted = await Promise.all(Array.from({ length: 20 }, () => admitConnection(newProcess(), ticket)));
    expect(admitted.filter((grant) => grant !== undefined)).toHaveLength(1);
  });

  test('is not in the table, only its hash is', async () => {
    const ticket = await ticketOf(ada);
    const stored = await dump(table, `TICKET#${hashOf(ticket)}`);
    expect(stored).toEqual([
      {
        pk: `TICKET#${hashOf(ticket)}`,
        sk: 'TICKET',
        user_uuid: ada.user_uuid,
        signed_in_at: fromMicros(seconds() * 1_000_000),
        connected_until: seconds() + 3_600,
        expires_at: seconds() + 60,
      },
    ]);
    expect(JSON.stringify(await dump(table))).not.toContain(ticket);
  });
});

describe('a connection', () => {
  test('ends with the access token that its ticket was asked with, after two hours at the latest', async () => {
    const of = token({ expires_at: seconds() + 5 });
    expect((await grantOf(ada, of)).connected_until).toBe(seconds() + 5);
    expect((await grantOf(ada, token({ expires_at: seconds() + 86_400 }))).connected_until).toBe(seconds() + 7_200);
  });

  test('is stored with its end, and forgotten when it closes', async () => {
    const id = await connects(ada);
    expect(await partition(table, connections(ada.user_uuid))).toEqual([
      {
        pk: `CONN#${ada.user_uuid}`,
        sk: id,
        created_at: fromMicros(Math.floor(now * 1_000)),
        expires_at: seconds() + 3_600,
      },
    ]);
    await closeConnection(p, ada.user_uuid, id);
    expect(await connected(ada)).toEqual([]);
  });

  test('is one of ten at most: one more ends the oldest', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 11; n++) {
      later(1);
      ids.push(await connects(ada));
    }
    expect(sockets.ended).toEqual([ids[0]]);
    expect(await connected(ada)).toEqual(ids.slice(1).sort());
  });

  test('is opened although the oldest one cannot be ended', async () => {
    sockets.ending = () => Promise.reject(new Error('no answer'));
    for (let n = 0; n < 11; n++) {
      later(1);
      await connects(ada);
    }
    expect(await connected(ada)).toHaveLength(10);
  });

  test('is not opened for a user who is suspended, or not there', async () => {
    const grant = await grantOf(ada);
    await suspend(ada);
    await expect(openConnection(p, grant, 'refused')).rejects.toThrow(/^token_invalid$/);
    const nobody = { ...grant, user_uuid: '00000000-0000-4000-8000-000000000000' as Uuid };
    await expect(openConnection(p, nobody, 'refused')).rejects.toThrow(/^token_invalid$/);
    expect(await dump(table, 'CONN#00000000')).toEqual([]);
    expect(await connected(ada)).toEqual([]);
  });

  test('answers a ping, and refuses what it does not know', async () => {
    const frame = { connection_id: await connects(ada), grant: await grantOf(ada) };
    expect(await answerFrame(p, { ...frame, body: { action: 'ping' } })).toEqual({ type: 'pong' });
    for (const body of [{ action: 'pong' }, {}, []])
      await expect(answerFrame(p, { ...frame, body })).rejects.toThrow(/^action_unknown$/);
    for (const body of [undefined, null, 'ping'])
      await expect(answerFrame(p, { ...frame, body })).rejects.toThrow(/^body_invalid$/);
    expect(sockets.ended).toEqual([]);
  });

  test('over its time is ended by a frame of its client', async () => {
    const grant = await grantOf(ada);
    const pings = await connects(ada);
    const types = await connects(ada);
    later(3_599);
    expect(await endIfOver(p, grant, types)).toBe(false);
    later(1);
    expect(await answerFrame(p, { connection_id: pings, grant, body: { action: 'ping' } })).toBeUndefined();
    expect(await endIfOver(p, grant, types)).toBe(true);
    expect(sockets.ended).toEqual([pings, types]);
    expect(await connected(ada)).toEqual([]);
  });
});

describe('signing out everywhere', () => {
  test('ends all connections, and refuses older tokens in every process within a minute', async () => {
    const sub = await subOf(ada);
    const old = token();
    const warm = newProcess();
    await whoAmI(warm, sub, old);
    const ids = [await connects(ada), await connects(ada)];
    const other = await connects(bob);
    await endConnections(p, ada);
    expect(sockets.ended.sort()).toEqual(ids.sort());
    expect([await connected(ada), await connected(bob)]).toEqual([[], [other]]);
    await expect(whoAmI(newProcess(), sub, old)).rejects.toThrow(/^token_invalid$/);
    later(61);
    await expect(whoAmI(warm, sub, old)).rejects.toThrow(/^token_invalid$/);
    await whoAmI(warm, sub, token());
  });

  test('refuses an older token also where a caller asks for their profile', async () => {
    const sub = await subOf(ada);
    const old = token();
    const asks = (of: Token) => {
      const userPool = { emailOf: async () => ({ email: 'ada@example.com', isVerified: true }) };
      const caller = { cognito_user_id: sub, accessToken: 'a token', token: of };
      return createProfile({ ...newProcess(), userPool }, caller, { handle: ada.handle });
    };
    expect(await asks(old)).toMatchObject({ user_uuid: ada.user_uuid });
    await endConnections(p, ada);
    await expect(asks(old)).rejects.toThrow(/^token_invalid$/);
    expect(await asks(token({ issued_at: seconds() + 1 }))).toMatchObject({ user_uuid: ada.user_uuid });
  });

  test('refuses a token of the same second, and none of the next one', async () => {
    const sub = await subOf(ada);
    now = Math.ceil(now / 1_000) * 1_000; // tokens have no part of a second
    const same = token();
    await endConnections(p, ada);
    await expect(whoAmI(newProcess(), sub, same)).rejects.toThrow(/^token_invalid$/);
    await whoAmI(newProcess(), sub, token({ issued_at: seconds() + 1 }));
  });

  test('refuses the connection of an older token that was under way, and none of a newer one', async () => {
    const ticket = await ticketOf(ada);
    const grant = await grantOf(ada);
    later(1);
    await endConnections(p, ada);
    await expect(openConnection(p, grant, 'late')).rejects.toThrow(/^token_invalid$/);
    const admitted = (await admitConnection(p, ticket)) as Grant;
    await expect(openConnection(p, admitted, 'later')).rejects.toThrow(/^token_invalid$/);
    expect(await connected(ada)).toEqual([]);
    later(1);
    expect(await connected(ada)).toEqual([]);
    const id = await connects(ada);
    expect(await connected(ada)).toEqual([id]);
  });

  test('forgets every connection, also when API Gateway refuses to end one', async () => {
    for (let n = 0; n < 3; n++) await connects(ada);
    sockets.ending = () => Promise.reject(new Error('refused'));
    await expect(endConnections(p, ada)).rejects.toThrow(/^refused$/);
    expect(await connected(ada)).toEqual([]);
  });

  test('stays known when the user changes their profile', async () => {
    const sub = await subOf(ada);
    const old = token();
    await endConnections(p, ada);
    const caller = await whoAmI(newProcess(), sub, token({ issued_at: seconds() + 1 }));
    const changing = newProcess();
    await updateProfile(changing, caller, { display_name: 'Ada Reborn' });
    await updateProfile(changing, caller, { read_receipts: false });
    for (const process of [changing, newProcess()])
      await expect(whoAmI(process, sub, old)).rejects.toThrow(/^token_invalid$/);
  });
});

describe('each of the two', () => {
  let first: Message;
  let group: Uuid;
  let adas: string;
  let bobs: string;
  beforeEach(async () => {
    first = await s.when.sends(ada, bob, 'first');
    group = first.message_group_uuid;
    adas = await connects(ada);
    bobs = await connects(bob);
    await written();
  });
  const frames = async () => {
    const counted = await pushed();
    const [toAda, toBob] = [sockets.taken(adas), sockets.taken(bobs)] as Frame[][];
    expect(counted).toEqual({ posted: (toAda?.length ?? 0) + (toBob?.length ?? 0), failed: 0, ended: 0 });
    return { ada: toAda as Frame[], bob: toBob as Frame[] };
  };
  // biome-ignore lint/suspicious/noExplicitAny: a frame of any type
  type Frame = { type: string; message?: any; message_group?: any };
  const typesOf = (of: Frame[]) => of.map(({ type }) => type);

  test('gets a new message and their own row, once the projector has written it', async () => {
    const second = await s.when.sendsIn(ada, group, 'second');
    await s.when.projected(group);
    const { ada: toAda, bob: toBob } = await frames();
    const message = {
      uuid: second.message_uuid,
      user_uuid: ada.user_uuid,
      handle: ada.handle,
      message: 'second',
      created_at: second.created_at,
      seq: 2,
      sender_seq: 2,
      revision: 0,
    };
    expect(toAda).toMatchObject([
      { type: 'message.created', message_group_uuid: group, message: { ...message, seen: false } },
      { type: 'message_group.updated', message_group: { uuid: group, handle: bob.handle, unread_count: 0 } },
    ]);
    expect(toBob).toMatchObject([
      { type: 'message.created', message_group_uuid: group, message },
      {
        type: 'message_group.updated',
        message_group: { uuid: group, handle: ada.handle, message: 'second', unread_count: 2 },
      },
    ]);
    expect(toBob[0]?.message).not.toHaveProperty('seen');
    expect(toBob[1]).not.toHaveProperty('hidden');
  });

  test('gets the first message of a conversation, with its row', async () => {
    const cy = await s.given.user();
    const { message_group_uuid } = await s.when.sends(cy, ada, 'hello');
    const { ada: toAda, bob: toBob } = await frames();
    expect(typesOf(toAda).sort()).toEqual(['message.created', 'message_group.updated']);
    expect(toAda.find(({ message_group }) => message_group)?.message_group.uuid).toBe(message_group_uuid);
    expect(toBob).toEqual([]);
  });

  test('gets an edit and a deletion', async () => {
    await s.when.edits(ada, first, 'edited');
    for (const to of Object.values(await frames()))
      expect(to).toMatchObject([{ type: 'message.updated', message: { message: 'edited', revision: 1 } }]);
    await s.when.deletes(ada, first);
    for (const to of Object.values(await frames()))
      expect(to).toMatchObject([{ type: 'message.updated', message: { message: '', revision: 2, seq: 1 } }]);
  });

  test('learns how far a user has read, and of a message of theirs that it is seen', async () => {
    await s.when.reads(bob, first);
    const read = { type: 'message_group.read', message_group_uuid: group, user_uuid: bob.user_uuid, read: 1 };
    const { ada: toAda, bob: toBob } = await frames();
    expect(toAda).toEqual([read]);
    expect(toBob).toEqual(expect.arrayContaining([read]));
    expect(toBob.find(({ message_group }) => message_group)?.message_group.unread_count).toBe(0);
    await s.when.edits(ada, first, 'edited');
    expect((await frames()).ada).toMatchObject([{ type: 'message.updated', message: { seen: true } }]);
  });

  test('learns of nothing that is read when a head changes otherwise', async () => {
    await s.when.reads(bob, first);
    await written();
    await s.when.sendsIn(ada, group, 'second');
    await s.when.mutes(ada, group);
    const { ada: toAda, bob: toBob } = await frames();
    expect([...typesOf(toAda), ...typesOf(toBob)]).not.toContain('message_group.read');
    expect(toBob.length).toBeGreaterThan(0);
  });

  test('clears, mutes and marks as unread on their own devices only', async () => {
    const second = await connects(bob);
    const bothDevices = async () => {
      const { bob: toBob, ada: toAda } = await framesWith(second);
      return { toBob, toAda };
    };
    await s.when.mutes(bob, group);
    let { toBob, toAda } = await bothDevices();
    expect(toBob).toMatchObject([{ type: 'message_group.updated', message_group: { muted: true } }]);
    expect(toAda).toEqual([]);
    await s.when.reads(bob, first);
    await s.when.marksUnread(bob, group);
    ({ toBob } = await bothDevices());
    expect(toBob.at(-1)).toMatchObject({ type: 'message_group.updated', message_group: { marked_unread: true } });
    await s.when.clears(bob, first);
    ({ toBob, toAda } = await bothDevices());
    expect(toBob).toEqual(
      expect.arrayContaining([
        { type: 'message_group.cleared', message_group_uuid: group, cleared: first.created_at },
        expect.objectContaining({
          type: 'message_group.updated',
          hidden: true,
          message_group: expect.objectContaining({ uuid: group, message: '' }),
        }),
      ]),
    );
    expect(toAda).toEqual([]);
  });
  /** What both devices of a user get is the same. */
  const framesWith = async (second: string) => {
    await pushed();
    const [toAda, toBob, toSecond] = [adas, bobs, second].map((id) => sockets.taken(id)) as [Frame[], Frame[], Frame[]];
    expect(toSecond).toEqual(toBob);
    return { ada: toAda, bob: toBob };
  };

  test('gets nothing of what they have cleared', async () => {
    await s.when.edits(ada, first, 'edited');
    await s.when.projected(group);
    await s.when.clears(bob, first);
    const { ada: toAda, bob: toBob } = await frames();
    expect(JSON.stringify(toAda)).toContain('edited');
    expect(JSON.stringify(toBob)).not.toContain('edited');
    expect(JSON.stringify(toBob)).not.toContain('first');
    expect(typesOf(toBob)).toContain('message_group.cleared');
  });

  test('gets nothing of the other while one of the two blocks', async () => {
    await s.when.sendsIn(bob, group, 'second');
    await s.when.projected(group);
    const third = await s.when.sendsIn(ada, group, 'third');
    await s.when.projected(group);
    await s.when.blocks(bob, ada);
    await written();
    await s.when.reads(bob, third);
    const read = await frames();
    expect(read.ada).toEqual([]);
    expect(typesOf(read.bob).sort()).toEqual(['message_group.read', 'message_group.updated']);
    await s.when.deletes(ada, third);
    await s.when.projected(group);
    const deleted = await frames();
    expect(deleted.ada).toMatchObject([{ type: 'message.updated', message: { message: '', seq: 3 } }]);
    expect(deleted.bob).toEqual([]);
    await s.when.mutes(bob, group);
    expect((await frames()).bob).toMatchObject([{ type: 'message_group.updated', message_group: { muted: true } }]);
    await s.when.unblocks(bob, ada);
    await s.when.sendsIn(ada, group, 'fourth');
    expect(typesOf((await frames()).bob)).toEqual(['message.created']);
  });

  test('gets nothing that was sent before a block and is pushed after it', async () => {
    await s.when.sendsIn(ada, group, 'second');
    await s.when.projected(group);
    await s.when.blocks(bob, ada);
    const { ada: toAda, bob: toBob } = await frames();
    expect(typesOf(toAda)).toEqual(['message.created']);
    expect(toBob).toEqual([]);
  });

  test.each(['reader', 'sender'])(
    'is told no reading by the other while the %s shows none, only by themselves',
    async (who) => {
      await s.given.withoutReceipts(who === 'reader' ? bob : ada);
      await s.when.reads(bob, first);
      const { ada: toAda, bob: toBob } = await frames();
      expect(toAda).toEqual([]);
      expect(typesOf(toBob).sort()).toEqual(['message_group.read', 'message_group.updated']);
      await s.when.edits(ada, first, 'edited');
      const [edited] = (await frames()).ada;
      expect(edited).toMatchObject({ type: 'message.updated' });
      expect(edited?.message).not.toHaveProperty('seen');
    },
  );

  test('sees names as they are now', async () => {
    await updateProfile(s.deps, ada as never, { display_name: 'Ada Reborn' });
    p = newProcess();
    await s.when.sendsIn({ ...ada, display_name: 'Ada of old' }, group, 'second');
    await scenario(table, { memory: newMemory(table.runtime) }).when.projected(group);
    const { bob: toBob } = await frames();
    expect(toBob).toMatchObject([
      { type: 'message.created', message: { display_name: 'Ada Reborn' } },
      { type: 'message_group.updated', message_group: { display_name: 'Ada Reborn' } },
    ]);
  });

  test('gets nothing of others, and a stranger nothing of theirs', async () => {
    const cy = await s.given.user();
    const cys = await connects(cy);
    await s.when.sendsIn(ada, group, 'second');
    expect((await frames()).bob).toHaveLength(1);
    expect(sockets.taken(cys)).toEqual([]);
  });
});

describe('a push', () => {
  const sends = async () => {
    const { message_group_uuid } = await s.when.sends(ada, bob, 'hello');
    await s.when.projected(message_group_uuid);
    return message_group_uuid;
  };
  /** A conversation whose records are pushed already. */
  const begins = async () => {
    const group = await sends();
    await written();
    return group;
  };
  const forever = () => new Promise<never>(() => {});

  test('reaches each device of a user, in the order of the stream', async () => {
    const group = await begins();
    const ids = [await connects(bob), await connects(bob)];
    for (const text of ['1', '2', '3']) await s.when.sendsIn(ada, group, text);
    expect(await pushed()).toEqual({ posted: 6, failed: 0, ended: 0 });
    for (const id of ids)
      expect(sockets.taken(id)).toMatchObject(['1', '2', '3'].map((message) => ({ message: { message } })));
  });

  test('costs one read of the head a process, and of connections only if nobody is connected', async () => {
    const group = await begins();
    const reads = countedReads();
    await s.when.sendsIn(ada, group, '1');
    const counting = { ...p, table: reads.table };
    expect(await pushed(counting)).toEqual(nothing);
    expect(reads.counted()).toEqual({ HEAD: 1, CONN: 2 });
    await s.when.sendsIn(ada, group, '2');
    expect(await pushed(counting)).toEqual(nothing);
    expect(reads.counted()).toEqual({ CONN: 2 });
    await connects(bob);
    await s.when.sendsIn(ada, group, '3');
    await s.when.sendsIn(ada, group, '4');
    expect(await pushed(counting)).toMatchObject({ posted: 2 });
    expect(reads.counted()).toEqual({ HEAD: 1, CONN: 2, USR: 2 });
  });

  test('posts nothing to a connection that is over its time, and ends it', async () => {
    const group = await begins();
    const over = await connects(bob, token({ expires_at: seconds() + 10 }));
    const open = await connects(bob);
    later(10);
    await s.when.sendsIn(ada, group, 'late');
    expect(await pushed()).toEqual({ posted: 1, failed: 0, ended: 1 });
    expect([sockets.taken(over), sockets.taken(open).length, sockets.ended]).toEqual([[], 1, [over]]);
    expect(await connected(bob)).toEqual([open]);
  });

  test('ends a connection that is over its time also if nobody else is connected', async () => {
    const group = await begins();
    const over = await connects(bob, token({ expires_at: seconds() + 10 }));
    later(10);
    await s.when.sendsIn(ada, group, 'late');
    expect(await pushed()).toEqual({ posted: 0, failed: 0, ended: 1 });
    expect([sockets.ended, await connected(bob)]).toEqual([[over], []]);
  });

  test('stops when the time of a connection ends while it takes its frames', async () => {
    const group = await begins();
    const id = await connects(bob, token({ expires_at: seconds() + 10 }));
    for (const text of ['1', '2']) await s.when.sendsIn(ada, group, text);
    sockets.answers.set(id, async () => {
      later(10);
      return 'posted';
    });
    expect(await pushed()).toMatchObject({ posted: 1 });
    expect(sockets.taken(id)).toHaveLength(1);
  });

  test('ends the connections of a suspended user, within a minute', async () => {
    const group = await begins();
    const [adas, bobs] = [await connects(ada), await connects(bob)];
    const message = await s.when.sendsIn(ada, group, 'before');
    await pushed(); // the process remembers both
    for (const id of [adas, bobs]) expect(sockets.taken(id)).toHaveLength(1);
    await suspend(bob);
    later(61);
    await s.when.deletes(ada, message);
    await pushed();
    expect([sockets.taken(adas).length > 0, sockets.taken(bobs)]).toEqual([true, []]);
    expect([sockets.ended, await connected(bob)]).toEqual([[bobs], []]);
  });

  test('forgets a connection that is gone', async () => {
    const group = await begins();
    const [gone, open] = [await connects(bob), await connects(bob)];
    sockets.answers.set(gone, async () => 'gone');
    for (const text of ['1', '2']) await s.when.sendsIn(ada, group, text);
    expect(await pushed()).toEqual({ posted: 2, failed: 0, ended: 1 });
    expect(sockets.taken(gone)).toHaveLength(1);
    expect([await connected(bob), sockets.ended]).toEqual([[open], []]);
  });

  test('tries a connection that fails again after half a minute only, and keeps it', async () => {
    const group = await begins();
    const [failing, open] = [await connects(bob), await connects(bob)];
    sockets.answers.set(failing, async () => 'failed');
    const sendsTwo = async () => {
      for (const text of ['1', '2']) await s.when.sendsIn(ada, group, text);
      return pushed();
    };
    expect(await sendsTwo()).toEqual({ posted: 2, failed: 2, ended: 0 });
    expect([sockets.taken(failing).length, sockets.taken(open).length]).toEqual([1, 2]);
    later(29);
    expect(await sendsTwo()).toEqual({ posted: 2, failed: 2, ended: 0 });
    expect(sockets.taken(failing)).toEqual([]);
    later(2);
    sockets.answers.delete(failing);
    expect(await sendsTwo()).toEqual({ posted: 4, failed: 0, ended: 0 });
    expect([sockets.taken(failing).length, await connected(bob)]).toEqual([2, [failing, open].sort()]);
  });

  test('delays no device by one that hangs, nor by one whose end hangs', async () => {
    const group = await begins();
    const hanging = await connects(ada);
    const over = await connects(ada, token({ expires_at: seconds() + 10 }));
    const open = await connects(bob);
    later(10);
    sockets.answers.set(hanging, forever);
    sockets.ending = forever;
    await s.when.sendsIn(ada, group, 'hello');
    void pushed();
    await vi.waitFor(() => expect(sockets.taken(open)).toHaveLength(1), { timeout: 20_000 });
    expect(sockets.taken(hanging)).toHaveLength(1);
    await vi.waitFor(async () => expect(await connected(ada)).not.toContain(over), { timeout: 20_000 });
  });
});

test('the consumer gets messages, rows and heads that are new or changed, and nothing else', async () => {
  const { message_group_uuid: group, ...first } = await s.when.sends(ada, bob, 'first', 'key');
  await s.when.clears(bob, { message_group_uuid: group, ...first });
  await s.when.blocks(ada, await s.given.user());
  await connects(ada);
  const all = await written();
  const wanted = all.filter((record) => source.wants(record));
  const kindsOf = (records: DynamoDBRecord[]) => [
    ...new Set(records.map(({ eventName, dynamodb }) => `${eventName} ${dynamodb?.Keys?.pk?.S?.split('#')[0]}`)),
  ];
  expect(kindsOf(wanted).sort()).toEqual(
    ['INSERT GRP', 'INSERT HEAD', 'INSERT HIDDEN', 'INSERT MSG', 'MODIFY HEAD'].sort(),
  );
  expect(kindsOf(all)).toEqual(expect.arrayContaining(['REMOVE GRP', 'INSERT SENT', 'INSERT CONN', 'INSERT BLOCK']));
});

describe('typing', () => {
  let group: Uuid;
  let adas: string;
  let bobs: string;
  beforeEach(async () => {
    ({ message_group_uuid: group } = await s.when.sends(ada, bob, 'hello'));
    [adas, bobs] = [await connects(ada), await connects(bob)];
  });
  const types = (user: User, message_group_uuid: string = group, by = typingProcess()) =>
    relayTyping(by, user.user_uuid, { action: 'typing', message_group_uuid });
  const typingProcess = () => ({ ...newProcess(), frameOf: (event: Typing) => JSON.stringify(event) });

  test('is told to the other one, at most once a second', async () => {
    const event = { type: 'typing', message_group_uuid: group, user_uuid: ada.user_uuid };
    const by = typingProcess();
    await types(ada, group, by);
    later(0.999);
    await types(ada, group, by);
    expect([sockets.taken(adas), sockets.taken(bobs)]).toEqual([[], [event]]);
    await types(bob, group, by);
    expect(sockets.taken(adas)).toEqual([{ ...event, user_uuid: bob.user_uuid }]);
    later(0.001);
    await types(ada, group, by);
    expect(sockets.taken(bobs)).toEqual([event]);
  });

  test('in the conversation of others is refused, as in one that does not exist', async () => {
    const cy = await s.given.user();
    const unknown = /^message_group_unknown$/;
    await expect(types(cy)).rejects.toThrow(unknown);
    await expect(types(ada, '00000000-0000-4000-8000-000000000000')).rejects.toThrow(unknown);
    await expect(types(ada, 'no uuid')).rejects.toThrow(/^message_group_uuid_invalid$/);
    await expect(relayTyping(typingProcess(), ada.user_uuid, undefined)).rejects.toThrow(/^body_invalid$/);
    expect(sockets.posts).toEqual([]);
  });

  test.each(['the one who types', 'the other one'])('is not told while %s blocks', async (who) => {
    const [one, other] = who === 'the other one' ? [bob, ada] : [ada, bob];
    await s.when.blocks(one, other);
    await types(ada);
    expect(sockets.posts).toEqual([]);
  });

  test.each(['the one who types', 'the other one'])('is not told while %s shows no receipts', async (who) => {
    await s.given.withoutReceipts(who === 'the other one' ? bob : ada);
    await types(ada);
    expect(sockets.posts).toEqual([]);
  });

  test('of a suspended user is not told', async () => {
    await suspend(ada);
    await types(ada);
    expect(sockets.posts).toEqual([]);
  });

  test('ends a connection that is over its time, and the connections of a suspended user', async () => {
    const over = await connects(bob, token({ expires_at: seconds() + 10 }));
    later(10);
    await types(ada);
    expect([sockets.ended, sockets.taken(over), sockets.taken(bobs).length]).toEqual([[over], [], 1]);
    await suspend(bob);
    await types(ada);
    expect([sockets.ended, sockets.taken(bobs)]).toEqual([[over, bobs], []]);
    expect(await connected(bob)).toEqual([]);
  });
});
