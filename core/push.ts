import pMap from 'p-map';
import type { Deps, SocketDeps } from './deps.ts';
import { endConnection } from './end-connection.ts';
import type { Connection } from './model/connection.ts';
import type { Uuid } from './model/id.ts';
import { toSeconds } from './model/time.ts';
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
 * The connections of users that may get events now. One that is over its time is ended and forgotten.
 * @returns by user_uuid; a user without one is missing
 * @throws DomainError `throttled`
 */
export async function connectionsOf(deps: Deps & SocketDeps, users: Iterable<Uuid>): Promise<Map<Uuid, Connection[]>> {
  const now = toSeconds(deps.now());
  const open = new Map<Uuid, Connection[]>();
  await pMap(
    new Set(users),
    async (user) => {
      const all = await getConnections(deps.table, user);
      for (const { connection_id } of all.filter(({ expires_at }) => expires_at <= now))
        await forget(deps, user, connection_id);
      const usable = all.filter(({ expires_at }) => expires_at > now);
      if (usable.length > 0) open.set(user, usable);
    },
    { concurrency },
  );
  return open;
}

/**
 * Posts events to all devices of the users whom they are for, in the order given for each device. A device that does not answer, or answers
 * with an error, gets no more of these events, and none for half a minute: it learns by asking what it has missed. One that is gone is
 * forgotten. The connections of a suspended user are ended.
 * @param connections as {@link connectionsOf} found them; undefined: it asks for them
 * @throws DomainError `throttled`
 */
export async function pushTo<Event>(
  deps: Deps & Push<Event>,
  events: readonly Addressed<Event>[],
  connections?: ReadonlyMap<Uuid, readonly Connection[]>,
): Promise<Pushed> {
  const users = new Map(events.map(({ to }) => [to.user_uuid, to]));
  const open = connections ?? (await connectionsOf(deps, users.keys()));
  const devices = [...users.values()].flatMap((user) =>
    (open.get(user.user_uuid) ?? []).map(({ connection_id }) => ({ user, connection_id })),
  );
  const outcomes = await pMap(
    devices,
    ({ user, connection_id }) => {
      if (user.suspended_at) return forget(deps, user.user_uuid, connection_id);
      const frames = events.filter(({ to }) => to === user || to.user_uuid === user.user_uuid);
      return postAll(
        deps,
        user,
        connection_id,
        frames.map(({ event }) => deps.frameOf(event, user)),
      );
    },
    { concurrency },
  );
  const sum = (part: keyof Pushed) => outcomes.reduce((total, outcome) => total + outcome[part], 0);
  return { posted: sum('posted'), failed: sum('failed'), ended: sum('ended') };
}

async function postAll(
  deps: Deps & SocketDeps,
  { user_uuid }: UserWithSettings,
  connection_id: string,
  frames: readonly string[],
): Promise<Pushed> {
  const { table, sockets, memory } = deps;
  if (memory.unresponsive.has(connection_id)) return { posted: 0, failed: frames.length, ended: 0 };
  for (const [posted, frame] of frames.entries()) {
    const delivery = await sockets.post(connection_id, frame);
    if (delivery === 'posted') continue;
    if (delivery === 'failed') {
      memory.unresponsive.set(connection_id, true);
      return { posted, failed: frames.length - posted, ended: 0 };
    }
    await deleteConnection(table, user_uuid, connection_id);
    return { posted, failed: 0, ended: 1 };
  }
  return { posted: frames.length, failed: 0, ended: 0 };
}

/** Ends a connection. Its item is gone even if API Gateway does not answer. */
async function forget(deps: Deps & SocketDeps, user: Uuid, connection_id: string): Promise<Pushed> {
  try {
    await endConnection(deps, user, connection_id);
  } catch {
    // The item is gone, so no function posts to it; or it is left, and the next one that meets it tries again.
  }
  return { posted: 0, failed: 0, ended: 1 };
}
