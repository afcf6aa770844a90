import { always, type Mutation } from '../mutation.ts';

const test = 'test/table/realtime.test.ts';
const conditions = 'core/table/conditions.ts';
const connections = 'core/table/connections.ts';
const connection = 'core/model/connection.ts';
const push = 'core/push.ts';
const events = 'core/push-events.ts';
const typing = 'core/relay-typing.ts';
const changes = 'core/table/stream-changes.ts';

/** Tickets and connections: who may connect, and for how long. */
const connecting: Mutation[] = [
  {
    name: 'a ticket opens one connection',
    file: connections,
    find: "import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';",
    replace: "import { UpdateCommand as DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';",
    caughtBy: [test, 'a ticket opens one connection, for a minute'],
  },
  {
    name: 'a ticket opens nothing once it has expired',
    file: conditions,
    find: "'attribute_exists(pk) AND expires_at > :now'",
    replace: `'${always('expires_at > :now')}'`,
    caughtBy: [test, 'a ticket opens nothing once it has expired'],
  },
  {
    name: 'the table holds no ticket, only its hash',
    file: 'core/create-ticket.ts',
    find: "createHash('sha256').update(secret).digest('hex')",
    replace: "(createHash('sha256'), secret)",
    caughtBy: [test, 'a ticket is not in the table'],
  },
  {
    name: 'a connection ends with its access token',
    file: connection,
    find: 'Math.min(expires_at, now + connectionLifetime)',
    replace: 'now + connectionLifetime',
    caughtBy: [test, 'a connection ends with the access token'],
  },
  {
    name: 'a connection ends after two hours at the latest',
    file: connection,
    find: 'Math.min(expires_at, now + connectionLifetime)',
    replace: 'expires_at',
    caughtBy: [test, 'a connection ends with the access token'],
  },
  {
    name: 'a user has ten connections at most',
    file: 'core/open-connection.ts',
    find: 'newestFirst.slice(maxConnections)',
    replace: 'newestFirst.slice(maxConnections + 1)',
    caughtBy: [test, 'a connection is one of ten at most'],
  },
  {
    name: 'one connection too many ends the oldest',
    file: 'core/open-connection.ts',
    find: 'one.created_at < other.created_at ? 1 : -1',
    replace: 'one.created_at < other.created_at ? -1 : 1',
    caughtBy: [test, 'a connection is one of ten at most'],
  },
  {
    name: 'a connection opens although the oldest one cannot be ended',
    file: 'core/end-connection.ts',
    find: '  } catch {\n',
    replace: '  } catch (error) {\n    throw error;\n',
    caughtBy: [test, 'a connection is opened although'],
  },
  {
    name: 'a suspended user does not connect',
    file: conditions,
    find: "all(\n    isReachable,\n    condition('(attribute_not_exists(signed_out_at)",
    replace: "all(\n    keyIsTaken,\n    condition('(attribute_not_exists(signed_out_at)",
    caughtBy: [test, 'a connection is not opened for a user who is suspended'],
  },
  {
    name: 'a connection that was under way does not outlive signing out everywhere',
    file: conditions,
    find: "'(attribute_not_exists(signed_out_at) OR signed_out_at < :since)'",
    replace: `'(${always('signed_out_at < :since')})'`,
    caughtBy: [test, 'signing out everywhere refuses the connection of an older token'],
  },
  {
    name: 'signing out everywhere refuses older tokens',
    file: 'core/who-am-i.ts',
    find: 'if (isSignedOut(user, token))',
    replace: 'if (!user && isSignedOut(user, token))',
    caughtBy: [test, 'signing out everywhere ends all connections, and refuses older tokens'],
  },
  {
    name: 'signing out everywhere refuses older tokens that ask for a profile',
    file: 'core/create-profile.ts',
    find: '  mustBeIn(user, token);',
    replace: '  if (!user) mustBeIn(user, token);',
    caughtBy: [test, 'signing out everywhere refuses an older token also where'],
  },
  {
    name: 'signing out everywhere refuses a token of the same second',
    file: connection,
    find: 'fromSeconds(issued_at) <= signed_out_at',
    replace: 'fromSeconds(issued_at) < signed_out_at',
    caughtBy: [test, 'signing out everywhere refuses a token of the same second'],
  },
  {
    name: 'signing out everywhere ends the connections',
    file: 'core/end-connections.ts',
    find: 'deps.sockets.end(connection_id)',
    replace: '!deps && connection_id',
    caughtBy: [test, 'signing out everywhere ends all connections'],
  },
  {
    name: 'signing out everywhere forgets all connections, whatever API Gateway answers',
    file: 'core/end-connections.ts',
    find: 'deleteConnection(deps.table, user_uuid, connection_id)',
    replace: 'deps.sockets.end(connection_id).then(() => deleteConnection(deps.table, user_uuid, connection_id))',
    caughtBy: [test, 'signing out everywhere forgets every connection'],
  },
  {
    name: 'a frame ends a connection that is over its time',
    file: 'core/answer-frame.ts',
    find: 'if (await endIfOver(deps, grant, connection_id)) return undefined;',
    replace: 'if (!grant) await endIfOver(deps, grant, connection_id);',
    caughtBy: [test, 'a connection over its time is ended by a frame'],
  },
  {
    name: 'a frame that tells of typing ends a connection that is over its time',
    file: 'handlers/socket/relay-typing.ts',
    find: 'if (await endIfOver(socketDeps, grant, connection_id)) return undefined;',
    replace: 'if (!grant) await endIfOver(socketDeps, grant, connection_id);',
    caughtBy: ['test/table/permissions.test.ts', 'the role of relayTyping'],
  },
  {
    name: 'a connection is not over before its time',
    file: 'core/end-connection.ts',
    find: 'toSeconds(now()) >= expires_at',
    replace: 'toSeconds(now()) > expires_at',
    caughtBy: [test, 'a connection over its time is ended by a frame'],
  },
  {
    name: 'a connection that has closed is forgotten',
    file: 'core/close-connection.ts',
    find: 'await deleteConnection(table, user, connection_id);',
    replace: 'if (!user) await deleteConnection(table, user, connection_id);',
    caughtBy: [test, 'a connection is stored with its end, and forgotten'],
  },
];

/** Pushes: which devices get frames, and which of them. */
const pushing: Mutation[] = [
  {
    name: 'nothing is posted to a connection that is over its time',
    file: push,
    find: 'if (isRefused || isOver(deps, connection)) {',
    replace: 'if (isRefused) {',
    caughtBy: [test, 'a push ends a connection that is over its time also'],
  },
  {
    name: 'nothing more is posted once the time of a connection has ended',
    file: push,
    find: 'if (isOver(deps, connection)) return { posted, failed: 0, ended: 0 };',
    replace: '',
    caughtBy: [test, 'a push stops when the time of a connection ends'],
  },
  {
    name: 'nothing is posted to a suspended user',
    file: push,
    find: 'if (isRefused || isOver(deps, connection)) {',
    replace: 'if (!isRefused && isOver(deps, connection)) {',
    caughtBy: [test, 'a push ends the connections of a suspended user'],
  },
  {
    name: 'a connection that is gone is forgotten',
    file: push,
    find: '    await deleteConnection(table, user, connection_id);\n',
    replace: '    if (!table) await deleteConnection(table, user, connection_id);\n',
    caughtBy: [test, 'a push forgets a connection that is gone'],
  },
  {
    name: 'a connection that fails is not tried again for half a minute',
    file: push,
    find: 'memory.unresponsive.set(connection_id, true);',
    replace: '',
    caughtBy: [test, 'a push tries a connection that fails again'],
  },
  {
    name: 'a connection that fails gets no more frames of the batch',
    file: push,
    find: 'return { posted, failed: events.length - posted, ended: 0 };',
    replace: 'continue;',
    caughtBy: [test, 'a push tries a connection that fails again'],
  },
  {
    name: 'a connection that failed is tried again after half a minute',
    file: 'core/deps.ts',
    find: '...minute, ttl: 30_000',
    replace: '...minute',
    caughtBy: [test, 'a push tries a connection that fails again'],
  },
  {
    name: 'no device waits for another',
    file: push,
    find: 'eventsFor(user)), {\n    concurrency,\n  });',
    replace: 'eventsFor(user)), {\n    concurrency: 1,\n  });',
    caughtBy: [test, 'a push delays no device'],
  },
  {
    name: 'a device gets the events of its user only',
    file: push,
    find: 'events.filter(({ to }) => to.user_uuid === user)',
    replace: 'events.filter(({ to }) => to || user)',
    caughtBy: [test, 'each of the two clears, mutes and marks as unread on their own'],
  },
  {
    name: 'a head is read for connected participants only',
    file: events,
    find: 'users.some(isConnected)',
    replace: 'users.some((user) => isConnected(user) || user)',
    caughtBy: [test, 'a push costs one read of the head a process'],
  },
  {
    name: 'participants are read once',
    file: events,
    find: 'memory.participants.set(id, participantIds(head));',
    replace: '',
    caughtBy: [test, 'a push costs one read of the head a process'],
  },
  {
    name: 'no message passes a block to a device',
    file: events,
    find: 'user_uuid === message.sender.user_uuid || !isBlocked',
    replace: 'user_uuid === message.sender.user_uuid || isBlocked !== undefined',
    caughtBy: [test, 'each of the two gets nothing of the other while'],
  },
  {
    name: 'no row tells of a deletion through a block',
    file: events,
    find: 'if (isBlocked && !isHidden && row.message !== textBefore) return [];',
    replace: 'if (isBlocked && isHidden && row.message !== textBefore) return [];',
    caughtBy: [test, 'each of the two gets nothing of the other while'],
  },
  {
    name: 'no row that has moved passes a block',
    file: events,
    find: 'row.message !== textBefore) return [];',
    replace: 'row.message !== (textBefore ?? row.message)) return [];',
    caughtBy: [test, 'each of the two gets nothing that was sent before a block'],
  },
  {
    name: 'no reading passes a block',
    file: events,
    find: 'const mayAllKnow = !isBlocked && both',
    replace: 'const mayAllKnow = both',
    caughtBy: [test, 'each of the two gets nothing of the other while'],
  },
  {
    name: 'no device gets a message that its user has cleared',
    file: events,
    find: '!hasCleared(head, user_uuid, message.created_at)',
    replace: '!hasCleared(head, user_uuid, message.created_at) || !!user_uuid',
    caughtBy: [test, 'each of the two gets nothing of what they have cleared'],
  },
  {
    name: 'no device gets a row that shows what its user has cleared',
    file: events,
    find: 'if (!isHidden && hasCleared(head, owner, row.last_message_at)) return [];',
    replace: '',
    caughtBy: [test, 'each of the two gets nothing of what they have cleared'],
  },
  {
    name: 'a hidden row shows no text',
    file: 'handlers/socket/frames.ts',
    find: "message_group: { ...message_group, message: '' }",
    replace: 'message_group',
    caughtBy: [test, 'each of the two clears, mutes and marks as unread on their own'],
  },
  {
    name: 'a row is told to its owner only',
    file: events,
    find: 'both.filter(({ user_uuid }) => user_uuid === owner)',
    replace: 'both.filter(({ user_uuid }) => user_uuid !== owner || user_uuid)',
    caughtBy: [test, 'each of the two clears, mutes and marks as unread on their own'],
  },
  {
    name: 'what is cleared is told to its user only',
    file: events,
    find: "events.push({ to: reader, event: { type: 'message_group.cleared'",
    replace: "for (const to of both) events.push({ to, event: { type: 'message_group.cleared'",
    caughtBy: [test, 'each of the two clears, mutes and marks as unread on their own'],
  },
  {
    name: 'nobody is told of readings without receipts',
    file: events,
    find: '!isBlocked && both.every(({ read_receipts }) => read_receipts)',
    replace: '!isBlocked',
    caughtBy: [test, 'each of the two is told no reading'],
  },
  {
    name: 'own devices learn of readings without receipts',
    file: events,
    find: 'to === reader || mayAllKnow',
    replace: 'mayAllKnow',
    caughtBy: [test, 'each of the two is told no reading'],
  },
  {
    name: 'a head that changes otherwise tells of no reading',
    file: events,
    find: 'if (read !== before.read[user_uuid]) {',
    replace: 'if (read || !before.read[user_uuid]) {',
    caughtBy: [test, 'each of the two learns of nothing that is read'],
  },
  {
    name: 'an event shows a message by the name that its sender has now',
    file: events,
    find: '{ ...change.message, sender: named(change.message.sender) }',
    replace: '(named(change.message.sender), change.message)',
    caughtBy: [test, 'each of the two sees names as they are now'],
  },
  {
    name: 'a new message is not told as a changed one',
    file: changes,
    find: "isNew: eventName === 'INSERT'",
    replace: "isNew: eventName !== 'INSERT'",
    caughtBy: [test, 'each of the two gets a new message'],
  },
];

/** Typing: to whom it is told. */
const telling: Mutation[] = [
  {
    name: 'typing is told at most once a second',
    file: typing,
    find: 'if (now < (memory.typing.get(told) ?? 0) + pause) return;',
    replace: '',
    caughtBy: [test, 'typing is told to the other one'],
  },
  {
    name: 'typing of a stranger is refused',
    file: typing,
    find: '!head || !isParticipant(head, user_uuid)',
    replace: '!head',
    caughtBy: [test, 'typing in the conversation of others is refused'],
  },
  {
    name: 'no typing passes a block',
    file: typing,
    find: 'if (isClosed(head)) return;',
    replace: '',
    caughtBy: [test, 'typing is not told while'],
  },
  {
    name: 'no typing is told without receipts',
    file: typing,
    find: 'if (!participantIds(head).every((id) => users.get(id)?.read_receipts)) return;',
    replace: '',
    caughtBy: [test, 'typing is not told while'],
  },
  {
    name: 'no typing of a suspended user is told',
    file: typing,
    find: 'if (isUnavailable(users.get(user_uuid) ?? {})) return;',
    replace: '',
    caughtBy: [test, 'typing of a suspended user'],
  },
];

/** The WebSocket API: tickets, connections, and what is posted to them. */
export const realtime: Mutation[] = [...connecting, ...pushing, ...telling];
