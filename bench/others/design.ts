import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Deps } from '../../core/deps.ts';
import type { User } from '../../core/model/user.ts';
import type { Layout } from '../costs/recorder.ts';

/** What one call of a function works with. Its clock and its memory are those of its process. */
export interface Invocation extends Pick<Deps, 'now' | 'newId' | 'memory'> {
  client: DynamoDBDocumentClient;
}

/** A message that a user's client wants to have sent. */
export interface Request {
  from: User;
  to: User;
  text: string;
  /** An idempotency key, the same for all attempts. Only ours knows one. */
  key?: string | undefined;
}

/** What the client learns from the answer. */
export interface Sent {
  conversation: string;
  created_at: string;
}

/** A conversation as an inbox lists it. */
export interface Row {
  conversation: string;
  /** The user_uuid of the other participant. */
  other: string;
  /** The text that it shows. */
  text: string;
  /** undefined in a design without unread counts */
  unread: number | undefined;
}

/** A message as a conversation lists it. */
export interface Listed {
  from: string;
  text: string;
}

/** A way to store conversations and inboxes: ours, or one that it is compared with. All have their tables in the same database. */
export interface Design {
  name: string;
  /** What costs depend on: the tables that have other keys than ours, or an index. */
  layouts: Record<string, Layout>;
  addUsers: (client: DynamoDBDocumentClient, users: User[]) => Promise<void>;
  /** Sends to a user with whom the client knows no conversation. */
  start: (on: Invocation, request: Request) => Promise<Sent>;
  /** Sends in a conversation. */
  send: (on: Invocation, request: Request, conversation: string) => Promise<Sent>;
  /** What follows a message: undefined in a design whose send does everything. */
  projector: Projector | undefined;
  /** undefined in a design without unread counts */
  markRead: ((on: Invocation, me: User, upTo: Sent) => Promise<void>) | undefined;
  /** A user's inbox, as the design's own read shows it: the most recent activity first. */
  inbox: (client: DynamoDBDocumentClient, me: User) => Promise<Row[]>;
  /** The newest 100 messages, as the design's own read shows them: the oldest first. */
  messages: (client: DynamoDBDocumentClient, me: User, conversation: string) => Promise<Listed[]>;
}

/** The function on a table's stream. */
export interface Projector {
  /** The table whose stream it follows. */
  table: string;
  /** Whether a record is about a new message: it ignores all others. */
  wants: (record: DynamoDBRecord) => boolean;
  /** Handles a batch. It rejects if the batch must be delivered again. */
  handle: (on: Invocation, batch: DynamoDBRecord[]) => Promise<void>;
  /** The number of calls to the database that a batch takes, at least. */
  calls: (batch: DynamoDBRecord[]) => number;
}

/** Where a design creates its tables. */
export interface Place {
  endpoint: string;
  /** Whether its tables have streams. DynamoDB Local writes the more slowly, the more records its streams hold. */
  withStream: boolean;
}
