import pMap from 'p-map';
import type { Deps, SocketDeps } from './deps.ts';
import { isOver, tryToEnd } from './end-connection.ts';
import { isUnavailable } from './model/account.ts';
import type { Connection } from './model/connection.ts';
import type { Uuid } from './model/id.ts';
import type { UserWithSettings } from './model/user.ts';
import { deleteConnection } from './table/connections.ts';
import { getConnections } from './table/reads.ts';

/** What pushing needs beside the table. */
export interface Push<Event> extends SocketDeps {
  /** @returns the event as the JSON text that the user's devices get */
  frameOf: (event: Event, to: UserWithSettings) => string;
}

/** An event for a user. */
export interface Addressed<Event> {
  to: UserWithSettings;
  event: Event;
}

/** What became of events: numbers of frames, and of connections that were found to have ended. */
export interface Pushed {
  posted: number;
  failed: number;
  ended: number;
}

const concurrency = 50;

/**
 * The connections of users, also those that are over their time: {@link pushTo} ends them.
 * @returns by user_uuid; a user without one is missing
 * @throws DomainError `throttled`
 */
export async function connectionsOf({ table }: Deps, users: Iterable<Uuid>): Promise<Map<Uuid, Connection[]>> {
  const found = new Map<Uuid, Connection[]>();
  await pMap(
    new Set(users),
    async (user) => {
      const connections = await getConnections(table, user);
      if (connections.length > 0) found.set(user, connections);
    },
    { concurrency },
  );
  return found;
}

/**
 * Posts events to all devices of the users whom they are for, in the order given for each device. A device that does not answer, or answers
 * with an error, gets no more of these events, and none for half a minute: it learns by asking what it has missed. One that is gone is
 * forgotten. A connection that is over its time is ended, and so are those of a suspended user. No device waits for another.
 * @param connections as {@link connectionsOf} found them; undefined: it asks for them
 * @throws DomainError `throttled`
 */
export async function pushTo<Event>(
  deps: Deps & Push<Event>,
  events: readonly Addressed<Event>[],
  connections?: ReadonlyMap<Uuid, readonly Connection[]>,
): Promise<Pushed> {
  const eventsFor = (user: Uuid) => events.filter(({ to }) => to.user_uuid === user);
  const known =
    connections ??
    (await connectionsOf(
      deps,
      events.map(({ to }) => to.user_uuid),
    ));
  const devices = [...known].flatMap(([user, all]) => all.map((connection) => ({ user, connection })));
  const outcomes = await pMap(devices, ({ user, connection }) => postAll(deps, user, connection, eventsFor(user)), {
    concurrency,
  });
  const sum = (part: keyof Pushed) => outcomes.reduce((total, outcome) => total + outcome[part], 0);
  return { posted: sum('posted'), failed: sum('failed'), ended: sum('ended') };
}

async function postAll<Event>(
  deps: Deps & Push<Event>,
  user: Uuid,
  connection: Connection,
  events: readonly Addressed<Event>[],
): Promise<Pushed> {
  const { table, sockets, memory, frameOf } = deps;
  const { connection_id } = connection;
  const isRefused = events.some(({ to }) => isUnavailable(to));
  if (isRefused || isOver(deps, connection)) {
    await tryToEnd(deps, user, connection_id);
    return { posted: 0, failed: 0, ended: 1 };
  }
  if (memory.unresponsive.has(connection_id)) return { posted: 0, failed: events.length, ended: 0 };
  for (const [posted, { event, to }] of events.entries()) {
    // The time may end while a slow device takes its frames. The next function that meets the connection ends it.
    if (isOver(deps, connection)) return { posted, failed: 0, ended: 0 };
    const delivery = await sockets.post(connection_id, frameOf(event, to));
    if (delivery === 'posted') continue;
    if (delivery === 'failed') {
      memory.unresponsive.set(connection_id, true);
      return { posted, failed: events.length - posted, ended: 0 };
    }
    await deleteConnection(table, user, connection_id);
    return { posted, failed: 0, ended: 1 };
  }
  return { posted: events.length, failed: 0, ended: 0 };
}
