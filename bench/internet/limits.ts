import { type Behaviour, onlinePeak } from './behaviour.ts';
import { type Client, type DailyLoad, dailyLoad, dailyUse } from './load.ts';
import { operations, searchReads } from './operations.ts';
import * as quotas from './quotas.ts';
import type { Settings } from './settings.ts';
import { rise } from './simulation/day.ts';

/** What limits the service, and from how many monthly active users on. */
export interface Limit {
  id: string;
  what: string;
  /** `ours`: a setting or a key of this service; `account`: a quota that AWS raises; `fixed`: a quota that it does not raise. */
  kind: 'ours' | 'account' | 'fixed';
  quota: number;
  unit: string;
  /** Monthly active users who reach the quota in the busiest hour of an ordinary day; undefined if no ordinary day is a reason. */
  users?: number;
  /** The same, in the minute after midnight of New Year's Eve. */
  newYearUsers: number;
  /** What to change then. */
  change: string;
}

interface Context {
  behaviour: Behaviour;
  client: Client;
  settings: Settings;
  window: number;
}

/** Grows with the messages, with the users who are online, or not at all at a peak. */
type Growth = 'messages' | 'online' | 'none';

/** @returns every limit that applies, the first to be met first */
export function limits({ behaviour: of, client, settings, window }: Context): Limit[] {
  const load = dailyLoad(of, client, window);
  const use = dailyUse(load);
  const perSecond = (of.activeDaily * of.dailyPeak) / 86_400; // of a user's daily count, in the busiest hour
  const growths: Record<Growth, number> = { messages: of.newYearPeak, online: onlinePeak(of), none: 1 };
  const busiestRoute = load.requests.pollInbox + load.requests.openInbox;

  const limit = (
    id: string,
    what: string,
    kind: Limit['kind'],
    { value: quota, unit }: { value: number; unit: string },
    parts: [Growth, number][],
    change: string,
  ): Limit => {
    const demand = (isNewYear: boolean) =>
      parts.reduce((sum, [growth, count]) => sum + count * (isNewYear ? growths[growth] : 1), 0);
    return {
      id,
      what,
      kind,
      quota,
      unit,
      users: quota / demand(false),
      newYearUsers: quota / demand(true),
      change,
    };
  };
  const route = (name: string) => ({ value: settings.limitOf(name).rate, unit: 'requests/s' });
  const shares = splitByGrowth(load);

  const all = [
    limit(
      'route-default',
      'our rate limit: polling the inbox',
      'ours',
      route('GET /api/message_groups'),
      [['online', busiestRoute * perSecond]],
      'Raise it in [throttling.yml](../resources/throttling.yml). It protects a small deployment from a large bill.',
    ),
    limit(
      'route-send',
      'our rate limit: sending',
      'ours',
      route('POST /api/messages'),
      [['messages', load.messages * perSecond]],
      'Raise it, as above.',
    ),
    limit(
      'route-renew',
      'our rate limit: renewing sessions',
      'ours',
      route('POST /session'),
      [['online', load.requests.renew * perSecond]],
      'Raise it, as above.',
    ),
    limit(
      'route-search',
      'our rate limit: searching',
      'ours',
      route('GET /api/users'),
      [['online', load.requests.search * perSecond]],
      'Raise it, as above.',
    ),
    limit(
      'emails',
      'e-mails that confirm sign-ups',
      'fixed',
      quotas.emails,
      [['none', of.newUsersPerDay]],
      'Give the user pool an `EmailConfiguration` with SES: see [operations](operations.md#deploy).',
    ),
    limit(
      'gateway',
      'requests to API Gateway',
      'account',
      quotas.gatewayRequests,
      [
        ['messages', (shares.messages.requests + load.sockets.posts) * perSecond],
        ['online', (shares.online.requests + load.sockets.connections) * perSecond],
      ],
      client === 'polling'
        ? 'Ask for a higher quota; realtime takes most of the polling away.'
        : 'Ask for a higher quota; from about ten times the default on, split the users between accounts (cells).',
    ),
    limit(
      'concurrency',
      'concurrent function runs',
      'account',
      quotas.concurrency,
      [
        ['messages', (use.functionSeconds - shares.online.functionSeconds) * perSecond],
        ['online', shares.online.functionSeconds * perSecond],
      ],
      'Ask for a higher quota, and set `reservedConcurrency`, so that polling cannot take the runs that sending and projecting need.',
    ),
    atPeaksOnly(
      limit(
        'scaling',
        'new environments of the sending function',
        'fixed',
        quotas.scaling,
        [['messages', (load.messages * perSecond * operations.send.duration) / 1_000 / rise]],
        'Provision concurrency for the night.',
      ),
    ),
    limit(
      'runs',
      'function runs per second',
      'account',
      {
        value: quotas.concurrency.value * quotas.runsPerConcurrency.value,
        unit: 'runs/s',
      },
      [
        ['messages', (use.runs - shares.online.requests) * perSecond],
        ['online', shares.online.requests * perSecond],
      ],
      'It is ten times the quota of concurrent runs: ask for more of them.',
    ),
    limit(
      'table-writes',
      'write units of the table',
      'account',
      quotas.tableWrites,
      [['messages', use.writes * perSecond]],
      'Ask for a higher quota of the table; set a `batchWindow`, see above.',
    ),
    limit(
      'table-reads',
      'read units of the table',
      'account',
      quotas.tableReads,
      [
        ['messages', (use.reads - shares.online.reads) * perSecond],
        ['online', shares.online.reads * perSecond],
      ],
      'Ask for a higher quota of the table; save the reads for the caller, see above.',
    ),
    atPeaksOnly(
      limit(
        'warm',
        'write units of a table that was never busier',
        'account',
        quotas.newTableWrites,
        [['messages', use.writes * perSecond]],
        'From one day to the next the table grows with its users. Before a known peak, set its warm throughput.',
      ),
    ),
    limit(
      'cognito',
      'renewing sessions in Cognito',
      'account',
      quotas.signIns,
      [['online', load.requests.renew * perSecond]],
      'Buy a higher rate for the category UserAuthentication. AWS expects the default to carry two million users; this web client renews more often, since it renews whenever a page is loaded.',
    ),
    limit(
      'sign-ups',
      'signing up in Cognito',
      'account',
      quotas.signUps,
      [['none', (2 * of.newUsersPerDay * of.dailyPeak) / 86_400]],
      'Buy a higher rate for the category UserCreation.',
    ),
    limit(
      'pool',
      'registered users of a pool',
      'account',
      quotas.poolUsers,
      [['none', of.registered]],
      'Ask for a higher quota, or give each cell its own pool.',
    ),
    limit(
      'letter-search',
      'searches for the most frequent first letter',
      'ours',
      quotas.partitionReads,
      [['online', load.requests.search * searchReads * of.topLetter * perSecond]],
      'Search items with the first two letters in their key, which come next. Handles keep theirs: see below.',
    ),
    limit(
      'two-letters',
      'the same with search items (comes)',
      'ours',
      quotas.partitionReads,
      [['online', load.requests.search * searchReads * of.topTwoLetters * perSecond]],
      'Three letters in their key.',
    ),
    limit(
      'letter-write',
      'sign-ups with the most frequent first letter',
      'ours',
      quotas.partitionWrites,
      [['none', (2 * of.newUsersPerDay * of.topLetter * of.dailyPeak) / 86_400]],
      'Nothing.',
    ),
    limit(
      'top-inbox',
      'the inbox to which most is written',
      'ours',
      quotas.partitionWrites,
      [['messages', load.projections * 4 * of.topRecipient * perSecond]],
      'See below.',
    ),
  ];
  if (client === 'realtime')
    all.push(
      limit(
        'connections',
        'new WebSocket connections',
        'account',
        quotas.newConnections,
        [['online', load.sockets.connections * perSecond]],
        'Ask for a higher quota; let clients keep a connection for a minute after a page is hidden.',
      ),
    );
  return all.sort((a, b) => a.newYearUsers - b.newYearUsers);
}

/** Without the users of an ordinary day: from one day to the next, it grows with them. */
const atPeaksOnly = ({ users: _, ...limit }: Limit): Limit => limit;

/** Parts of the daily load that grow with the messages, and those that grow with the users who are online. */
function splitByGrowth({ requests }: DailyLoad) {
  const byMessage = ['send', 'firstContact', 'markRead'];
  const parts = {
    messages: { requests: 0, reads: 0, functionSeconds: 0 },
    online: { requests: 0, reads: 0, functionSeconds: 0 },
  };
  for (const [name, count] of Object.entries(requests)) {
    const { reads, duration } = operations[name as keyof typeof operations];
    const part = byMessage.includes(name) ? parts.messages : parts.online;
    part.requests += count;
    part.reads += count * reads;
    part.functionSeconds += (count * duration) / 1_000;
  }
  return parts;
}

/** @returns the limits that this many users meet, the first first */
export const limitsMetBy = (users: number, of: Limit[]): Limit[] =>
  of.filter(({ newYearUsers }) => newYearUsers <= users);
