import { LRUCache } from 'lru-cache';
import type { Caller } from './model/account.ts';
import type { Head } from './model/head.ts';
import type { Uuid } from './model/id.ts';
import { defaultLimits, type Limits } from './model/limits.ts';
import type { Timestamp } from './model/time.ts';
import type { UserWithSettings } from './model/user.ts';
import type { Sockets } from './sockets/client.ts';
import type { Table } from './table/client.ts';
import { type Runtime, timeOf } from './table/runtime.ts';
import type { UserPool } from './user-pool/client.ts';

/** The dependencies of every verb: a plain object, passed in. */
export interface Deps {
  table: Table;
  now: () => Timestamp;
  newId: () => Uuid;
  /**
   * How long, in milliseconds, a write may be retried after losing to concurrent writes. It is well under a
   * function's timeout.
   */
  retryBudget: number;
  memory: Memory;
  limits: Limits;
}

/**
 * The Cognito user pool, for the verbs (the functions in core/) that need it. `Call` names the methods that a verb
 * calls.
 */
export interface UserPoolDeps<Call extends keyof UserPool> {
  userPool: Pick<UserPool, Call>;
}

/** The WebSockets, for the verbs that need them. */
export interface SocketDeps {
  sockets: Sockets;
}

/**
 * The cache of a warm process. An outdated entry does no harm: every write is conditional, and when a condition
 * fails, the entries that it proves wrong are replaced or removed.
 */
export interface Memory {
  /** By message_group_uuid: the head as last read or written. */
  heads: LRUCache<Uuid, Head>;
  /** Users by Cognito `sub`. An entry is kept for at most a minute, so that a new display name is soon shown. */
  users: LRUCache<string, Caller>;
  /** The same users and others by their uuid, as long. */
  usersById: LRUCache<Uuid, UserWithSettings>;
  /** By user_uuid: what the user has used of their limit of new conversations, as this process wrote it last. */
  conversationsUntil: LRUCache<Uuid, number>;
  /** By user_uuid: when the user searched for others within the last minute, in milliseconds since 1970. */
  searches: LRUCache<Uuid, readonly number[]>;
  /** By message_group_uuid: its participants, who never change. */
  participants: LRUCache<Uuid, readonly [Uuid, Uuid]>;
  /** By connection: those that did not take a frame within the last half minute. */
  unresponsive: LRUCache<string, true>;
  /** By message_group_uuid and user_uuid: when the user was last told to be writing, in milliseconds since 1970. */
  typing: LRUCache<string, number>;
  /** By message_group_uuid: the send that was queued last in this process. The next send waits until it has ended. */
  queues: Map<Uuid, Promise<unknown>>;
}

/**
 * @param runtime the clock that tells the age of the entries
 * @param max how many users, how many heads, and the searches of how many users it remembers
 */
export function newMemory({ millis }: Pick<Runtime, 'millis'>, max = 1_000): Memory {
  const minute = { ttl: 60_000, ttlResolution: 0, perf: { now: millis } };
  return {
    heads: new LRUCache({ max }),
    users: new LRUCache({ max, ...minute }),
    usersById: new LRUCache({ max, ...minute }),
    conversationsUntil: new LRUCache({ max }),
    searches: new LRUCache({ max, ...minute }),
    participants: new LRUCache({ max }),
    unresponsive: new LRUCache({ max, ...minute, ttl: 30_000 }),
    typing: new LRUCache({ max, ...minute }),
    queues: new Map(),
  };
}

/** The dependencies of a process; tests and commands replace some of them. */
export function newDeps(table: Table, replaced: Partial<Deps> = {}): Deps {
  const { runtime } = table;
  return {
    table,
    now: () => timeOf(runtime),
    newId: () => runtime.newId() as Uuid,
    retryBudget: 6_000,
    memory: replaced.memory ?? newMemory(runtime),
    limits: defaultLimits,
    ...replaced,
  };
}

/** The deadline of a verb that begins now: milliseconds since 1970, after which no further attempt begins. */
export const deadlineOf = ({ table, retryBudget }: Pick<Deps, 'table' | 'retryBudget'>): number =>
  table.runtime.millis() + retryBudget;
