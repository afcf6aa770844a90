import type { Uuid } from '../../../core/model/id.ts';
import * as items from '../../../core/table/items.ts';
import { writeUnits } from '../../costs/rules.ts';
import { shown } from '../../harness/numbers.ts';
import type { Block } from '../../harness/suite.ts';
import { behaviour } from '../behaviour.ts';
import { type Limit, limits } from '../limits.ts';
import { type Client, dailyLoad, dailyUse } from '../load.ts';
import { batchDuration, operations, projection, searchReads } from '../operations.ts';
import * as quotas from '../quotas.ts';
import { pollWindow } from '../scenes.ts';
import type { Settings } from '../settings.ts';
import { decades, users } from './cost.ts';

const kinds: Record<Limit['kind'], string> = {
  ours: 'ours',
  account: 'quota, raised on request',
  fixed: 'quota, fixed',
};

const everybody = 1e10; // more users than there are people

/** To two digits: the assumptions do not carry more. */
const rough = (count: number) => (count > everybody ? 'never' : Number(count.toPrecision(2)).toLocaleString('en'));

export const limitsOf = (settings: Settings, client: Client): Limit[] =>
  limits({ behaviour, client, settings, window: pollWindow + settings.stream.batchWindow });

export function limitBlocks(settings: Settings): Block[] {
  const today = limitsOf(settings, 'polling');
  const later = limitsOf(settings, 'realtime');
  const bars = today.filter(({ newYearUsers }) => newYearUsers <= everybody);
  return [
    {
      kind: 'text',
      text: `### The first limits

A limit is met by as many users as its quota divided by what one user needs. The first column of users is for the busiest hour of an
ordinary day, the second for the minute after midnight of New Year's Eve, both with the default quotas of an AWS account. Once a limit is
raised, the next one is the first. A rate limit of ours is taken to count each route by itself.`,
    },
    {
      kind: 'plot',
      name: 'scale-limits',
      title: 'Users who meet a limit on New Year’s Eve (clients poll)',
      form: 'bars',
      x: { label: 'monthly active users', scale: 'log', from: 1_000 },
      y: { label: '', categories: bars.map(({ what }) => what) },
      series: [{ name: 'users', points: bars.map(({ newYearUsers }, index) => [newYearUsers, index]) }],
    },
    {
      kind: 'table',
      title: 'Limits on the way, in the order in which they are met (New Year’s Eve, clients poll)',
      columns: ['up to so many users', 'limits met, and by how many'],
      rows: decades.map((count) => {
        const met = today.filter(({ newYearUsers }) => newYearUsers <= count && newYearUsers > count / 10);
        return [
          users(count),
          met.map(({ what, newYearUsers }) => `${what} (${rough(newYearUsers)})`).join('; ') || 'none',
        ];
      }),
    },
    {
      kind: 'table',
      title: 'All limits, and what to change then',
      columns: [
        'limit',
        'kind',
        'value',
        'users, ordinary day',
        'users, New Year’s Eve',
        'with realtime',
        'what to change',
      ],
      rows: [...today, ...later.filter(({ id }) => !today.some((limit) => limit.id === id))].map((limit) => [
        limit.what,
        kinds[limit.kind],
        `${shown(limit.quota)} ${limit.unit}`,
        limit.users === undefined ? '–' : rough(limit.users),
        today.includes(limit) ? rough(limit.newYearUsers) : '–',
        rough(later.find(({ id }) => id === limit.id)?.newYearUsers ?? limit.newYearUsers),
        limit.change,
      ]),
    },
    {
      kind: 'table',
      title: 'How many times the default quota is needed (New Year’s Eve, with realtime)',
      columns: ['quota', ...decades.map(users)],
      rows: later
        .filter(({ kind, id }) => kind === 'account' && id !== 'warm')
        .map(({ what, newYearUsers }) => [
          what,
          ...decades.map((count) => (count <= newYearUsers ? '' : `${shown(count / newYearUsers)} ×`)),
        ]),
    },
    {
      kind: 'text',
      text: `AWS does not publish how far it raises a quota. One account and one table are a safe plan up to about ten times the default, which
carries some millions of users. Beyond that, plan **cells**: an AWS account with an API, a table and a pool each, with a part of the users.
A user's inbox, receipts and connections belong to the user's cell; a conversation belongs to the cell of one of its participants. The
two inbox rows can then not be written in one transaction with the head. They need not be: each row follows from the head alone, so each
can be written by itself, if it carries \`rows_rev\` and never goes back. This is the only change of the design that the model asks for.`,
    },
    ...keyBlocks(settings),
  ];
}

/** Keys that many writes share, whatever the number of users. */
function keyBlocks(settings: Settings): Block[] {
  const writes = quotas.partitionWrites.value;
  const reads = quotas.partitionReads.value;
  const item = writeUnits(1, 'transactional'); // of up to 1 KB
  const user = '<user>' as Uuid;
  const conversation = '<conversation>' as Uuid;
  const { batchSize, parallelization } = settings.stream;
  const perMessage = dailyUse(dailyLoad(behaviour, 'polling', pollWindow)).writes / behaviour.messagesPerDay;
  const perShard = writes / perMessage;
  const projected = (parallelization * batchSize * 1_000) / batchDuration(batchSize);
  const key = (pk: string) => `\`${pk}\``;
  return [
    {
      kind: 'text',
      text: `### Keys of ours

A partition takes ${shown(writes)} write units and ${shown(reads)} read units a second, whatever one pays. So a key that many share is a limit of our own.`,
    },
    {
      kind: 'table',
      title: 'What one key takes',
      columns: ['key', 'units', 'at most', 'when it hurts', 'what would replace it'],
      rows: [
        [
          key(items.handles('s')),
          `${searchReads} read unit a search, ${item} write units a sign-up`,
          `${shown(reads / searchReads)} searches/s and ${shown(writes / item)} sign-ups/s with one first letter, as long as DynamoDB keeps the letter in one partition: a busy one it may split by the sort key, the handle`,
          'see the limits above',
          'For searches: items of their own, whose key has the first two letters of handle and name; they come next. For handles: nothing. This key makes a handle unique.',
        ],
        [
          key(items.headKey(conversation).pk),
          `${item} write units for each send, projection and reading`,
          `${shown(writes / (3 * item))} messages/s in one conversation, if each is projected and read. Before that, about 100 sends/s: each follows the one before it, and a transaction takes about 10 ms (assumed)`,
          'never for two users who type, but for programs',
          'Nothing: the head numbers the messages. A rate limit for each user and conversation comes.',
        ],
        [
          key(items.messages(conversation)),
          `${item} write units for each send`,
          `${shown(writes / item)} messages/s`,
          'never: the head is the limit',
          '–',
        ],
        [
          key(items.inbox(user)),
          `${2 * item} write units for each projection of one of the user’s conversations: the row is deleted and put`,
          `${shown(writes / (2 * item))} messages/s to and from one user`,
          'for a support address, a bot, or a service that writes to all users under one handle',
          'A batch window. Then a shard number in the key, for such users alone; a page of their inbox asks all shards.',
        ],
        [
          key(items.receiptKey(user, '').pk),
          `${item} write units for each send with a key`,
          `${shown(writes / item)} sends/s of one user`,
          'for programs',
          'The rate limit that comes.',
        ],
        [
          `${key(items.userKey(user).pk)}, ${key(items.identityKey('<sub>').pk)}`,
          '1 read unit for each request of a function that does not remember the user',
          `${shown(reads)} requests/s of one user`,
          'for programs',
          'The claim in the token, as above.',
        ],
      ],
    },
    {
      kind: 'text',
      text: `**The stream does not limit.** A partition that takes its ${shown(writes)} write units stores ${shown(perShard)} messages a second (a message costs
${shown(perMessage)} write units, all in: send ${operations.send.writes}, projection ${projection.writes}, and its part of a reading). The projector takes ${shown(projected)} a second
from one shard (\`parallelizationFactor\` ${parallelization}, batches of ${batchSize}, ${shown(batchDuration(batchSize))} ms each): ${shown(projected / perShard)} times as many. It falls behind only
where it gets no write units or no concurrent runs. The model takes it that each partition has one open shard. A shard serves ${quotas.shardReaders.value}
consumers: the projector is one, the push is the other, and there is no place for a third.`,
    },
  ];
}
