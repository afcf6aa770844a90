import {
  type Behaviour,
  messagesPerProjection,
  pingInterval,
  pollsPerSession,
  slowPoll,
  statesPerSession,
} from './behaviour.ts';
import { batchDuration, connecting, type OperationName, operations, ping, projection, push } from './operations.ts';

/** How clients learn of new messages: by `polling` alone, or by `realtime`, a WebSocket beside a slow poll. */
export type Client = 'polling' | 'realtime';

/** What one user who is active on a day causes on that day. */
export interface DailyLoad {
  requests: Record<OperationName, number>;
  messages: number;
  projections: number;
  /** WebSocket: connections made, minutes connected, pings, messages posted to devices. All 0 while clients poll. */
  sockets: { connections: number; minutes: number; pings: number; posts: number };
}

/** @param window seconds of the stream that one batch takes in */
export function dailyLoad(of: Behaviour, client: Client, window: number): DailyLoad {
  const isRealtime = client === 'realtime';
  const messages = of.messagesPerDay;
  const readings = messages / of.burst; // a user receives as many messages as they send, and reads a burst at once
  const polls = of.sessionsPerDay * (isRealtime ? Math.floor(of.session / slowPoll) : pollsPerSession(of));
  return {
    requests: {
      send: messages - of.firstContactsPerDay,
      firstContact: of.firstContactsPerDay,
      markRead: readings,
      pollInbox: polls,
      pollConversation: polls * of.conversationOpen,
      pollState: (isRealtime ? polls : of.sessionsPerDay * statesPerSession(of)) * of.conversationOpen,
      openInbox: of.sessionsPerDay,
      openConversation: of.sessionsPerDay * of.openedPerSession,
      whoAmI: of.sessionsPerDay,
      search: of.searchesPerDay,
      signUp: of.newUsersPerDay / of.activeDaily,
      renew: of.renewalsPerDay,
      ticket: isRealtime ? of.sessionsPerDay : 0,
    },
    messages,
    projections: messages / messagesPerProjection(of, window),
    sockets: {
      connections: isRealtime ? of.sessionsPerDay : 0,
      minutes: isRealtime ? (of.sessionsPerDay * of.session) / 60 : 0,
      pings: isRealtime ? (of.sessionsPerDay * of.session) / pingInterval : 0,
      // Of each message, the message and the changed inbox row, of each reading one event: to the connected devices of both users.
      posts: isRealtime ? (2 * messages + readings) * 2 * of.devices * of.online : 0,
    },
  };
}

/**
 * What a device causes in an hour in which it is connected and nothing happens.
 * @param isVisible a page that is on the screen, with a conversation open; otherwise a tab in the background
 * @param connections made in an hour: each ends with its access token
 */
export function idleHour(isVisible: boolean, connections: number): DailyLoad {
  const polls = isVisible ? 3_600 / slowPoll : 0;
  const none = Object.fromEntries(Object.keys(operations).map((name) => [name, 0])) as Record<OperationName, number>;
  return {
    requests: {
      ...none,
      pollInbox: polls,
      pollConversation: polls,
      pollState: polls,
      renew: connections,
      ticket: connections,
    },
    messages: 0,
    projections: 0,
    sockets: { connections, minutes: 60, pings: 3_600 / pingInterval, posts: 0 },
  };
}

/** What a user's day uses. */
export interface DailyUse {
  writes: number;
  reads: number;
  /** Requests to the HTTP API. */
  requests: number;
  runs: number;
  /** Seconds that functions run. */
  functionSeconds: number;
  /** To the internet. */
  bytes: number;
}

/** @param perBatch conversations that one batch of the projector covers, on average */
export function dailyUse({ requests, messages, projections, sockets }: DailyLoad, perBatch = 1): DailyUse {
  const use: DailyUse = { writes: 0, reads: 0, requests: 0, runs: 0, functionSeconds: 0, bytes: 0 };
  const add = (count: number, { writes, reads, duration }: { writes: number; reads: number; duration: number }) => {
    use.writes += count * writes;
    use.reads += count * reads;
    use.functionSeconds += (count * duration) / 1_000;
  };
  for (const [name, count] of Object.entries(requests) as [OperationName, number][]) {
    add(count, operations[name]);
    use.requests += count;
    use.runs += count;
    use.bytes += count * operations[name].bytes;
  }
  const batches = projections / perBatch;
  add(projections, { ...projection, duration: batchDuration(perBatch) / perBatch });
  use.runs += batches;
  if (sockets.connections > 0) {
    add(sockets.connections, connecting);
    use.runs += sockets.connections * connecting.runs;
    add(sockets.pings, ping);
    use.runs += sockets.pings;
    add(messages, { writes: 0, reads: push.readsPerMessage, duration: 0 });
    add(sockets.posts, { writes: 0, reads: 0, duration: push.duration });
    use.runs += 2 * batches; // the push function runs for the messages, and for the rows of the projections
    use.bytes += sockets.posts * push.bytes;
  }
  return use;
}
